import { NodeRuntime } from "secure-exec";
import { runPlain } from "../plain-node.ts";
import type { Scenario } from "../scenario.ts";

const hello = "console.log('hello')";
const plain = async () => (await runPlain(hello)).total;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

async function createAndRun(): Promise<number> {
  const began = performance.now();
  const runtime = await NodeRuntime.create();
  await runtime.exec(hello);
  const took = performance.now() - began;
  await runtime.dispose();
  return took;
}

/** A fresh machine and its first result; `SECURE_EXEC_SPARES=0` in the environment makes it a cold one. */
export function createScenarios(): Scenario[] {
  if (process.env["SECURE_EXEC_SPARES"] === "0") {
    return [
      {
        name: "create() and first run, no spare",
        unit: "ms",
        rounds: 25,
        warmup: 2,
        bound: { p50: 90 },
        ours: createAndRun,
        plain,
      },
    ];
  }
  return [
    {
      name: "create() and first run, spare warm",
      unit: "ms",
      rounds: 25,
      warmup: 2,
      bound: { p50: 12 },
      async ours() {
        const took = await createAndRun();
        // The next spare boots in this time, as it would between two requests of a server.
        await pause(400);
        return took;
      },
      plain,
    },
  ];
}

/** Runs in one live runtime. */
export async function runScenarios(): Promise<Scenario[]> {
  const runtime = await NodeRuntime.create();
  const time = async (action: () => Promise<unknown>) => {
    const began = performance.now();
    await action();
    return performance.now() - began;
  };
  return [
    {
      name: "run() in a live runtime, spare worker warm",
      unit: "ms",
      rounds: 40,
      warmup: 3,
      bound: { p50: 8 },
      async ours() {
        const took = await time(() => runtime.run(`${hello};__return(1)`));
        await pause(80);
        return took;
      },
      plain,
    },
    {
      name: "run() in a live runtime, back to back",
      unit: "ms",
      rounds: 20,
      warmup: 1,
      bound: { p50: 30 },
      // One behind the other, so that no spare has had time to boot.
      async ours() {
        let total = 0;
        for (let run = 0; run < 10; run++) total += await time(() => runtime.run(`${hello};__return(1)`));
        return total / 10;
      },
      plain,
    },
    {
      name: "killed machine revived, first run on the same disk",
      unit: "ms",
      rounds: 10,
      warmup: 1,
      bound: { p50: 120 },
      async ours() {
        // V8 cannot hold an array this long: the machine aborts.
        await runtime.exec("'ab'.repeat(1e8).split('')");
        return time(() => runtime.exec(hello));
      },
      close: () => runtime.dispose(),
    },
  ];
}
