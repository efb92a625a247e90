import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { checkDisk, type DiskMemory } from "../../src/disk/disk.js";
import { bundleDisk } from "./bundle.js";
import { allocate, get, list, makeDisk, openDisk, random, stat } from "./support.js";

let bundle: Awaited<ReturnType<typeof bundleDisk>>;
beforeAll(async () => {
  bundle = await bundleDisk();
});
afterAll(() => bundle.remove());

const CLEAN = { repaired: 0, problems: [], formatted: false };
const FIRST_ID = 1000;

function acknowledgements(): Int32Array {
  return new Int32Array(new SharedArrayBuffer(64));
}

function start(memory: DiskMemory, id: number, program: string, acks = acknowledgements()) {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const source = `
    const { Disk } = require(${JSON.stringify(bundle.file)});
    const { parentPort, workerData } = require("node:worker_threads");
    const { memory, gate, acks, id } = workerData;
    const disk = new Disk(memory, { id, gate, gateIndex: 0 }, { uid: 0, gid: 0, umask: 0, cwd: 1 });
    const fail = (what) => { throw new Error(what); };
    parentPort.postMessage("up");
    ${program}`;
  const worker = new Worker(source, { eval: true, workerData: { memory, gate, acks, id } });
  let failure: unknown;
  worker.on("error", (error) => {
    failure = error;
  });
  const ended = new Promise<void>((resolve, reject) => {
    worker.on("exit", () => (failure === undefined ? resolve() : reject(failure)));
  });
  const up = new Promise((resolve) => worker.once("message", resolve));
  return { worker, gate, ended, up };
}

const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

test("three threads change one disk at once", async () => {
  const { memory, disk } = makeDisk(16 << 20, 4096);
  disk.mkdir("/shared", 0o777);
  const threads = [0, 1, 2].map((n) =>
    start(
      memory,
      FIRST_ID + n,
      `const line = Buffer.from("${String(n).repeat(99)}\\n");
      const log = disk.open("/log", 0o2101, 0o666);
      const big = new Uint8Array(300000).fill(${n + 1});
      const back = new Uint8Array(300000);
      disk.mkdir("/own${n}", 0o777);
      for (let i = 0; i < 1500; i++) {
        if (disk.write(log, line, 0, 100, -1) !== 100) fail("log");
        const own = "/own${n}/f" + (i % 50);
        if (disk.writeSmall(own, 0o1101, 0o666, line, 100) !== 100) fail("own");
        if (disk.readSmall(own, 0, 100) !== 100 || disk.result[50] !== line[50]) fail("own read");
        // Names that the threads fight for: any outcome, but a whole one.
        disk.rename(own, "/shared/x" + (i % 7));
        disk.link("/shared/x" + (i % 5), "/shared/y" + (i % 3));
        disk.unlink("/shared/y" + (i % 4));
        disk.mkdir("/shared/d" + (i % 2), 0o777);
        disk.rename("/shared/d0", "/shared/d1/sub");
        disk.rmdir("/shared/d1/sub");
        disk.rmdir("/shared/d" + (i % 2));
        if (i % 50 === 0) {
          const f = disk.open("/big${n}", 0o1102, 0o666);
          if (disk.write(f, big, 0, big.length, 0) !== big.length) fail("big");
          if (disk.read(f, back, 0, back.length, 0) !== back.length) fail("big read");
          if (back.some((byte) => byte !== ${n + 1})) fail("another's bytes");
          disk.close(f);
        }
      }
      disk.close(log);`,
    ),
  );
  await Promise.all(threads.map((thread) => thread.ended));
  const lines = get(disk, "/log").split("\n");
  expect(lines.length).toBe(4501);
  for (const n of ["0", "1", "2"]) expect(lines.filter((line) => line === n.repeat(99)).length).toBe(1500);
  expect(checkDisk(memory)).toEqual(CLEAN);
});

/** Writes versions of files and acknowledges each; in between it renames, links, truncates and removes. */
const ACKNOWLEDGING = `
  const bytes = Buffer.alloc(40000);
  const text = Buffer.alloc(2000000, "t");
  for (let version = acks[1] + 1; ; version++) {
    const k = version % 8;
    const data = ("v" + version + ";").padEnd(8, ".").repeat(500 * (k + 1));
    const length = bytes.write(data);
    if (disk.writeSmall("/new" + k, 0o1101, 0o666, bytes, length) !== length) fail("write");
    if (disk.rename("/new" + k, "/f" + k) !== 0) fail("rename");
    acks[2 + k] = version;
    acks[1] = version;
    const file = disk.open("/large", 0o102, 0o666);
    disk.write(file, text, 0, text.length, (version % 3) * 1000000);
    disk.ftruncate(file, (version % 5) * 300000);
    disk.close(file);
    disk.mkdir("/dir" + k, 0o777);
    disk.symlink("/f" + k, "/dir" + k + "/link");
    disk.rename("/dir" + k, "/dirs/of-a-long-name-that-takes-more-than-one-slot-" + k);
    disk.unlink("/dirs/of-a-long-name-that-takes-more-than-one-slot-" + k + "/link");
    disk.rmdir("/dirs/of-a-long-name-that-takes-more-than-one-slot-" + k);
  }`;

