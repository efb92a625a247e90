import { beforeEach, expect, it } from "vitest";
import { type DiskMemory, diskMemorySize, formatDisk } from "../../src/disk/disk.js";
import { TCP_QUEUE } from "../../src/disk/socket.js";
import { DiskAccess } from "../../src/kernel/disk-access.js";
import { PassedFiles } from "../../src/kernel/passed-files.js";
import { EBADF, EINVAL, EMFILE, ENOBUFS, EPIPE } from "../../src/syscall/errno.js";
import { createProcessPage, FdTable } from "../../src/syscall/process-page.js";

let access: DiskAccess;
let passed: PassedFiles;
/** Two processes. */
let one: FdTable;
let other: FdTable;

beforeEach(() => {
  const size = { bytes: 64 * 1024 * 1024, inodes: 8192 };
  const byteLength = diskMemorySize(size);
  const memory: DiskMemory = { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
  formatDisk(memory, size);
  access = new DiskAccess(memory, () => false);
  passed = new PassedFiles(access);
  one = new FdTable(createProcessPage(64));
  other = new FdTable(createProcessPage(64));
});

/** A channel between the two: the descriptor of each. */
function channel(): [number, number] {
  const ends = new Int32Array(2);
  expect(access.root.pair(ends)).toBe(0);
  return [one.alloc(ends[0] as number), other.alloc(ends[1] as number)];
}

/** A socket of the first process, by its descriptor and its file; and the end that shows whether it is open. */
function socket(): { fd: number; file: number; queue: number } {
  const ends = new Int32Array(2);
  expect(access.root.sockets.queue(ends, TCP_QUEUE)).toBe(0);
  const [file, queue] = ends as unknown as [number, number];
  return { fd: one.alloc(file), file, queue };
}

function close(files: FdTable, fd: number): void {
  access.root.close(files.free(fd));
}

it("hands a file over once, and says before that there is one", async () => {
  const [near, far] = channel();
  const { fd, file, queue } = socket();
  expect(access.root.hasPassed(other.get(far))).toBe(0);
  expect(await passed.pass(one, near, fd)).toBe(0);
  expect(access.root.hasPassed(other.get(far))).toBe(1);
  expect(access.root.hasPassed(one.get(near))).toBe(0);
  close(one, fd);
  const taken = await passed.take(other, far);
  expect(other.get(taken)).toBe(file);
  expect(access.root.hasPassed(other.get(far))).toBe(0);
  expect(await passed.take(other, far)).toBe(-EBADF);
  close(other, taken);
  expect(access.root.sockets.isTaken(queue)).toBe(0);
});

it("keeps nothing that nobody will take", async () => {
  const [near, far] = channel();
  const { fd, queue } = socket();
  expect(await passed.pass(one, near, fd)).toBe(0);
  close(one, fd);
  await passed.sweep();
  expect(access.root.sockets.isTaken(queue)).toBe(1);
  close(other, far);
  await passed.sweep();
  expect(access.root.sockets.isTaken(queue)).toBe(0);
  expect(await passed.pass(one, near, socket().fd)).toBe(-EPIPE);
});

it("replaces what was not taken before", async () => {
  const [near, far] = channel();
  const [first, second] = [socket(), socket()];
  await passed.pass(one, near, first.fd);
  await passed.pass(one, near, second.fd);
  close(one, first.fd);
  expect(access.root.sockets.isTaken(first.queue)).toBe(0);
  expect(other.get(await passed.take(other, far))).toBe(second.file);
});

it("answers what can't be with an errno, and bounds what is on its way", async () => {
  const [near, far] = channel();
  const { fd, queue } = socket();
  for (const bad of [-1, 0.5, Number.NaN, 63, 1e9]) {
    expect(await passed.pass(one, bad, fd)).toBe(-EBADF);
    expect(await passed.pass(one, near, bad)).toBe(-EBADF);
    expect(await passed.take(other, bad)).toBe(-EBADF);
  }
  const file = one.alloc(access.root.open("/file", 0o102, 0o644));
  expect(await passed.pass(one, file, fd)).toBe(-EINVAL);
  other.setLimit(1);
  await passed.pass(one, near, fd);
  close(one, fd);
  expect(await passed.take(other, far)).toBe(-EMFILE);
  expect(access.root.sockets.isTaken(queue)).toBe(0);
  one.setLimit(4096);
  other.setLimit(4096);
  const errors = new Set<number>();
  const { fd: many } = socket();
  for (let i = 0; i < 1100; i++) {
    const ends = new Int32Array(2);
    if (access.root.pair(ends) < 0) break;
    const end = one.alloc(ends[0] as number);
    errors.add(await passed.pass(one, end, many));
  }
  expect([...errors]).toEqual([0, -ENOBUFS]);
});
