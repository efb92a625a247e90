import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { runPlain } from "../plain-node.ts";
import type { Scenario } from "../scenario.ts";

/** Statements that start a process and wait for it, and what the median of one may take, in milliseconds. */
const kernels: [name: string, body: string, p50: number][] = [
  ["execFileSync sh -c echo", `cp.execFileSync("sh", ["-c", "echo hi"])`, 45],
  ["execSync ls | grep x | wc -l", `cp.execSync("ls | grep x | wc -l")`, 60],
  ["execFileSync node -e 0", `cp.execFileSync(process.execPath, ["-e", "0"])`, 35],
  [
    "fork and one message",
    `await new Promise((done) => cp.fork("answer.cjs", { execArgv: [] }).on("message", () => {}).on("exit", done))`,
    60,
  ],
];

/** Back to back, as a build script starts them. */
const PER_SAMPLE = 5;

function program(body: string): string {
  return `
    import cp from "node:child_process";
    import fs from "node:fs";
    fs.writeFileSync("answer.cjs", "process.send(1, () => process.disconnect())");
    ${body};
    const began = performance.now();
    for (let i = 0; i < ${PER_SAMPLE}; i++) { ${body}; }
    const took = (performance.now() - began) / ${PER_SAMPLE};`;
}

/** Processes that guests start, one after another. */
export async function processScenarios(): Promise<Scenario[]> {
  const runtime = await NodeRuntime.create();
  const folder = mkdtempSync(join(tmpdir(), "bench-"));
  return kernels.map(([name, body, p50], index) => ({
    name,
    unit: "ms",
    rounds: 15,
    warmup: 1,
    bound: { p50 },
    async ours() {
      const { value, stderr } = await runtime.run<number>(`${program(body)} __return(took)`);
      if (value === undefined) throw new Error(stderr);
      return value;
    },
    async plain() {
      return Number((await runPlain(`${program(body)} console.log(took)`, folder)).stdout);
    },
    close: async () => {
      if (index < kernels.length - 1) return;
      await runtime.dispose();
      rmSync(folder, { recursive: true });
    },
  }));
}
