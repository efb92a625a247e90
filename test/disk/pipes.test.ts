import { Worker } from "node:worker_threads";
import { afterAll, beforeAll, expect, test } from "vitest";
import { checkDisk, Disk, type DiskMemory } from "../../src/disk/disk.js";
import { BLOCK_SIZE } from "../../src/disk/layout.js";
import { tellPostponed } from "../../src/disk/postponed.js";
import type { Session } from "../../src/disk/session.js";
import { bundleDisk } from "./bundle.js";
import { makeDisk, openDisk, random, stat } from "./support.js";

const O_RDONLY = 0;
const O_WRONLY = 1;
const O_RDWR = 2;
const O_NONBLOCK = 0o4000;
const S_IFIFO = 0o010000;
const S_IFCHR = 0o020000;
const [EPERM, ENOENT, ENXIO, EBADF, EAGAIN] = [-1, -2, -6, -9, -11];
const [EEXIST, EINVAL, ENOSPC, ESPIPE, EPIPE, EREMOTE, WAIT] = [-17, -22, -28, -29, -32, -66, -512];
const CLEAN = { repaired: 0, problems: [], formatted: false };

let bundle: Awaited<ReturnType<typeof bundleDisk>>;
beforeAll(async () => {
  bundle = await bundleDisk();
});
afterAll(() => bundle.remove());

function start(memory: DiskMemory, id: number, program: string) {
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const source = `
    const { Disk } = require(${JSON.stringify(bundle.file)});
    const { parentPort, workerData } = require("node:worker_threads");
    const { memory, gate, id } = workerData;
    const disk = new Disk(memory, { id, gate, gateIndex: 0 }, { uid: 0, gid: 0, umask: 0, cwd: 1 });
    const waiting = (act) => { for (;;) { const n = act(); if (n !== ${WAIT}) return n; disk.wait(); } };
    const open = (path, flags) => { const file = disk.open(path, flags, 0); waiting(() => disk.opened(file)); return file; };
    ${program}`;
  const worker = new Worker(source, { eval: true, workerData: { memory, gate, id } });
  const messages: unknown[] = [];
  worker.on("message", (message) => messages.push(message));
  const ended = new Promise<unknown[]>((resolve, reject) => {
    worker.on("error", reject);
    worker.on("exit", () => resolve(messages));
  });
  return { worker, gate, ended };
}

function fifo(size?: number) {
  const made = makeDisk(size);
  expect(made.disk.mknod("/p", S_IFIFO | 0o644, 0)).toBe(0);
  return made;
}

const send = (disk: Disk, file: number, text: string | Uint8Array, position = -1) => {
  const bytes = Buffer.from(text as string);
  return disk.write(file, bytes, 0, bytes.length, position);
};
const receive = (disk: Disk, file: number, length = 100) => {
  const bytes = Buffer.alloc(length);
  const count = disk.read(file, bytes, 0, length, -1);
  return count > 0 ? bytes.toString("latin1", 0, count) : count;
};

test("pipes are opened as POSIX has it", () => {
  const { disk } = fifo();
  expect(stat(disk, "/p")).toMatchObject({ mode: S_IFIFO | 0o644, size: 0, blocks: 0 });
  expect(disk.open("/p", O_WRONLY | O_NONBLOCK, 0)).toBe(ENXIO);
  const reader = disk.open("/p", O_RDONLY, 0);
  expect(disk.openedType).toBe(S_IFIFO);
  expect(disk.opened(reader)).toBe(WAIT);
  const writer = disk.open("/p", O_WRONLY | O_NONBLOCK, 0);
  expect([disk.opened(reader), disk.opened(writer)]).toEqual([0, 0]);
  disk.close(writer);
  // Whoever was there counts, also after it has gone.
  expect(disk.opened(reader)).toBe(0);
  const late = disk.open("/p", O_RDONLY, 0);
  expect(disk.opened(late)).toBe(WAIT);
  expect(disk.opened(disk.open("/p", O_RDONLY | O_NONBLOCK, 0))).toBe(0);
  expect(disk.opened(disk.open("/p", O_RDWR, 0))).toBe(0);
  expect(disk.opened(late)).toBe(0);
});

