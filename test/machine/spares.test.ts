import { setTimeout as sleep } from "node:timers/promises";
import { afterAll, afterEach, beforeAll, expect, test } from "vitest";
import { Machine } from "../../src/machine/machine.js";
import { SpareMachines } from "../../src/machine/spares.js";
import type { MachineOptions } from "../../src/machine/types.js";
import { type FakeImages, fakeImages } from "./fake/image.js";

let images: FakeImages;
const machines: Machine[] = [];
const options = (bytes = 1 << 20): MachineOptions => ({ jail: "unsafe-none", disk: { bytes, inodes: 100 } });

beforeAll(async () => {
  images = await fakeImages();
});
afterAll(() => images.remove());
afterEach(async () => {
  delete process.env["SECURE_EXEC_SPARES"];
  for (const machine of machines.splice(0)) {
    machine.kill("killed");
    await machine.exited;
  }
});

async function make(given: MachineOptions): Promise<Machine> {
  const machine = await Machine.launch(given, images.image());
  machines.push(machine);
  return machine;
}

/** Waits until so many machines have been launched, then a little for one too many. */
async function launched(count: number): Promise<void> {
  for (let round = 0; round < 200 && machines.length < count; round++) await sleep(20);
  await sleep(150);
  expect(machines.length).toBe(count);
}

test("the second machine of a kind was there before it was asked for, and is nobody else's", async () => {
  const spares = new SpareMachines(make);
  const first = await spares.take(options());
  await launched(2);
  const timings: { spawned: number; ready: number }[] = [];
  const second = await spares.take({ ...options(), onBootTiming: (timing) => timings.push(timing) });
  expect(second).not.toBe(first);
  expect(second).toBe(machines[1]);
  // It was neither spawned nor waited for.
  expect(timings).toMatchObject([{ spawned: 0, ready: 0 }]);
  const third = await spares.take(options());
  expect(third).not.toBe(second);
  await spares.clear();
});

test("another kind gets its own", async () => {
  const spares = new SpareMachines(make);
  await spares.take(options());
  await launched(2);
  const other = await spares.take(options(1 << 21));
  expect(other).toBe(machines[2]);
  await launched(4);
  await spares.take(options(1 << 22));
  // The oldest made room for a third kind.
  await launched(6);
  expect(await machines[1]?.exited).toMatchObject({ reason: "killed" });
  await spares.clear();
});

test("a spare that died is not handed out", async () => {
  const spares = new SpareMachines(make);
  await spares.take(options());
  await launched(2);
  const spare = machines[1] as Machine;
  process.kill(spare.pid, "SIGKILL");
  await spare.exited;
  expect(await spares.take(options())).not.toBe(spare);
  await spares.clear();
});

test("nor is one that died a moment ago", async () => {
  const spares = new SpareMachines(make);
  await spares.take(options());
  await launched(2);
  const spare = machines[1] as Machine;
  process.kill(spare.pid, "SIGKILL");
  const taken = await spares.take(options());
  expect(taken).not.toBe(spare);
  await taken.ping();
  await spares.clear();
});

test("there are none for a disk that exists, and none when they are off", async () => {
  const spares = new SpareMachines(make);
  process.env["SECURE_EXEC_SPARES"] = "0";
  await spares.take(options());
  await launched(1);
  await spares.clear();
});

test("clearing ends them, also those under way", async () => {
  const spares = new SpareMachines(make);
  await spares.take(options());
  for (let round = 0; round < 100 && machines.length < 1; round++) await sleep(5);
  await sleep(110);
  await spares.clear();
  await sleep(200);
  const alive = machines.slice(1);
  for (const machine of alive) expect(await machine.exited).toMatchObject({ reason: "killed" });
});
