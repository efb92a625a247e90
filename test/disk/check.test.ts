import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDisk, type DiskMemory, formatDisk } from "../../src/disk/disk.js";
import {
  geometryFor,
  I_DIRECT,
  I_LINKS,
  I_MODE,
  I_SIZE,
  INODE_WORDS,
  N_INODE,
  N_MORE,
  N_PARENT,
  NAME_WORDS,
  S_FREE_BLOCKS,
  S_RENAME_FROM,
  S_RENAME_TO,
  S_VIRTUAL,
} from "../../src/disk/layout.js";
import {
  allocate,
  free,
  get,
  list,
  makeDisk,
  openDisk,
  put,
  random,
  stat,
  type TestDisk,
} from "./support.js";

const SIZE = { bytes: 512 * 4096, inodes: 200 };
const CLEAN = { repaired: 0, problems: [], formatted: false };

/** A disk with some of everything. */
function populated(): TestDisk {
  const made = makeDisk(SIZE.bytes, SIZE.inodes);
  const { disk } = made;
  for (const d of ["/a", "/a/b", "/a/b/c", "/e"]) disk.mkdir(d, 0o755);
  for (let i = 0; i < 20; i++) put(disk, `/a/f${i}`, "data ".repeat(i * 40));
  put(disk, `/a/b/${"long".repeat(60)}`, new Uint8Array(20 * 4096).fill(1));
  disk.link("/a/f1", "/e/hard");
  disk.symlink("../a/f2", "/e/soft");
  const sparse = disk.open("/e/sparse", 0o1102, 0o644);
  disk.write(sparse, Buffer.from("far"), 0, 3, 12 * 4096 + 1024 * 4096 + 5);
  disk.close(sparse);
  return made;
}

function words({ buffer, byteOffset, byteLength }: DiskMemory): Int32Array {
  return new Int32Array(buffer, byteOffset, byteLength / 4);
}

const G = geometryFor(SIZE);
const inodeAt = (inode: number, field: number) => G.inodeBase + inode * INODE_WORDS + field;
const nameAt = (slot: number, field: number) => G.nameBase + slot * NAME_WORDS + field;

function slotOf(memory: DiskMemory, inode: number): number {
  const w = words(memory);
  for (let slot = 1; slot < G.names; slot++) {
    if ((w[nameAt(slot, N_PARENT)] ?? 0) > 0 && w[nameAt(slot, N_INODE)] === inode) return slot;
  }
  return 0;
}

/** Uses everything there is, then removes it all: what the repair has left must be a whole disk. */
function useUp({ disk }: TestDisk): void {
  const out = new Float64Array(18);
  let seen = 0;
  // Names may be any bytes.
  const visit = (path: string) => {
    for (const name of list(disk, path, "latin1")) {
      const at = `${path === "/" ? "" : path}/${name}`;
      const bytes = Buffer.from(at, "latin1");
      if (++seen > 1000) throw new Error("more files than there can be");
      expect(disk.lstat(bytes, out)).toBe(0);
      const directory = ((out[1] ?? 0) & 0o170000) === 0o040000;
      if (directory) visit(at);
      else {
        const length = disk.readSmall(bytes, 0, 65536);
        if (length >= 0) disk.writeSmall(bytes, 0o1101, 0o666, disk.result, length);
      }
      expect(directory ? disk.rmdir(bytes) : disk.unlink(bytes)).toBe(0);
    }
  };
  visit("/");
  expect(free(disk)).toEqual({ blocks: G.blocks, inodes: G.inodes - 1 });
  expect(put(disk, "/new", "still works")).toBe(11);
  expect(get(disk, "/new")).toBe("still works");
}

function sound(made: TestDisk): void {
  expect(checkDisk(made.memory, SIZE)).toEqual(CLEAN);
  useUp(openDisk(made.memory));
  expect(checkDisk(made.memory, SIZE)).toEqual(CLEAN);
}

