import { NodeRuntime } from "secure-exec";
import type { Scenario } from "../scenario.ts";

const MiB = 1024 * 1024;
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** What is promised of a disk with so many mebibytes in use, in milliseconds. */
const sizes = [
  { used: 5, snapshot: 30, create: 120, fork: 130 },
  { used: 100, snapshot: 150, create: 250, fork: 300 },
];

async function timed<T>(action: () => Promise<T>): Promise<[number, T]> {
  const began = performance.now();
  const result = await action();
  return [performance.now() - began, result];
}

async function dispose(runtime: NodeRuntime): Promise<void> {
  await runtime.dispose();
  // The next spare boots in this time, as it would between two requests of a server.
  await pause(400);
}

/** Copies of a disk: made, restored, and both at once. */
export async function snapshotScenarios(): Promise<Scenario[]> {
  const scenarios: Scenario[] = [];
  for (const { used, ...bounds } of sizes) {
    const runtime = await NodeRuntime.create();
    // Files of 256 KiB, as large ones and small ones make together.
    for (let file = 0; file < used * 4; file++) {
      await runtime.writeFile(`/home/user/f${file}`, Buffer.alloc(MiB / 4, file));
    }
    const snapshot = await runtime.snapshot();
    const rest = { unit: "ms", rounds: 10, warmup: 2 };
    scenarios.push(
      {
        ...rest,
        name: `snapshot(), ${used} MiB in use`,
        bound: { p50: bounds.snapshot },
        ours: async () => (await timed(() => runtime.snapshot()))[0],
      },
      {
        ...rest,
        name: `create({ snapshot }), ${used} MiB in use`,
        bound: { p50: bounds.create },
        async ours() {
          const [took, made] = await timed(() => NodeRuntime.create({ snapshot }));
          await dispose(made);
          return took;
        },
      },
      {
        ...rest,
        name: `fork(), ${used} MiB in use`,
        bound: { p50: bounds.fork },
        async ours() {
          const [took, made] = await timed(() => runtime.fork());
          await dispose(made);
          return took;
        },
        close: () => runtime.dispose(),
      },
    );
  }
  return scenarios;
}
