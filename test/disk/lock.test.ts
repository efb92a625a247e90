import { describe, expect, test } from "vitest";
import { checkDisk, Disk } from "../../src/disk/disk.js";
import { S_ABANDONED, S_BLOCK_TOP, S_LOCK, S_WANTED } from "../../src/disk/layout.js";
import { free, get, list, makeDisk, openDisk, put, stat } from "./support.js";

const DEAD = 99;

function words({ memory }: ReturnType<typeof makeDisk>): Int32Array {
  return new Int32Array(memory.buffer, memory.byteOffset, 1024);
}

describe("the lock", () => {
  test("is free between calls, and serves several users of one memory", () => {
    const one = makeDisk();
    const two = openDisk(one.memory);
    put(one.disk, "/f", "by one");
    expect(get(two.disk, "/f")).toBe("by one");
    expect(one.disk.lockHolder()).toBe(0);
  });

  test("is waited for as long as patience says", () => {
    const made = makeDisk();
    const kernel = openDisk(made.memory, {}, 30);
    words(made)[S_LOCK] = DEAD;
    const start = performance.now();
    expect(stat(kernel.disk, "/").error).toBe(-16);
    expect(kernel.disk.write(1, new Uint8Array(1), 0, 1, 0)).toBe(-16);
    const took = performance.now() - start;
    expect(took).toBeGreaterThan(50);
    expect(took).toBeLessThan(2000);
    expect(kernel.disk.lockHolder()).toBe(DEAD);
  });

  test("is left to whoever has little patience, for a turn", () => {
    const made = makeDisk();
    const kernel = openDisk(made.memory, {}, 30);
    words(made)[S_WANTED] = 1;
    const start = performance.now();
    put(made.disk, "/f", "late");
    expect(performance.now() - start).toBeGreaterThan(3);
    words(made)[S_LOCK] = DEAD;
    expect(stat(kernel.disk, "/").error).toBe(-16);
    expect(words(made)[S_WANTED]).toBe(0);
    words(made)[S_WANTED] = 1;
    checkDisk(made.memory);
    expect(words(made)[S_WANTED]).toBe(0);
    expect(get(made.disk, "/f")).toBe("late");
  });

  test("is taken from the dead, and from them alone", () => {
    const made = makeDisk();
    const kernel = openDisk(made.memory, {}, 10);
    put(made.disk, "/f", "kept");
    const open = made.disk.open("/f", 0, 0);
    words(made)[S_LOCK] = DEAD | (1 << 31);
    expect(kernel.disk.breakLock(DEAD + 1)).toBe(0);
    expect(kernel.disk.breakLock(0)).toBe(-22);
    expect(kernel.disk.breakLock(DEAD)).toBe(1);
    expect(kernel.disk.breakLock(DEAD)).toBe(0);
    expect(kernel.disk.lockHolder()).toBe(0);
    // Files stay open through it.
    const bytes = Buffer.alloc(4);
    expect(made.disk.read(open, bytes, 0, 4, 0)).toBe(4);
    expect(bytes.toString()).toBe("kept");
  });

  test("is refused to a disk without a proper owner", () => {
    const { memory, credentials } = makeDisk();
    const gate = new Int32Array(new SharedArrayBuffer(4));
    for (const id of [0, -1, 2 ** 31, Number.NaN]) {
      expect(() => new Disk(memory, { id, gate, gateIndex: 0 }, credentials)).toThrow(RangeError);
    }
  });
});

describe("a repair while others work", () => {
  test("keeps open files, those without names too, and listings under way", () => {
    const made = makeDisk(1 << 20, 2048);
    const { disk, memory } = made;
    const before = free(disk);
    for (let i = 0; i < 1000; i++) put(disk, `/f${i}`, "");
    put(disk, "/gone", "still open");
    const open = disk.open("/gone", 2, 0);
    disk.dup(open);
    disk.unlink("/gone");
    const directory = disk.open("/", 0, 0);
    expect(disk.readEntries(directory, 0)).toBe(512);
    const cookie = disk.cookie;
    words(made)[S_ABANDONED] = 1;
    expect(disk.readEntries(directory, cookie)).toBe(488);
    expect(words(made)[S_ABANDONED]).toBe(0);
    const bytes = Buffer.alloc(10);
    expect(disk.read(open, bytes, 0, 10, 0)).toBe(10);
    expect(bytes.toString()).toBe("still open");
    for (const file of [open, open, directory]) expect(disk.close(file)).toBe(0);
    for (const name of list(disk, "/")) disk.unlink(`/${name}`);
    expect(free(disk)).toEqual(before);
    expect(checkDisk(memory)).toEqual({ repaired: 0, problems: [], formatted: false });
  });

  test("puts half-made changes right", () => {
    const made = makeDisk();
    const { disk, memory } = made;
    put(disk, "/f", "x");
    const all = new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
    // As if blocks and an inode had been taken, and nothing pointed to them yet.
    all[32] = (all[32] ?? 0) - 5;
    all[34] = (all[34] ?? 0) - 1;
    all[S_ABANDONED] = 1;
    const counts = free(disk);
    expect(counts.blocks).toBe(1023);
    expect(counts.inodes).toBe(1022);
  });
});

test("the highest block that was ever in use is known", () => {
  const made = makeDisk();
  put(made.disk, "/f", "x".repeat(100_000));
  const top = words(made)[S_BLOCK_TOP] as number;
  expect(top).toBeGreaterThanOrEqual(25);
  made.disk.unlink("/f");
  put(made.disk, "/g", "y");
  expect(words(made)[S_BLOCK_TOP]).toBe(top);
});
