// Builds what the package ships: dist/ (host code and its types), dist/image/ (what runs in a machine)
// and the platform package of this computer. Runs on Node 20.19 and newer.
import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, rmSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { fileURLToPath } from "node:url";
import { rolldown } from "rolldown";
import { platformPackage } from "../packages/platform.mjs";
import { wrap } from "./wrap.mjs";

const root = fileURLToPath(new URL("../", import.meta.url));
const dist = `${root}dist`;

/** What programs can see of our functions is their names, and the boot's own code rests on what it says. */
const named = { compress: false, mangle: { keepNames: true } };

/** One self-contained script of the machine image. Each machine holds most of them in memory. */
const images = [
  { entry: "src/kernel/main.ts", file: "kernel.cjs", minify: named },
  { entry: "src/kernel/loader.ts", file: "machine.cjs" },
  { entry: "src/guest/main.ts", file: "guest.js", minify: named },
  { entry: "src/programs/main.ts", file: "commands.cjs", minify: true },
  { entry: "src/kernel/archive/tar-stream.ts", file: "tar.cjs", minify: true },
  { entry: "src/jail/stage0/main.ts", file: "stage0.cjs" },
];

/** The compiler's process of `secure-exec/typescript`, which a guest runs as a module. */
const service = { entry: "src/typescript/service/main.ts", file: "../typescript/service.js", format: "esm" };

/** Makes the code caches of the image that lies beside it; no part of the image itself. */
const codeCache = { entry: "src/kernel/code-cache.ts", file: "code-cache.cjs" };

function run(script, args) {
  const { status, error } = spawnSync(process.execPath, [script, ...args], { cwd: root, stdio: "inherit" });
  if (error) throw error;
  if (status !== 0) process.exit(status ?? 1);
}

/** For this architecture alone; without it a machine compiles for itself, a few milliseconds more. */
function makeCodeCaches() {
  const target = platformPackage();
  if (target !== null && existsSync(join(target.bin, "node"))) run("scripts/code-caches.mjs", []);
  rmSync(`${dist}/image/${codeCache.file}`);
}

async function bundle({ entry, file, minify = false, format = "cjs" }) {
  const build = await rolldown({
    cwd: root,
    input: entry,
    platform: "node",
    // Node's internal modules, which --expose-internals makes requirable in a guest's boot.
    external: [/^node:/, /^internal\//],
    tsconfig: `${root}tsconfig.json`,
    transform: { target: "node26" },
  });
  const { output } = await build.generate({ format, minify, comments: false });
  await build.close();
  const path = `${dist}/image/${file}`;
  mkdirSync(dirname(path), { recursive: true });
  writeFileSync(path, wrap(file, output[0].code));
}

rmSync(dist, { recursive: true, force: true });
mkdirSync(`${dist}/image`, { recursive: true });
// A machine can read nothing outside the image, and OpenSSL insists on a configuration file.
writeFileSync(`${dist}/image/openssl.cnf`, "");
run("node_modules/typescript/bin/tsc", ["-p", "tsconfig.build.json"]);
await Promise.all([...images, service, codeCache].map(bundle));
run("packages/build.mjs", []);
makeCodeCaches();
