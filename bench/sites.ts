// Installs packages from npm's registry and builds two small sites with them, in a guest and on plain Node:
// `node bench/sites.ts`. Both get the packages in WebAssembly, and begin with nothing in npm's cache.
import { execFile } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { delimiter, dirname, join } from "node:path";
import { promisify } from "node:util";
import { NodeRuntime, registryOnly } from "secure-exec";
import { plainNode } from "./plain-node.ts";

const inWebAssembly = {
  esbuild: "npm:esbuild-wasm",
  lightningcss: "npm:lightningcss-wasm",
  rollup: "npm:@rollup/wasm-node",
};
const manifest = JSON.stringify({ name: "site", type: "module", overrides: inWebAssembly });

/** By their paths below the home. */
const files: Record<string, string> = {
  "vite/package.json": manifest,
  "vite/index.html": '<!doctype html><p id="p"></p><script type="module" src="/main.ts"></script>',
  "vite/main.ts":
    'import { twice } from "./twice";\nimport "./style.css";\nconst p = document.querySelector<HTMLElement>("#p");\nif (p !== null) p.textContent = String(twice(21));\n',
  "vite/twice.ts": "export const twice = (n: number): number => 2 * n;\n",
  "vite/style.css": "body { color: red; & p { margin: 0px } }\n",
  "astro/package.json": manifest,
  "astro/src/pages/index.astro":
    '---\nconst names: string[] = ["Ada", "Grace"];\n---\n<html lang="en"><body><ul>{names.map((name) => <li>{name}</li>)}</ul></body></html>\n',
};

const lines = [
  "cd vite && npm install --no-audit --no-fund express vite typescript",
  "cd vite && npx vite build && cat dist/index.html dist/assets/*.css",
  "cd astro && npm install --no-audit --no-fund astro",
  "cd astro && npx astro build && cat dist/index.html",
];

/** Says how something ended, and how long it took; answers its output. */
async function timed(place: string, line: string, run: () => Promise<string>): Promise<string> {
  const began = performance.now();
  const stdout = await run();
  console.log(`${((performance.now() - began) / 1000).toFixed(1)} s  ${place}: ${line}`);
  return stdout.split("\n").at(-1) || (stdout.trimEnd().split("\n").at(-1) ?? "");
}

const home = mkdtempSync(join(tmpdir(), "sites-"));
const PATH = `${dirname(plainNode)}${delimiter}${process.env["PATH"]}`;
const env = { ...process.env, PATH, npm_config_cpu: "wasm32", npm_config_cache: join(home, ".npm"), CI: "1" };
try {
  for (const [path, text] of Object.entries(files)) {
    mkdirSync(dirname(join(home, path)), { recursive: true });
    writeFileSync(join(home, path), text);
  }
  await using rt = await NodeRuntime.create({
    env: { CI: "1" },
    files: Object.fromEntries(Object.entries(files).map(([path, text]) => [`/home/user/${path}`, text])),
    permissions: { network: registryOnly() },
    limits: { memoryBytes: 2 ** 31, machineMemoryBytes: 2 ** 32, diskBytes: 2 ** 31 },
  });
  for (const line of lines) {
    const ours = await timed("guest", line, async () => {
      const { stdout, stderr, exitCode } = await rt.command("sh", ["-c", line]);
      if (exitCode !== 0) throw new Error(`${line} ended with ${exitCode}: ${stderr}`);
      return stdout;
    });
    const theirs = await timed("plain", line, async () => {
      const { stdout } = await promisify(execFile)("sh", ["-c", line], { cwd: home, env });
      return stdout;
    });
    if (line.includes("cat") && ours !== theirs) throw new Error(`${ours}\nis not\n${theirs}`);
  }
} finally {
  rmSync(home, { recursive: true });
}