function acknowledged(memory: DiskMemory, acks: Int32Array): void {
  const { disk } = openDisk(memory);
  for (let k = 0; k < 8; k++) {
    const version = acks[2 + k] ?? 0;
    if (version === 0) continue;
    const found = /^v(\d+);/.exec(get(disk, `/f${k}`));
    const there = Number(found?.[1]);
    // The next one may have been under way, and have got so far.
    expect([version, version + 8]).toContain(there);
    expect(get(disk, `/f${k}`)).toBe(`v${there};`.padEnd(8, ".").repeat(500 * (k + 1)));
  }
}

describe("when a thread dies anywhere", () => {
  test("the lock is taken back and what was acknowledged is there, live and after a machine's end", async () => {
    const { memory, disk: owner } = makeDisk(16 << 20, 512);
    owner.mkdir("/dirs", 0o777);
    const kernel = openDisk(memory, {}, 200).disk;
    const copy = allocate(16 << 20, 512);
    const next = random(Date.now());
    const acks = acknowledgements();
    let broken = 0;
    for (let round = 0; round < 40; round++) {
      const thread = start(memory, FIRST_ID + round, ACKNOWLEDGING, acks);
      await thread.up;
      await pause(next(12));
      await thread.worker.terminate();
      // A machine that was killed just then would leave this.
      new Uint8Array(copy.buffer).set(new Uint8Array(memory.buffer));
      checkDisk(copy);
      acknowledged(copy, acks);
      expect(checkDisk(copy)).toEqual(CLEAN);
      broken += kernel.breakLock(FIRST_ID + round);
      expect(kernel.lockHolder()).toBe(0);
      acknowledged(memory, acks);
    }
    expect(acks[1]).toBeGreaterThan(8);
    expect(list(kernel, "/").length).toBeGreaterThan(8);
    // Dying with the lock is what this is about: it must have happened.
    expect(broken).toBeGreaterThan(0);
    expect(checkDisk(memory)).toEqual(CLEAN);
  });

  test("a thread that is told to die first leaves nothing half done", async () => {
    const { memory } = makeDisk(16 << 20, 512);
    const kernel = openDisk(memory).disk;
    kernel.mkdir("/dirs", 0o777);
    const copy = allocate(16 << 20, 512);
    for (let round = 0; round < 15; round++) {
      const thread = start(memory, FIRST_ID + round, ACKNOWLEDGING);
      await thread.up;
      await pause(5 + round);
      Atomics.store(thread.gate, 0, 1);
      // Once this has had the lock, the thread does no more than give it back.
      expect(stat(kernel, "/").error).toBe(0);
      await thread.worker.terminate();
      new Uint8Array(copy.buffer).set(new Uint8Array(memory.buffer));
      expect(checkDisk(copy)).toEqual(CLEAN);
      kernel.breakLock(FIRST_ID + round);
      expect(kernel.lockHolder()).toBe(0);
    }
    expect(checkDisk(memory)).toEqual(CLEAN);
  });
});

test("a thread that writes anything anywhere stops no other's call", async () => {
  const size = { bytes: 4 << 20, inodes: 512 };
  const { memory, disk } = makeDisk(size.bytes, size.inodes);
  for (let i = 0; i < 100; i++) {
    disk.mkdir(`/d${i % 10}`, 0o777);
    disk.writeSmall(`/d${i % 10}/f${i}`, 0o101, 0o666, new Uint8Array(5000), 5000);
  }
  const hostile = start(
    memory,
    FIRST_ID,
    `const w = new Int32Array(memory.buffer, memory.byteOffset, (memory.byteLength - ${size.bytes}) / 4);
     const used = [[16, 60], [w.length - 16 * 1025, 2000], [w.length - 16 * 1025 - 32 * 514, 4000]];
     for (let i = 0; ; i++) {
       const [from, length] = used[i % 3];
       const at = from + Math.floor(Math.random() * length);
       w[at] = i % 2 ? Math.floor(Math.random() * 520) : Math.random() * 2 ** 32;
       if (i % 64 === 0) w[16] = 0;
     }`,
  );
  const kernel = openDisk(memory, {}, 20).disk;
  const next = random(Date.now());
  const bytes = new Uint8Array(9000);
  await hostile.up;
  let slowest = 0;
  const end = performance.now() + 2500;
  for (let i = 0; performance.now() < end; i++) {
    const path = `/d${next(12)}/f${next(120)}`;
    const before = performance.now();
    const calls = [
      () => kernel.stat(path, new BigInt64Array(18)),
      () => kernel.writeSmall(path, 0o1101, 0o666, bytes, next(9000)),
      () => kernel.readSmall(path, 0, 65536),
      () => kernel.rename(path, `/d${next(12)}/f${next(120)}`),
      () => kernel.unlink(path),
      () => kernel.mkdir(`/d${next(12)}`, 0o777),
      () => kernel.rename(`/d${next(12)}`, `/d${next(12)}/x`),
      () => kernel.realpath(`/d${next(12)}/../d${next(12)}/..`),
      () => kernel.truncate(path, next(2) * 2 ** 31),
      () => kernel.copyFile(path, `/d${next(12)}/f${next(120)}`, 0),
      () => {
        const file = kernel.open(`/d${next(12)}`, 0, 0);
        kernel.readEntries(file, 0);
        kernel.readEntries(file, next(1000));
        return kernel.close(file);
      },
      () => kernel.breakLock(Math.max(1, kernel.lockHolder())),
    ];
    calls[i % calls.length]?.();
    slowest = Math.max(slowest, performance.now() - before);
  }
  await hostile.worker.terminate();
  checkDisk(memory, size);
  expect(checkDisk(memory, size)).toEqual(CLEAN);
  expect(slowest).toBeLessThan(1500);
});