test("bytes come out in the order they went in, up to the end", () => {
  const { disk } = fifo();
  const reader = disk.open("/p", O_RDONLY | O_NONBLOCK, 0);
  expect(receive(disk, reader)).toBe(0);
  const writer = disk.open("/p", O_WRONLY, 0);
  expect([receive(disk, reader), send(disk, writer, "")]).toEqual([EAGAIN, 0]);
  expect([send(disk, writer, "hello"), send(disk, writer, "x", 3)]).toEqual([5, ESPIPE]);
  expect([receive(disk, reader, 3), receive(disk, reader, 0), receive(disk, reader)]).toEqual([
    "hel",
    0,
    "lo",
  ]);
  expect(disk.read(reader, Buffer.alloc(1), 0, 1, 0)).toBe(ESPIPE);
  expect([send(disk, reader, "x"), receive(disk, writer)]).toEqual([EBADF, EBADF]);
  send(disk, writer, "last");
  disk.close(writer);
  expect([receive(disk, reader), receive(disk, reader)]).toEqual(["last", 0]);
  const again = disk.open("/p", O_WRONLY, 0);
  disk.close(reader);
  expect(send(disk, again, "x")).toBe(EPIPE);
  expect([disk.ftruncate(again, 0), disk.truncate("/p", 0), disk.fsync(again)]).toEqual([
    EINVAL,
    EINVAL,
    EINVAL,
  ]);
});

test("a full pipe takes small writes in whole or not at all", () => {
  const { disk } = fifo();
  const reader = disk.open("/p", O_RDONLY | O_NONBLOCK, 0);
  const writer = disk.open("/p", O_WRONLY, 0);
  const eager = disk.open("/p", O_WRONLY | O_NONBLOCK, 0);
  expect(send(disk, writer, Buffer.alloc(100_000, 97))).toBe(65_536);
  expect([send(disk, writer, "x"), send(disk, eager, "x")]).toEqual([WAIT, EAGAIN]);
  expect(String(receive(disk, reader, 100)).length).toBe(100);
  expect([send(disk, eager, Buffer.alloc(101)), send(disk, eager, Buffer.alloc(100, 98))]).toEqual([
    EAGAIN,
    100,
  ]);
  expect(send(disk, eager, Buffer.alloc(5000))).toBe(EAGAIN);
  let all = "";
  for (
    let part = receive(disk, reader, 10_007);
    typeof part === "string";
    part = receive(disk, reader, 10_007)
  ) {
    all += part;
  }
  expect([all.length, all.slice(-101)]).toEqual([65_536, `a${"b".repeat(100)}`]);
});

test("a pipe's memory is the disk's, and goes with its last opener", () => {
  const { disk, memory } = fifo(40 * BLOCK_SIZE);
  const free = () => {
    const out = new Float64Array(7);
    disk.statfs("/", out);
    return out[3] as number;
  };
  const before = free();
  const reader = disk.open("/p", O_RDONLY | O_NONBLOCK, 0);
  const writer = disk.open("/p", O_WRONLY, 0);
  send(disk, writer, Buffer.alloc(65_536));
  expect(before - free()).toBe(18);
  disk.close(reader);
  disk.close(writer);
  expect(free()).toBe(before);
  disk.writeSmall("/f", 0o101, 0o644, new Uint8Array(), 0);
  const file = disk.open("/f", O_WRONLY, 0);
  disk.write(file, new Uint8Array((before - 2) * BLOCK_SIZE), 0, (before - 2) * BLOCK_SIZE, -1);
  while (free() > 1) disk.write(file, new Uint8Array(BLOCK_SIZE), 0, BLOCK_SIZE, -1);
  const few = disk.open("/p", O_RDWR, 0);
  expect([few > 0, send(disk, few, "x")]).toEqual([true, ENOSPC]);
  expect(disk.open("/p", O_RDWR, 0)).toBeGreaterThan(0);
  expect(checkDisk(memory)).toEqual(CLEAN);
});

