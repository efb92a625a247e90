import { once } from "node:events";
import { constants } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";
import fc from "fast-check";
import { rolldown } from "rolldown";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkDisk, type DiskMemory, formatDisk } from "../../src/disk/disk.js";
import { everything } from "./model/everything.js";
import { filesOf } from "./model/on-disk.js";
import { shortHistory } from "./model/operations.js";
import { perform, type Slots } from "./model/perform.js";
import { hasSerialOrder, overlap, type Sequential } from "./model/serial-order.js";
import type { Event, Task, ThreadData } from "./model/thread.js";
import { allocate, openDisk, type TestDisk } from "./support.js";

/** Longer by hand: `MODEL_SECONDS=600 npx vitest run test/disk/serial-order.test.ts`. */
const seconds = Number(process.env["MODEL_SECONDS"] ?? 8);
const CLEAN = { repaired: 0, problems: [], formatted: false };
const THREADS = 3;
/** Each thread has two files of its own, beside two that all have. */
const OPENED = 2 + 2 * THREADS;
/** So many rounds are done without a word in between. */
const ROUNDS = 20;
const size = { bytes: 512 << 10, inodes: 24 };
const user = { uid: 1000, gid: 1000, umask: 0o022 };
const disks = Array.from({ length: ROUNDS }, () => allocate(size.bytes, size.inodes));
const modelled = allocate(size.bytes, size.inodes);
const shared = new Int32Array(new SharedArrayBuffer(4 * (ROUNDS + 1)));

let workers: Worker[];
/** The disk as it is for each round at first, and the files that all threads have open on it. */
const { fresh, slots, cwd } = makeDisk();
const credentials = { ...user, cwd };
const model = openDisk(modelled, credentials);
const watched = openDisk(modelled);

beforeAll(async () => {
  const build = await rolldown({
    input: fileURLToPath(new URL("model/thread.ts", import.meta.url)),
    platform: "node",
    logLevel: "silent",
  });
  const { output } = await build.generate({ format: "cjs" });
  await build.close();
  for (const disk of disks) bytesOf(disk).set(fresh);
  workers = Array.from({ length: THREADS }, (_, i) => {
    const workerData: ThreadData = { disks, id: 1000 + i, shared, credentials: { ...user, cwd } };
    return new Worker(output[0].code, { eval: true, workerData });
  });
});
afterAll(async () => {
  await Promise.all(workers.map((worker) => worker.terminate()));
});

function bytesOf({ buffer }: DiskMemory): Uint8Array {
  return new Uint8Array(buffer);
}

function makeDisk(): { fresh: Uint8Array; slots: Slots; cwd: number } {
  formatDisk(modelled, size);
  const { disk } = openDisk(modelled);
  disk.mkdir("/w", 0o755);
  disk.chown("/w", user.uid, user.gid);
  const cwd = disk.resolveDirectory("/w");
  const own = openDisk(modelled, { ...user, cwd }).disk;
  const { O_RDWR, O_CREAT, O_APPEND } = constants;
  const slots = [
    own.open("a", O_RDWR | O_CREAT, 0o644),
    own.open("b", O_RDWR | O_CREAT | O_APPEND, 0o644),
    -1,
    -1,
  ];
  own.mkdir("c", 0o777);
  return { fresh: bytesOf(modelled).slice(), slots, cwd };
}

function seen(one: TestDisk): string {
  return JSON.stringify([...everything(one, "/w")]);
}

/** A disk as it was before, used by one thread in the names of all. */
function sequential(last: string): Sequential {
  bytesOf(modelled).set(fresh);
  const files = filesOf(model.disk, credentials);
  const open = Array.from({ length: THREADS }, () => [...slots]);
  return {
    perform: (thread, { operation }) => JSON.stringify(perform(files, open[thread] ?? [], "/w", operation)),
    save() {
      const saved = new Uint8Array(bytesOf(modelled));
      const kept = open.map((own) => [...own]);
      return () => {
        bytesOf(modelled).set(saved);
        kept.forEach((own, thread) => {
          open[thread] = own;
        });
      };
    },
    isFinal: () => seen(watched) === last,
  };
}

