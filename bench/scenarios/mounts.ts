import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { runPlain } from "../plain-node.ts";
import type { Scenario } from "../scenario.ts";

const PACKAGES = 100;
const MODULES = 10;

/** Packages of ten modules each. */
function makePackages(): string {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  const functions = Array.from({ length: 20 }, (_, i) => `exports.f${i} = (a, b) => a + b + ${i};`).join(
    "\n",
  );
  for (let i = 0; i < PACKAGES; i++) {
    const path = join(directory, "node_modules", `package-${i}`);
    mkdirSync(join(path, "lib"), { recursive: true });
    writeFileSync(join(path, "package.json"), JSON.stringify({ name: `package-${i}`, version: "1.0.0" }));
    const names = Array.from({ length: MODULES - 1 }, (_, j) => `./lib/module-${j}.js`);
    writeFileSync(join(path, "index.js"), names.map((name) => `require("${name}");`).join("\n"));
    for (const name of names) writeFileSync(join(path, name), functions);
  }
  return directory;
}

const load = (from: string) => `
  import { createRequire } from "node:module";
  const require = createRequire("${from}/x.js");
  const began = performance.now();
  for (let i = 0; i < ${PACKAGES}; i++) require("package-" + i);
  console.log(performance.now() - began);`;

async function loaded(rt: NodeRuntime): Promise<number> {
  return Number((await rt.exec(load("/home/user"))).stdout);
}

/** A thousand modules of a mounted `node_modules`, in a fresh runtime and once more in the same one. */
export function mountScenarios(): Scenario[] {
  const directory = makePackages();
  const nodeModules = join(directory, "node_modules");
  const plain = async () => Number((await runPlain(load(directory))).stdout);
  let warm: Promise<NodeRuntime> | undefined;
  return [
    {
      name: "1,000 modules from a mount, first time",
      unit: "ms",
      rounds: 10,
      warmup: 1,
      bound: { ratioAtMost: 1.5 },
      ours: async () => {
        await using rt = await NodeRuntime.create({ nodeModules });
        return await loaded(rt);
      },
      plain,
    },
    {
      name: "1,000 modules from a mount, then",
      unit: "ms",
      rounds: 10,
      warmup: 1,
      bound: { ratioAtMost: 1 },
      ours: async () => {
        warm ??= NodeRuntime.create({ nodeModules });
        return await loaded(await warm);
      },
      plain,
      close: async () => {
        await (await warm)?.dispose();
        rmSync(directory, { recursive: true });
      },
    },
  ];
}