test("pipes without a name have both ends open", () => {
  const { disk, memory } = makeDisk();
  const ends = new Int32Array(2);
  expect(disk.pipe(ends, 0)).toBe(0);
  const [reader, writer] = ends as unknown as [number, number];
  expect([disk.opened(reader), disk.opened(writer)]).toEqual([0, 0]);
  expect([receive(disk, reader), send(disk, writer, "abc"), receive(disk, reader)]).toEqual([WAIT, 3, "abc"]);
  expect([disk.pathOfFile(reader), disk.dup(writer)]).toEqual([ENOENT, writer]);
  disk.close(writer);
  expect(receive(disk, reader)).toBe(WAIT);
  disk.close(writer);
  expect(receive(disk, reader)).toBe(0);
  disk.close(reader);
  expect(checkDisk(memory)).toEqual(CLEAN);
});

test("pipes without a name are opened again without waiting for anybody", () => {
  const { disk } = makeDisk();
  const ends = new Int32Array(2);
  expect(disk.pipe(ends, 0)).toBe(0);
  const [reading, writing] = [...ends] as [number, number];
  send(disk, writing, "rest");
  disk.close(writing);
  const again = disk.reopen(reading, O_RDONLY);
  expect(disk.opened(again)).toBe(0);
  expect([receive(disk, again), receive(disk, again)]).toEqual(["rest", 0]);
  disk.close(again);
  const unread = disk.reopen(reading, O_WRONLY);
  disk.close(reading);
  expect(disk.opened(disk.reopen(unread, O_WRONLY | O_NONBLOCK))).toBe(0);
  expect(send(disk, unread, "x")).toBe(EPIPE);
});

class Looking extends Disk {
  get looks(): Session {
    return this.session;
  }
}

test("a thread that looks by itself notes what it has done, and wakes others", () => {
  const { memory } = makeDisk();
  const open = (id: number) =>
    new Looking(memory, { id, gate: new Int32Array(1), gateIndex: 0 }, { uid: 0, gid: 0, umask: 0, cwd: 1 });
  const [own, other] = [open(901), open(902)] as const;
  const ends = new Int32Array(2);
  own.pipe(ends, 0);
  const [reader, writer] = ends as unknown as [number, number];
  own.looks.postpones = true;

  expect([receive(own, reader), send(own, writer, "x")]).toEqual([WAIT, 1]);
  const { waitPlace, waitValue, words } = own.looks;
  expect([own.looks.postponedCount, own.looks.postponed[0]]).toEqual([1, waitPlace]);
  expect(words[waitPlace]).toBe(waitValue);
  // Once, as long as nobody waits again.
  expect([send(own, writer, "y"), own.looks.postponedCount, receive(own, reader)]).toEqual([1, 1, "xy"]);
  tellPostponed(own.looks);
  expect([own.looks.postponedCount, words[waitPlace]]).toEqual([0, waitValue + 1]);

  // Another thread that waits as well has to be told.
  expect([receive(own, reader), receive(other, reader), send(own, writer, "z")]).toEqual([WAIT, WAIT, 1]);
  expect([own.looks.postponedCount, words[waitPlace]]).toEqual([0, waitValue + 2]);
  // And one that waits alone.
  expect([receive(own, reader), receive(other, reader), send(own, writer, "z")]).toEqual(["z", WAIT, 1]);
  expect(words[waitPlace]).toBe(waitValue + 3);
  // The end of a pipe is told to everybody.
  expect([receive(own, reader), receive(own, reader)]).toEqual(["z", WAIT]);
  own.close(writer);
  expect([own.looks.postponedCount, words[waitPlace]]).toEqual([0, waitValue + 4]);
});

