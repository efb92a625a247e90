import { readdirSync, readFileSync } from "node:fs";
import { NodeRuntime } from "secure-exec";
import type { Scenario } from "../scenario.ts";

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** The machines of this process: its children whose program is the pinned Node. */
function machines(): number[] {
  const children = readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean),
  );
  return children.map(Number);
}

/** Memory of a process that no other shares, in MB of 10^6 bytes. */
function privateMegabytes(pid: number): number {
  const rollup = readFileSync(`/proc/${pid}/smaps_rollup`, "utf8");
  const dirty = /^Private_Dirty:\s+(\d+) kB$/m.exec(rollup)?.[1];
  return (Number(dirty) * 1024) / 1e6;
}

async function measureMachine(idleGuests: number): Promise<number> {
  const runtime = await NodeRuntime.create();
  const idle = new AbortController();
  await runtime.exec("console.log('hello')");
  const guests = Array.from({ length: idleGuests }, () =>
    runtime.exec("setInterval(() => {}, 1e6)", { signal: idle.signal }).catch(() => {}),
  );
  await pause(5000);
  const sizes = machines().map(privateMegabytes);
  idle.abort();
  await Promise.all(guests);
  await runtime.dispose();
  // A spare machine is among them: it is smaller than the one in use.
  return Math.max(...sizes);
}

/** Private memory of the machine's process. */
export async function memoryScenarios(): Promise<Scenario[]> {
  return [
    {
      name: "private memory of an idle runtime with its spare guest",
      unit: "MB",
      rounds: 3,
      warmup: 0,
      bound: { p50: 20 },
      ours: () => measureMachine(0),
    },
    {
      name: "private memory of each guest process more",
      unit: "MB",
      rounds: 3,
      warmup: 0,
      bound: { p50: 9 },
      ours: async () => ((await measureMachine(5)) - (await measureMachine(0))) / 5,
    },
  ];
}
