import { expect, test } from "vitest";
import { checkDisk } from "../../src/disk/disk.js";
import { BLOCK_SIZE, S_BLOCK_TOP, S_LOCK } from "../../src/disk/layout.js";
import { FreedBlocks } from "../../src/kernel/freed-blocks.js";
import { makeDisk, openDisk, random } from "../disk/support.js";

const KIB = 1024;

function boot(bytes = 32 << 20) {
  const { memory, disk } = makeDisk(bytes, 4096);
  const given: [number, number][] = [];
  const bytesOf = new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
  const discard = (offset: number, length: number): void => {
    given.push([offset, length]);
    // As the system does.
    bytesOf.fill(0, offset, offset + length);
  };
  const freed = new FreedBlocks(memory, openDisk(memory, {}, 5).disk, discard);
  const words = new Int32Array(memory.buffer, memory.byteOffset, 64);
  const total = () => given.reduce((sum, [, length]) => sum + length, 0);
  const released = async (): Promise<number> => {
    const before = total();
    freed.release();
    for (let count = -1; count !== given.length; ) {
      count = given.length;
      for (let i = 0; i < 3; i++) await new Promise(setImmediate);
    }
    return total() - before;
  };
  const write = (path: string, length: number, byte: number): void => {
    const file = disk.open(path, 0o1101, 0o644);
    disk.write(file, Buffer.alloc(length, byte), 0, length, -1);
    disk.close(file);
  };
  return { memory, disk, given, released, write, words, discard };
}

test("what files leave is given back, and nothing of what is there", async () => {
  const { memory, disk, released, write, words, given } = boot();
  const next = random(3);
  const sizes = Array.from({ length: 60 }, () => next(600) * KIB);
  for (const [i, size] of sizes.entries()) write(`/f${i}`, size, i + 1);
  let gone = 0;
  for (let i = 0; i < 60; i++) {
    if (i % 3 === 0) continue;
    disk.unlink(`/f${i}`);
    gone += sizes[i] as number;
  }
  const back = await released();
  expect(back).toBeGreaterThan(gone * 0.9);
  expect(Math.max(...given.map(([, length]) => length))).toBeLessThanOrEqual(256 * BLOCK_SIZE);
  const bytes = Buffer.alloc(600 * KIB);
  for (let i = 0; i < 60; i += 3) {
    const file = disk.open(`/f${i}`, 0, 0);
    expect(disk.read(file, bytes, 0, bytes.length, 0)).toBe(sizes[i]);
    expect(bytes.subarray(0, sizes[i]).every((byte) => byte === i + 1)).toBe(true);
    disk.close(file);
  }
  expect(checkDisk(memory)).toEqual({ repaired: 0, problems: [], formatted: false });
  for (let i = 0; i < 60; i += 3) disk.unlink(`/f${i}`);
  await released();
  expect(words[S_BLOCK_TOP]).toBe(0);
});

test("it is done when it is worth it", async () => {
  const { disk, released, write } = boot();
  expect(await released()).toBe(0);
  write("/small", 2 << 20, 1);
  disk.unlink("/small");
  expect(await released()).toBe(0);
  write("/more", 3 << 20, 1);
  disk.unlink("/more");
  expect(await released()).toBeGreaterThan(2 << 20);
  expect(await released()).toBe(0);
});

test("a disk that is in use is left alone, and so is whatever its tables say", async () => {
  const { memory, disk, released, write, words, given } = boot();
  write("/f", 8 << 20, 1);
  disk.unlink("/f");
  words[S_LOCK] = 4711;
  expect(await released()).toBe(0);
  words[S_LOCK] = 0;
  const next = random(11);
  const table = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
  for (let round = 0; round < 50; round++) {
    write("/f", 5 << 20, 1);
    disk.unlink("/f");
    for (let i = 0; i < 40; i++) words[36 + next(28)] = (next(2 ** 30) - 2 ** 29) * 4;
    for (let i = 0; i < 40; i++) table[1024 + next(4096)] = next(2 ** 30);
    await released();
    checkDisk(memory, { bytes: 32 << 20, inodes: 4096 });
  }
  for (const [offset, length] of given) {
    expect(offset).toBeGreaterThan(0);
    expect(offset + length).toBeLessThanOrEqual(memory.byteLength);
  }
});