test("threads wait for each other", async () => {
  const { memory } = fifo();
  const length = 3_000_000;
  const reader = start(
    memory,
    1001,
    `const file = open("/p", 0); const bytes = Buffer.alloc(50000); let total = 0, sum = 0;
     for (let n; (n = waiting(() => disk.read(file, bytes, 0, 50000, -1))) > 0; total += n) for (let i = 0; i < n; i++) sum = (sum * 31 + bytes[i]) >>> 0;
     parentPort.postMessage([total, sum]);`,
  );
  const writer = start(
    memory,
    1002,
    `const bytes = Buffer.from(Array.from({ length: ${length} }, (_, i) => (i * 7 + (i >>> 8)) & 255)); const file = open("/p", 1);
     let sum = 0; for (const byte of bytes) sum = (sum * 31 + byte) >>> 0;
     for (let done = 0; done < bytes.length; ) done += waiting(() => disk.write(file, bytes, done, bytes.length - done, -1));
     disk.close(file); parentPort.postMessage([bytes.length, sum]);`,
  );
  expect(await reader.ended).toEqual(await writer.ended);
});

test("small writes of several threads stay whole", async () => {
  const { memory } = fifo();
  const reader = start(
    memory,
    1001,
    `const file = open("/p", 0); const bytes = Buffer.alloc(70000); let text = "";
     for (let n; (n = waiting(() => disk.read(file, bytes, 0, 70000, -1))) > 0; ) text += bytes.toString("latin1", 0, n);
     const counts = {}; for (const line of text.split("\\n").slice(0, -1)) counts[line] = (counts[line] ?? 0) + 1;
     parentPort.postMessage(counts);`,
  );
  const writers = ["a", "b", "c"].map((letter, n) =>
    start(
      memory,
      1002 + n,
      `const file = open("/p", 1); const line = Buffer.from("${letter}".repeat(2999) + "\\n");
       for (let i = 0; i < 300; i++) if (waiting(() => disk.write(file, line, 0, 3000, -1)) !== 3000) throw new Error("part");`,
    ),
  );
  // The kernel closes what a thread has left open.
  await Promise.all(writers.map(({ ended }) => ended));
  const { disk } = openDisk(memory);
  for (let file = 1; file <= 16; file++) if (disk.flags(file) === O_WRONLY) disk.close(file);
  const counts = Object.fromEntries(["a", "b", "c"].map((letter) => [letter.repeat(2999), 300]));
  expect(await reader.ended).toEqual([counts]);
});

test("a thread can wait without sleeping", async () => {
  const { disk } = fifo();
  const file = disk.open("/p", O_RDWR, 0);
  expect(receive(disk, file)).toBe(WAIT);
  const woken = new Promise<void>((resolve) => expect(disk.waitLater(resolve)).toBe(true));
  send(disk, file, "x");
  await woken;
  expect(receive(disk, file)).toBe("x");
  expect(receive(disk, file)).toBe(WAIT);
  send(disk, file, "y");
  expect(disk.waitLater(() => undefined)).toBe(false);
});

test("a thread that is to die does not wait on", async () => {
  const { memory } = fifo();
  const { worker, gate, ended } = start(memory, 1001, `parentPort.postMessage("up"); open("/p", 0);`);
  await new Promise((resolve) => worker.once("message", resolve));
  await new Promise((resolve) => setTimeout(resolve, 50));
  Atomics.store(gate, 0, 1);
  await worker.terminate();
  expect(await ended).toEqual(["up"]);
});

test("the repair keeps open pipes, counts their ends and empties the others", async () => {
  const { memory, disk } = fifo();
  const reader = disk.open("/p", O_RDONLY, 0);
  const writer = disk.open("/p", O_WRONLY, 0);
  disk.dup(writer);
  send(disk, writer, "kept");
  disk.mknod("/other", S_IFIFO | 0o600, 0);
  // A thread dies with the lock.
  const { worker, ended } = start(
    memory,
    1009,
    `const words = new Int32Array(memory.buffer, memory.byteOffset, 1024); while (Atomics.compareExchange(words, 16, 0, id) !== 0);
     parentPort.postMessage("up"); for (;;);`,
  );
  await new Promise((resolve) => worker.once("message", resolve));
  await worker.terminate();
  await ended;
  expect(disk.breakLock(1009)).toBe(1);
  expect(receive(disk, reader)).toBe("kept");
  expect(receive(disk, reader)).toBe(WAIT);
  disk.close(writer);
  disk.close(writer);
  expect(receive(disk, reader)).toBe(0);
  disk.open("/p", O_WRONLY, 0);
  expect(checkDisk(memory)).toEqual(CLEAN);
  const after = openDisk(memory).disk;
  expect(stat(after, "/p")).toMatchObject({ mode: S_IFIFO | 0o644 });
  expect(after.open("/p", O_WRONLY | O_NONBLOCK, 0)).toBe(ENXIO);
});

