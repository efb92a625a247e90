import { NodeRuntime } from "secure-exec";
import type { Scenario } from "../scenario.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function timed(action: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await action();
  return performance.now() - began;
}

/** Snippets in a process that is kept for them. */
export async function residentScenarios(): Promise<Scenario[]> {
  const runtime = await NodeRuntime.create();
  const runner = runtime.createResidentRunner();
  const resetting = runtime.createResidentRunner();
  let count = 0;
  return [
    {
      name: "resident exec()",
      unit: "ms",
      rounds: 1000,
      warmup: 100,
      bound: { p50: 1 },
      ours: () => timed(() => runner.exec(`globalThis.count = ${count++}`)),
    },
    {
      name: "resident run() with output and a value",
      unit: "ms",
      rounds: 1000,
      warmup: 100,
      bound: { p50: 1 },
      ours: () => timed(() => runner.run(`console.log(${count}); __return(${count++})`)),
    },
    {
      name: "resident reset() and exec()",
      unit: "ms",
      rounds: 25,
      warmup: 2,
      bound: { p50: 12 },
      async ours() {
        await pause(200);
        return await timed(async () => {
          await resetting.reset();
          await resetting.exec("0");
        });
      },
      close: () => runtime.dispose(),
    },
  ];
}