describe("checkDisk", () => {
  test("finds nothing wrong with a disk in use", () => {
    sound(populated());
  });

  test("makes a disk of fresh memory", () => {
    const memory = allocate(SIZE.bytes, SIZE.inodes);
    expect(checkDisk(memory, SIZE)).toMatchObject({ formatted: true });
    expect(checkDisk(memory, SIZE)).toEqual(CLEAN);
    expect(() => checkDisk(allocate(SIZE.bytes, SIZE.inodes))).toThrow(RangeError);
  });

  test("does not believe another geometry", () => {
    const { memory } = populated();
    words(memory)[3] = 100;
    expect(checkDisk(memory, SIZE)).toMatchObject({ formatted: true });
  });

  test("drops what was open, with the files that had no name left", () => {
    const made = populated();
    const file = made.disk.open("/a/f19", 2, 0);
    made.disk.unlink("/a/f19");
    expect(checkDisk(made.memory, SIZE)).toMatchObject({ repaired: 2, formatted: false });
    expect(made.disk.close(file)).toBe(-9);
    sound(made);
  });

  test("cuts a text off where its name ends, so that no other's goes with it", () => {
    const made = populated();
    const w = words(made.memory);
    const { ino: long = 0 } = stat(made.disk, `/a/b/${"long".repeat(60)}`);
    const { ino: short = 0 } = stat(made.disk, "/e/soft", false);
    w[nameAt(slotOf(made.memory, short), N_MORE)] = w[nameAt(slotOf(made.memory, long), N_MORE)] ?? 0;
    checkDisk(made.memory, SIZE);
    expect(made.disk.unlink("/e/soft")).toBe(0);
    expect(stat(made.disk, `/a/b/${"long".repeat(60)}`).error).toBe(0);
    sound(made);
  });

  test("has no directory with files be a virtual one", () => {
    const made = populated();
    for (const path of ["/", "/a", "/a/f1"]) {
      words(made.memory)[S_VIRTUAL] = stat(made.disk, path).ino ?? 0;
      expect(checkDisk(made.memory, SIZE).formatted).toBe(false);
      expect(words(made.memory)[S_VIRTUAL]).toBe(0);
    }
    words(made.memory)[S_VIRTUAL] = stat(made.disk, "/a/b/c").ino ?? 0;
    expect(checkDisk(made.memory, SIZE)).toEqual(CLEAN);
    expect(words(made.memory)[S_VIRTUAL]).toBe(stat(made.disk, "/a/b/c").ino);
  });

  test("puts derived data right", () => {
    const made = populated();
    const w = words(made.memory);
    const { ino = 0 } = stat(made.disk, "/a/f1");
    w[inodeAt(ino, I_LINKS)] = 77;
    w[S_FREE_BLOCKS] = 3;
    w.fill(-1, G.bitmapBase, G.bitmapBase + 4);
    w.fill(0x12345678, G.bucketBase, G.bucketBase + G.bucketSlots);
    w.fill(-5, 36, 44);
    expect(checkDisk(made.memory, SIZE).repaired).toBeGreaterThan(0);
    expect(stat(made.disk, "/a/f1").nlink).toBe(2);
    sound(made);
  });

  test("breaks a cycle of directories", () => {
    const made = populated();
    const { disk, memory } = made;
    const outer = stat(disk, "/a/b").ino ?? 0;
    const inner = stat(disk, "/a/b/c").ino ?? 0;
    words(memory)[nameAt(slotOf(memory, outer), N_PARENT)] = inner;
    checkDisk(memory, SIZE);
    expect(stat(disk, "/a/b").error).toBe(-2);
    expect(get(disk, "/a/f2")).toBe("data ".repeat(80));
    sound(made);
  });

  test("gives a block to one file only", () => {
    const made = populated();
    const w = words(made.memory);
    const one = stat(made.disk, "/a/f5").ino ?? 0;
    const two = stat(made.disk, "/a/f6").ino ?? 0;
    w[inodeAt(two, I_DIRECT)] = w[inodeAt(one, I_DIRECT)] ?? 0;
    expect(checkDisk(made.memory, SIZE).repaired).toBeGreaterThan(0);
    put(made.disk, "/a/f6", "other");
    expect(get(made.disk, "/a/f5")).toBe("data ".repeat(200));
    sound(made);
  });

  test("finishes a rename that was committed, and forgets one that was not", () => {
    const made = populated();
    const { disk, memory } = made;
    const w = words(memory);
    const from = slotOf(memory, stat(disk, "/a/f7").ino ?? 0);
    const to = slotOf(memory, stat(disk, "/a/f8").ino ?? 0);
    w[S_RENAME_FROM] = from;
    w[S_RENAME_TO] = to;
    checkDisk(memory, SIZE);
    expect([get(disk, "/a/f7").length, get(disk, "/a/f8").length]).toEqual([1400, 1600]);
    w[S_RENAME_FROM] = from;
    w[S_RENAME_TO] = to;
    w[nameAt(to, N_INODE)] = w[nameAt(from, N_INODE)] ?? 0;
    checkDisk(memory, SIZE);
    expect([get(disk, "/a/f7"), get(disk, "/a/f8").length]).toEqual(["error 2", 1400]);
    sound(made);
  });

  test("makes a root where there is none", () => {
    const made = populated();
    words(made.memory)[inodeAt(1, I_MODE)] = 0;
    checkDisk(made.memory, SIZE);
    sound(made);
  });

  test("puts impossible sizes right", () => {
    const made = populated();
    const { memory, disk } = made;
    const doubles = new Float64Array(memory.buffer, memory.byteOffset, memory.byteLength / 8);
    for (const [i, size] of [NaN, Infinity, -1, 1.5, 1e300].entries()) {
      doubles[inodeAt(stat(disk, `/a/f${i + 3}`).ino ?? 0, I_SIZE) / 2] = size;
    }
    checkDisk(memory, SIZE);
    sound(made);
  });
});