test("pipes of a machine that has died are gone, and no problem", () => {
  const { memory, disk } = makeDisk();
  const before = checkDisk(memory) && openDisk(memory).disk;
  const room = (of: Disk) => {
    const out = new Float64Array(7);
    of.statfs("/", out);
    return [...out];
  };
  const free = room(before);
  const ends = new Int32Array(2);
  disk.pipe(ends, 0);
  send(disk, ends[1] as number, Buffer.alloc(50_000));
  expect(room(disk)).not.toEqual(free);
  expect(checkDisk(memory)).toEqual(CLEAN);
  expect(room(openDisk(memory).disk)).toEqual(free);
});

test("whatever is in a pipe's state, calls end and the disk can be repaired", () => {
  const next = random(7);
  for (let round = 0; round < 200; round++) {
    const { memory, disk } = fifo(64 * BLOCK_SIZE);
    const file = disk.open("/p", O_RDWR | O_NONBLOCK, 0);
    send(disk, file, Buffer.alloc(next(60_000)));
    const words = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
    const data = words.length - 64 * 1024;
    for (let i = 0; i < 3; i++) words[data + next(8)] = next(2) ? next(2 ** 31) - 2 ** 30 : next(70_000);
    const bytes = Buffer.alloc(next(70_000));
    expect(disk.read(file, bytes, 0, bytes.length, -1)).toBeLessThanOrEqual(bytes.length);
    expect(disk.write(file, bytes, 0, bytes.length, -1)).toBeLessThanOrEqual(bytes.length);
    disk.opened(file);
    disk.close(file);
    checkDisk(memory);
    expect(checkDisk(memory)).toEqual(CLEAN);
  }
});

test("devices are numbers, and only the superuser makes them", () => {
  const { disk, memory } = makeDisk();
  expect(disk.mknod("/null", S_IFCHR | 0o666, 0x103)).toBe(0);
  expect(stat(disk, "/null")).toMatchObject({ mode: S_IFCHR | 0o644, rdev: 0x103, size: 0, blocks: 0 });
  const file = disk.open("/null", O_RDWR, 0);
  expect([disk.openedType, disk.device(file)]).toEqual([S_IFCHR, 0x103]);
  expect([send(disk, file, "x"), receive(disk, file), disk.fsync(file)]).toEqual([EREMOTE, EREMOTE, EINVAL]);
  expect(disk.copyFile("/null", "/copy", 0)).toBe(0);
  expect(disk.copyFile("/copy", "/null", 0)).toBe(EINVAL);
  expect(disk.mknod("/null", S_IFCHR, 1)).toBe(EEXIST);
  const user = openDisk(memory, { uid: 1000, gid: 1000 }).disk;
  disk.mkdir("/open", 0o777);
  disk.chmod("/open", 0o777);
  expect(user.mknod("/open/d", S_IFCHR | 0o666, 0x103)).toBe(EPERM);
  expect(user.mknod("/open/p", S_IFIFO | 0o666, 0)).toBe(0);
  expect(user.mknod("/open/f", 0o100644, 0)).toBe(0);
  expect([user.mknod("/open/x", 0o040755, 0), user.mknod("/open/x", 0o060755, 0)]).toEqual([EPERM, EINVAL]);
  disk.close(file);
  disk.unlink("/null");
  expect(checkDisk(memory).problems).toEqual([]);
});

