import { cpSync, rmSync, writeFileSync } from "node:fs";
import { fileURLToPath, pathToFileURL } from "node:url";
import { rolldown } from "rolldown";
import { wrap } from "../../scripts/wrap.mjs";

const root = fileURLToPath(new URL("../../", import.meta.url));
const copy = `${root}node_modules/.cache/secure-exec-open`;

type Library = typeof import("secure-exec");

/** The built library, but for its guests' boot, which is the one of `open-guest.ts`. */
export async function openLibrary(): Promise<Library> {
  rmSync(copy, { recursive: true, force: true });
  cpSync(`${root}dist`, `${copy}/dist`, { recursive: true });
  const build = await rolldown({
    cwd: root,
    input: "test/attack/open-guest.ts",
    platform: "node",
    external: [/^node:/, /^internal\//],
    transform: { target: "node26" },
  });
  const { output } = await build.generate({ format: "cjs" });
  await build.close();
  writeFileSync(`${copy}/dist/image/guest.js`, wrap("guest.js", output[0].code));
  return (await import(/* @vite-ignore */ pathToFileURL(`${copy}/dist/index.js`).href)) as Library;
}
