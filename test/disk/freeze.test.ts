import { expect, test } from "vitest";
import { checkDisk, type DiskMemory } from "../../src/disk/disk.js";
import { Freezer, PIECE_BYTES, pieceMapBytes } from "../../src/disk/freeze.js";
import { MAGIC, S_LOCK, VERSION } from "../../src/disk/layout.js";
import { DISK_LAYOUT } from "../../src/wire/limits.js";
import { allocate, get, list, makeDisk, openDisk, put, stat } from "./support.js";

const SIZE = { bytes: 4 << 20, inodes: 1024 };
const owner = { id: 0x7fffffff, gate: new Int32Array(1), gateIndex: 0 };
const bytesOf = ({ buffer, byteOffset, byteLength }: DiskMemory) =>
  new Uint8Array(buffer, byteOffset, byteLength);

function frozen(memory: DiskMemory): { freezer: Freezer; pieces: Uint8Array } {
  const freezer = new Freezer(memory, owner, 0);
  const pieces = new Uint8Array(pieceMapBytes(memory));
  expect(freezer.freeze(pieces)).toBe(0);
  return { freezer, pieces };
}

function copy(from: DiskMemory, to: DiskMemory, pieces: Uint8Array): number {
  const [source, target] = [bytesOf(from), bytesOf(to)];
  let copied = 0;
  for (let at = 0, piece = 0; at < source.length; at += PIECE_BYTES, piece++) {
    if (((pieces[piece >>> 3] as number) & (1 << (piece & 7))) === 0) continue;
    target.set(source.subarray(at, at + PIECE_BYTES), at);
    copied++;
  }
  return copied;
}

test("the host knows the version of what machines write", () => {
  expect(DISK_LAYOUT).toBe(VERSION);
});

test("what is marked is the whole disk, and not all of its memory", () => {
  const { memory, disk } = makeDisk(SIZE.bytes, SIZE.inodes);
  disk.mkdir("/d", 0o755);
  put(disk, "/d/small", "text");
  put(disk, "/d/large", new Uint8Array(300_000).fill(7));
  disk.symlink("small", "/d/link");
  for (let i = 0; i < 40; i++) put(disk, `/d/f${i}`, "x".repeat(i * 200));
  for (let i = 0; i < 40; i += 2) disk.unlink(`/d/f${i}`);
  const { freezer, pieces } = frozen(memory);
  // Over the files of another disk of the same size.
  const target = makeDisk(SIZE.bytes, SIZE.inodes);
  put(target.disk, "/other", new Uint8Array(1_000_000).fill(9));
  const copied = copy(memory, target.memory, pieces);
  freezer.thaw();
  expect(copied * PIECE_BYTES).toBeLessThan(memory.byteLength / 2);
  const { problems } = checkDisk(target.memory, SIZE);
  expect(problems).toEqual([]);
  const { disk: restored } = openDisk(target.memory);
  expect(list(restored, "/")).toEqual(list(disk, "/"));
  expect(list(restored, "/d")).toEqual(list(disk, "/d"));
  for (const name of ["small", "large", "link", "f1", "f39"]) {
    const { atime: _, ...known } = stat(restored, `/d/${name}`);
    expect(stat(disk, `/d/${name}`)).toMatchObject(known);
    expect(get(restored, `/d/${name}`)).toBe(get(disk, `/d/${name}`));
  }
});

test("nobody has the disk before the thaw, the kernel's own face included", () => {
  const { memory } = makeDisk(SIZE.bytes, SIZE.inodes);
  const { freezer, pieces } = frozen(memory);
  const guest = openDisk(memory, {}, 0).disk;
  expect(guest.mkdir("/a", 0o755)).toBe(-16);
  expect(new Freezer(memory, { ...owner, id: 1 }, 0).freeze(pieces)).toBe(-16);
  expect(freezer.thaw()).toBe(true);
  expect(guest.mkdir("/a", 0o755)).toBe(0);
  expect(freezer.thaw()).toBe(false);
});

test("a lock that is not to be had is an error", () => {
  const { memory } = makeDisk(SIZE.bytes, SIZE.inodes);
  new Int32Array(memory.buffer, memory.byteOffset)[S_LOCK] = 5;
  expect(new Freezer(memory, owner, 0).freeze(new Uint8Array(pieceMapBytes(memory)))).toBe(-16);
});

test("what was filled in is checked before anybody has it, and its own lock doesn't count", () => {
  const { memory, disk } = makeDisk(SIZE.bytes, SIZE.inodes);
  put(disk, "/mine", "mine");
  const { freezer } = frozen(memory);
  const words = new Int32Array(memory.buffer, memory.byteOffset);
  words[S_LOCK] = 77;
  expect(freezer.adopt()).toEqual({ repaired: 0, problems: [], formatted: false });
  expect(get(openDisk(memory, {}, 0).disk, "/mine")).toBe("mine");
  words[0] = MAGIC + 1;
  expect(freezer.adopt()).toMatchObject({ formatted: true });
  expect(list(openDisk(memory, {}, 0).disk, "/")).toEqual([]);
});

test("marks stay within the map, whatever the tables say", () => {
  const memory = allocate(SIZE.bytes, SIZE.inodes);
  const source = makeDisk(SIZE.bytes, SIZE.inodes).memory;
  bytesOf(memory).set(bytesOf(source));
  const words = new Int32Array(memory.buffer, memory.byteOffset);
  const freezer = new Freezer(memory, owner, 0);
  for (let word = 32; word < 1024; word++) words[word] = word % 2 === 0 ? 0x7fffffff : -1;
  words[46] = 0;
  const pieces = new Uint8Array(pieceMapBytes(memory));
  expect(freezer.freeze(pieces)).toBe(0);
  expect(pieces.length).toBe(pieceMapBytes(memory));
});