test("what is in the virtual directory is told to those who ask for it", () => {
  const { disk, memory } = makeDisk();
  disk.mkdir("/proc", 0o555);
  expect(disk.setVirtual("/proc")).toBe(0);
  disk.symlink("/proc/self/x", "/link");
  const gate = new Int32Array(new SharedArrayBuffer(4));
  const credentials = { uid: 0, gid: 0, umask: 0, cwd: 1 };
  const guest = new (disk.constructor as typeof Disk)(memory, { id: 99, gate, gateIndex: 0 }, credentials, {
    leaves: true,
  });
  const out = new Float64Array(18);
  const rest = (answer: number) =>
    answer === EREMOTE ? Buffer.from(guest.result.subarray(0, guest.remote())).toString() : answer;
  expect(rest(guest.stat("/proc//self/./x/", out))).toBe("self/./x/");
  expect(rest(guest.lstat("/link/../y", out))).toBe("self/x/../y");
  expect(rest(guest.open("/proc", 0, 0))).toBe("");
  expect(rest(guest.mkdir("/proc/new", 0o755))).toBe("new");
  expect(guest.stat("/proc/", out)).toBe(0);
  credentials.cwd = guest.resolveDirectory("/proc");
  expect([rest(guest.stat("self", out)), rest(guest.stat(".", out))]).toEqual(["self", "."]);
  expect([rest(guest.rename("/link", "x")), guest.remoteIsSecond]).toEqual(["x", true]);
  expect([guest.rmdir("/proc"), guest.rename("/proc", "/p")]).toEqual([-16, -16]);
  // For everybody else it is an empty directory, in which nothing can be made.
  expect([
    disk.stat("/proc/self", out),
    disk.mkdir("/proc/new", 0o755),
    disk.symlink("x", "/proc/l"),
  ]).toEqual([ENOENT, ENOENT, ENOENT]);
  expect(checkDisk(memory)).toEqual(CLEAN);
  const words = new Int32Array(memory.buffer, memory.byteOffset, 16);
  words[4] = 12345;
  checkDisk(memory);
  expect(words[4]).toBe(0);
});

test("a thread that is killed anywhere leaves the others a pipe that ends", async () => {
  const { memory, disk } = fifo(1 << 20);
  const next = random(Date.now());
  const bytes = Buffer.alloc(70_000);
  for (let round = 0; round < 40; round++) {
    const reader = disk.open("/p", O_RDONLY | O_NONBLOCK, 0);
    const id = 2000 + round;
    const { worker, gate, ended } = start(
      memory,
      id,
      `const bytes = Buffer.alloc(9000); parentPort.postMessage("up");
       for (let i = 0; ; i++) {
         const file = disk.open("/p", i % 3 === 0 ? 2 : 1, 0);
         for (let j = 0; j < 5; j++) disk.write(file, bytes, 0, 1 + (i * 997) % 9000, -1);
         if (i % 3 === 0) disk.read(file, bytes, 0, 5000, -1);
         disk.close(file);
         if (i % 50 === 0) { disk.unlink("/q"); disk.mknod("/q", ${S_IFIFO | 0o644}, 0); disk.close(disk.open("/q", 2, 0)); }
       }`,
    );
    await new Promise((resolve) => worker.once("message", resolve));
    await new Promise((resolve) => setTimeout(resolve, next(8)));
    // Half of them as the kernel does it, half as a crash of V8 would.
    if (round % 2 === 0) Atomics.store(gate, 0, 1);
    await worker.terminate();
    await ended;
    disk.breakLock(id);
    for (let file = 1; file <= 8; file++) if (file !== reader && disk.flags(file) >= 0) disk.close(file);
    let result = disk.read(reader, bytes, 0, 70_000, -1);
    while (result > 0) result = disk.read(reader, bytes, 0, 70_000, -1);
    expect(result).toBe(0);
    disk.close(reader);
    expect(disk.open("/p", O_WRONLY | O_NONBLOCK, 0)).toBe(ENXIO);
  }
  expect(checkDisk(memory).problems).toEqual([]);
}, 60_000);
