import { once } from "node:events";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { rolldown } from "rolldown";
import { beforeAll, expect, test } from "vitest";
import { checkDisk, type DiskMemory, formatDisk } from "../../src/disk/disk.js";
import { everything } from "./model/everything.js";
import { filesOf } from "./model/on-disk.js";
import { longHistory, type Operation } from "./model/operations.js";
import { perform, type Slots } from "./model/perform.js";
import type { VictimData } from "./model/victim.js";
import { allocate, openDisk, random, type TestDisk } from "./support.js";

/** As many, however long it takes: `KILLS=500 npx vitest run test/disk/killed-thread.test.ts`. */
const asked = Number(process.env["KILLS"] ?? 0);
const MOST = 500;
const MOST_MS = 25_000;
const CLEAN = { repaired: 0, problems: [], formatted: false };
const FIRST_ID = 1000;
const size = { bytes: 2 << 20, inodes: 128 };
const user = { uid: 1000, gid: 1000, umask: 0o022 };
const memory = allocate(size.bytes, size.inodes);
const copy = allocate(size.bytes, size.inodes);
const modelled = allocate(size.bytes, size.inodes);

let program: string;
beforeAll(async () => {
  const build = await rolldown({
    input: fileURLToPath(new URL("model/victim.ts", import.meta.url)),
    platform: "node",
    logLevel: "silent",
  });
  program = (await build.generate({ format: "cjs" })).output[0].code;
  await build.close();
});

function bytesOf({ buffer }: DiskMemory): Uint8Array {
  return new Uint8Array(buffer);
}

/** A disk with a folder of the user's; answers what the user's working directory is. */
function makeDisk(of: DiskMemory): number {
  formatDisk(of, size);
  const { disk } = openDisk(of);
  disk.mkdir("/w", 0o755);
  disk.chown("/w", user.uid, user.gid);
  return disk.resolveDirectory("/w");
}

interface Victim {
  history: Operation[];
  acknowledged: Int32Array;
  worker: Worker;
  up: Promise<unknown>;
}

function ready(round: number, history: Operation[], cwd: number): Victim {
  const acknowledged = new Int32Array(new SharedArrayBuffer(4));
  const workerData: VictimData = {
    memory,
    id: FIRST_ID + round,
    credentials: { ...user, cwd },
    history,
    acknowledged,
  };
  const worker = new Worker(program, { eval: true, workerData });
  return { history, acknowledged, worker, up: once(worker, "message") };
}

/** What there is after the acknowledged calls, and what after the one that may have been under way. */
function expected({
  history,
  acknowledged,
}: Victim): [before: Map<string, string>, after: Map<string, string>] {
  const { disk, credentials } = openDisk(modelled, { ...user, cwd: makeDisk(modelled) });
  const files = filesOf(disk, credentials);
  const done = acknowledged[0] ?? 0;
  const slots: Slots = [-1, -1, -1, -1];
  const root = openDisk(modelled);
  for (const operation of history.slice(0, done)) perform(files, slots, "/w", operation);
  const before = everything(root, "/w");
  const next = history[done];
  if (next !== undefined) perform(files, slots, "/w", next);
  return [before, everything(root, "/w")];
}

/** Only what the last call is about may be otherwise than before and after it. */
function judge(root: TestDisk, victim: Victim): void {
  const [before, after] = expected(victim);
  const there = everything(root, "/w");
  const paths = new Set([...before.keys(), ...after.keys(), ...there.keys()]);
  const settled = [...paths].filter((path) => before.get(path) === after.get(path));
  const pick = (from: Map<string, string>) =>
    Object.fromEntries(settled.map((path) => [path, from.get(path)]));
  const next = victim.history[victim.acknowledged[0] ?? 0];
  expect({ next, there: pick(there) }).toEqual({ next, there: pick(before) });
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("a thread that is killed anywhere loses nothing that it acknowledged", {
  timeout: MOST_MS + asked * 1000 + 60_000,
}, async () => {
  const seed = Number(process.env["FC_SEED"] ?? 1);
  const next = random(seed);
  const histories = fc.sample(longHistory, { numRuns: 10, seed });
  const end = performance.now() + MOST_MS;
  const cwd = makeDisk(memory);
  const root = openDisk(memory, {}, 1000);
  let kills = 0;
  let broken = 0;
  let acknowledged = 0;
  let victim = ready(0, histories[0] as Operation[], cwd);
  while (asked > 0 ? kills < asked : kills < MOST && performance.now() < end) {
    makeDisk(memory);
    await victim.up;
    victim.worker.postMessage("go");
    // Early and late, in calls that run for the first time and in those that V8 has made fast.
    const calls = next(2) * next(400);
    for (let waited = 0; waited < 20 && (victim.acknowledged[0] ?? 0) < calls; waited++) await pause(1);
    await pause(next(4) + next(10) / 10);
    await victim.worker.terminate();
    const dead = victim;
    // The next one starts meanwhile.
    victim = ready(kills + 1, histories[(kills + 1) % histories.length] as Operation[], cwd);
    // What the whole machine's end would have left at this moment.
    bytesOf(copy).set(bytesOf(memory));
    checkDisk(copy);
    judge(openDisk(copy), dead);
    expect(checkDisk(copy)).toEqual(CLEAN);
    // The other threads go on.
    broken += root.disk.breakLock(FIRST_ID + kills);
    expect(root.disk.lockHolder()).toBe(0);
    judge(root, dead);
    for (let file = 1; file <= 8; file++) root.disk.close(file);
    expect(checkDisk(memory)).toEqual(CLEAN);
    judge(root, dead);
    acknowledged += dead.acknowledged[0] ?? 0;
    kills++;
  }
  await victim.worker.terminate();
  console.log(`${kills} threads killed, ${broken} of them with the lock, after ${acknowledged} calls`);
  expect(kills).toBeGreaterThan(10);
  // Dying with the lock is what this is about: it must have happened.
  expect(broken).toBeGreaterThan(0);
});
