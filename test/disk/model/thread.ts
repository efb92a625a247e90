import { parentPort, workerData } from "node:worker_threads";
import { type Credentials, Disk, type DiskMemory } from "../../../src/disk/disk.js";
import { filesOf } from "./on-disk.js";
import type { Operation } from "./operations.js";
import { perform, type Slots } from "./perform.js";

/*
 * A thread that works at once with others. A message has a history for each of its disks, or none for
 * those where others work without it; the answer is what the calls answered, and when they began and ended.
 */

export interface Task {
  history: Operation[];
  slots: Slots;
  threads: number;
  /** Whether the threads wait for each other before each call, or only before the first. */
  inStep: boolean;
}

export interface Event {
  operation: Operation;
  answer: string;
  began: number;
  ended: number;
}

export interface ThreadData {
  disks: DiskMemory[];
  id: number;
  /** A clock for all, then for each disk how often a thread has come to where they wait for each other. */
  shared: Int32Array;
  credentials: Credentials;
}

const { disks, id, shared, credentials }: ThreadData = workerData;
const CLOCK = 0;
const SPINS = 5000;
/** The others may have no processor just then, or be at their history's end. */
const PATIENCE = 3;

const owner = { id, gate: new Int32Array(new SharedArrayBuffer(4)), gateIndex: 0 };
const files = disks.map((memory) => filesOf(new Disk(memory, owner, credentials), credentials));

function meet(place: number, expected: number): void {
  if (Atomics.add(shared, place, 1) + 1 >= expected) Atomics.notify(shared, place);
  const end = performance.now() + PATIENCE;
  for (let spin = 0; Atomics.load(shared, place) < expected; spin++) {
    if (spin < SPINS) continue;
    const left = end - performance.now();
    if (left <= 0) return;
    Atomics.wait(shared, place, Atomics.load(shared, place), left);
  }
}

function work(disk: number, { history, slots, threads, inStep }: Task): Event[] {
  return history.map((operation, i) => {
    if (i === 0 || inStep) meet(disk + 1, threads * (i + 1));
    const began = Atomics.add(shared, CLOCK, 1);
    const answer = perform(files[disk] as (typeof files)[0], slots, "/w", operation);
    const ended = Atomics.add(shared, CLOCK, 1);
    return { operation, answer: JSON.stringify(answer), began, ended };
  });
}

parentPort?.on("message", (tasks: (Task | undefined)[]) => {
  parentPort?.postMessage(tasks.map((task, disk) => task && work(disk, task)));
});