describe("checkDisk survives", () => {
  const seed = fc.integer({ min: 1, max: 2 ** 31 - 1 });

  test("random bytes", () => {
    const memory = allocate(SIZE.bytes, SIZE.inodes);
    const bytes = new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
    fc.assert(
      fc.property(seed, fc.boolean(), (start, keepsHead) => {
        if (keepsHead) formatDisk(memory, SIZE);
        const next = random(start);
        for (let i = keepsHead ? 64 : 0; i < bytes.length; i++) bytes[i] = next(256);
        checkDisk(memory, SIZE);
        sound(openDisk(memory));
      }),
      { numRuns: 15 },
    );
  });

  test("random small numbers, which look like links", () => {
    const memory = allocate(SIZE.bytes, SIZE.inodes);
    const w = words(memory);
    fc.assert(
      fc.property(seed, fc.integer({ min: 2, max: 400 }), (start, below) => {
        formatDisk(memory, SIZE);
        const next = random(start);
        const modes = [0o100644, 0o040755, 0o120777, 0];
        for (let i = 36; i < G.byteLength / 4; i++) w[i] = next(below);
        for (let i = 1; i <= G.inodes; i++) w[inodeAt(i, I_MODE)] = modes[next(4)] ?? 0;
        const doubles = new Float64Array(memory.buffer, memory.byteOffset, memory.byteLength / 8);
        for (let i = 1; i <= G.inodes; i++) doubles[inodeAt(i, I_SIZE) / 2] = next(3) * next(3000000);
        w[35] = next(2) ? G.inodes : next(G.inodes);
        w[38] = next(2) ? G.names : next(G.names);
        checkDisk(memory, SIZE);
        sound(openDisk(memory));
      }),
      { numRuns: 40, interruptAfterTimeLimit: 6000 },
    );
  });

  test("damage to a whole disk", () => {
    const image = populated();
    const size = image.memory.byteLength;
    const original = new Uint8Array(image.memory.buffer, image.memory.byteOffset, size).slice();
    const memory = allocate(SIZE.bytes, SIZE.inodes);
    const bytes = new Uint8Array(memory.buffer, memory.byteOffset, size);
    const w = words(memory);
    // Where there is something: the superblock, and the beginnings of the tables. The virtual directory may
    // be any that is empty, and is not removed.
    const places = [
      S_VIRTUAL + 1,
      G.bitmapBase,
      G.bucketBase,
      G.inodeBase,
      G.nameBase,
      (G.dataBase + 4096) / 4,
    ];
    const damage = fc.record({
      region: fc.nat({ max: places.length - 1 }),
      offset: fc.oneof(fc.nat({ max: 60 }), fc.nat({ max: 1500 })),
      value: fc.oneof(fc.integer(), fc.integer({ min: -2, max: 600 })),
    });
    fc.assert(
      fc.property(fc.array(damage, { minLength: 1, maxLength: 40 }), (all) => {
        bytes.set(original);
        for (const { region, offset, value } of all) w[(places[region] ?? 0) + offset] = value;
        checkDisk(memory, SIZE);
        sound(openDisk(memory));
      }),
      { numRuns: 300, interruptAfterTimeLimit: 8000 },
    );
  });
});
