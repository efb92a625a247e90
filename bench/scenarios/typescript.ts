import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { createRequire } from "node:module";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { runPlain } from "../plain-node.ts";
import type { Scenario } from "../scenario.ts";

const FILES = 100;

/** A project whose modules use each other's types. */
function makeProject(): string {
  const directory = mkdtempSync(join(tmpdir(), "bench-"));
  mkdirSync(join(directory, "src"));
  for (let i = 0; i < FILES; i++) {
    const before = Math.max(0, i - 1);
    const lines = Array.from(
      { length: 30 },
      (_, j) => `export const f${j} = (item: Item<number>): string[] => [item.value.toFixed(${j % 9})];`,
    );
    const text = [
      `import type { Item as Before } from "./module-${before}.js";`,
      `export interface Item<T> { value: T; before?: Before<T> }`,
      ...lines,
    ];
    writeFileSync(join(directory, "src", `module-${i}.ts`), text.join("\n"));
  }
  const compilerOptions = { strict: true, noEmit: true, module: "nodenext", target: "es2022", types: [] };
  writeFileSync(join(directory, "tsconfig.json"), JSON.stringify({ compilerOptions, include: ["src"] }));
  return directory;
}

/** Runs the command `tsc` in a process of its own, as a script of a package does. */
const check = (compiler: string, project: string) => `
  import { spawnSync } from "node:child_process";
  const began = performance.now();
  const { status, stdout } = spawnSync(process.execPath, ["${compiler}", "-p", "${project}"], { encoding: "utf8" });
  if (status !== 0) throw new Error(stdout);
  console.log(performance.now() - began);`;

/** `tsc --noEmit` on a project of a hundred files, with the compiler and the project mounted. */
export function typescriptScenarios(): Scenario[] {
  const directory = makeProject();
  const compiler = dirname(createRequire(import.meta.url).resolve("typescript/package.json"));
  let made: Promise<NodeRuntime> | undefined;
  return [
    {
      name: `tsc --noEmit, ${FILES} files`,
      unit: "ms",
      rounds: 5,
      warmup: 1,
      bound: { ratioAtMost: 1.3 },
      ours: async () => {
        made ??= NodeRuntime.create({
          mounts: [
            { guestPath: "/typescript", hostPath: compiler },
            { guestPath: "/project", hostPath: directory },
          ],
          limits: { memoryBytes: 1024 ** 3 },
        });
        const { stdout, stderr } = await (await made).exec(check("/typescript/bin/tsc", "/project"));
        if (stdout === "") throw new Error(stderr);
        return Number(stdout);
      },
      plain: async () => Number((await runPlain(check(join(compiler, "bin/tsc"), directory))).stdout),
      close: async () => {
        await (await made)?.dispose();
        rmSync(directory, { recursive: true });
      },
    },
  ];
}