interface Round {
  histories: Task["history"][];
  inStep: boolean;
}

/** Answers what each thread saw on each disk. */
async function run(rounds: Round[]): Promise<Event[][][]> {
  for (const disk of disks) bytesOf(disk).set(fresh);
  shared.fill(0);
  const answers = workers.map(async (worker, i) => {
    const tasks = rounds.map(({ histories, inStep }): Task | undefined => {
      const history = histories[i];
      return history && { history, slots: [...slots], threads: histories.length, inStep };
    });
    worker.postMessage(tasks);
    const [events] = await once(worker, "message");
    return events as (Event[] | undefined)[];
  });
  const byThread = await Promise.all(answers);
  return rounds.map((_, disk) => byThread.flatMap((events) => (events[disk] ? [events[disk]] : [])));
}

function judge(one: TestDisk, runs: Event[][]): void {
  const last = seen(one);
  expect({ runs, serial: hasSerialOrder(runs, sequential(last)) }).toEqual({ runs, serial: true });
  for (let file = 1; file <= OPENED; file++) one.disk.close(file);
  expect({ runs, report: checkDisk(one.memory) }).toEqual({ runs, report: CLEAN });
  expect(seen(one)).toEqual(last);
}

test("what threads do at once is what they would do in some order", {
  timeout: (seconds + 60) * 1000,
}, async () => {
  const used = disks.map((memory) => openDisk(memory));
  let judged = 0;
  let overlapping = 0;
  const round = fc.record({
    histories: fc.array(shortHistory, { minLength: 2, maxLength: THREADS }),
    inStep: fc.boolean(),
  });
  await fc.assert(
    fc.asyncProperty(
      fc.array(round, { minLength: ROUNDS, maxLength: ROUNDS, size: "max" }),
      async (rounds) => {
        const ran = await run(rounds);
        ran.forEach((runs, disk) => {
          judged++;
          if (overlap(runs)) overlapping++;
          judge(used[disk] as TestDisk, runs);
        });
      },
    ),
    {
      interruptAfterTimeLimit: seconds * 1000,
      numRuns: 1e6,
      endOnFailure: true,
      seed: Number(process.env["FC_SEED"] ?? 1),
    },
  );
  expect(judged).toBeGreaterThan(100);
  expect(overlapping).toBeGreaterThan(0);
});

describe("the search for an order", () => {
  /** A register, whose writes answer what was there. */
  function register(final: string): Sequential {
    let value = "0";
    return {
      perform(_thread, { operation: [, next] }) {
        const before = value;
        if (next !== undefined) value = `${next}`;
        return before;
      },
      save() {
        const saved = value;
        return () => {
          value = saved;
        };
      },
      isFinal: () => value === final,
    };
  }
  const event = (began: number, ended: number, answer: string, ...next: string[]): Event => ({
    operation: ["exchange", ...next],
    answer,
    began,
    ended,
  });

  test("finds one for events that happened at once", () => {
    const runs = [[event(0, 5, "2", "1")], [event(1, 3, "0", "2"), event(4, 6, "1")]];
    expect(hasSerialOrder(runs, register("1"))).toBe(true);
    expect(hasSerialOrder(runs, register("2"))).toBe(false);
    expect(overlap(runs)).toBe(true);
  });

  test("finds none against the clock, or where an answer can't be", () => {
    expect(hasSerialOrder([[event(0, 1, "2", "1")], [event(2, 3, "0", "2")]], register("1"))).toBe(false);
    expect(hasSerialOrder([[event(0, 3, "0", "1")], [event(1, 2, "0", "2")]], register("2"))).toBe(false);
    expect(overlap([[event(0, 1, "0")], [event(2, 3, "0")]])).toBe(false);
  });
});
