import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";

/** One self-contained CommonJS script of a file beside this one, for `new Worker(…, { eval: true })`. */
export async function bundle(file: string): Promise<string> {
  const build = await rolldown({
    input: fileURLToPath(new URL(file, import.meta.url)),
    platform: "node",
    external: [/^node:/, /^internal\//],
  });
  const { output } = await build.generate({ format: "cjs" });
  await build.close();
  return output[0].code;
}
