import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { checkDisk, diskMemorySize, formatDisk } from "../../src/disk/disk.js";
import { allocate, free, list, makeDisk, openDisk, put, stat } from "./support.js";

const CLEAN = { repaired: 0, problems: [], formatted: false };

describe("a full disk", () => {
  test("holds exactly its bytes, and gets all of them back", () => {
    const { disk, memory } = makeDisk(100 * 4096, 64);
    const before = free(disk);
    expect(before.blocks).toBe(100);
    // 98 blocks of data, one of pointers.
    const file = disk.open("/f", 0o102, 0o666);
    expect(disk.write(file, new Uint8Array(98 * 4096), 0, 98 * 4096, 0)).toBe(98 * 4096);
    expect(free(disk).blocks).toBe(1);
    expect(disk.write(file, new Uint8Array(3 * 4096), 0, 3 * 4096, 98 * 4096)).toBe(4096);
    expect(disk.write(file, new Uint8Array(1), 0, 1, 99 * 4096)).toBe(-28);
    expect(disk.write(file, new Uint8Array(8192).fill(1), 0, 8192, 98 * 4096)).toBe(4096);
    expect(disk.symlink("x", "/l")).toBe(-28);
    expect(put(disk, "/g", "x")).toBe(-28);
    expect(stat(disk, "/g")).toMatchObject({ error: 0, size: 0 });
    expect(disk.writeSmall("/f", 0o1, 0, new Uint8Array(5000), 5000)).toBe(5000);
    expect(checkDisk(memory)).toEqual(CLEAN);
    disk.unlink("/f");
    disk.unlink("/g");
    expect(free(openDisk(memory).disk)).toEqual(before);
  });

  test("refuses what would need more blocks of pointers than there are", () => {
    const { disk, memory } = makeDisk(3 * 4096, 16);
    const file = disk.open("/f", 0o102, 0o666);
    const byte = new Uint8Array(1);
    const far = (12 + 1024) * 4096;
    expect(disk.write(file, byte, 0, 1, 0)).toBe(1);
    expect(disk.write(file, byte, 0, 1, far)).toBe(-28);
    expect(free(disk).blocks).toBe(2);
    expect(disk.write(file, byte, 0, 1, 12 * 4096)).toBe(1);
    expect(free(disk).blocks).toBe(0);
    disk.close(file);
    expect(checkDisk(memory)).toEqual(CLEAN);
  });

  test("has a limit of files", () => {
    const { disk, memory } = makeDisk(1 << 20, 10);
    for (let i = 0; i < 9; i++) expect(disk.mkdir(`/d${i}`, 0o755)).toBe(0);
    expect(disk.mkdir("/more", 0o755)).toBe(-28);
    expect(put(disk, "/more", "x")).toBe(-28);
    expect(disk.symlink("x", "/more")).toBe(-28);
    // There are two names for each file.
    put(disk, "/d0/f", "x");
    disk.rmdir("/d8");
    put(disk, "/f", "x");
    let links = 0;
    while (disk.link("/f", `/l${links}`) === 0) links++;
    expect(links).toBe(11);
    expect(disk.rename("/f", "/g")).toBe(-28);
    disk.unlink("/l0");
    expect(disk.rename("/f", "/g")).toBe(0);
    expect(checkDisk(memory)).toEqual(CLEAN);
  });

  test("loses no block in any order of writes, truncations and removals", () => {
    const step = fc.record({
      file: fc.nat({ max: 4 }),
      what: fc.constantFrom("write", "truncate", "remove", "copy"),
      at: fc.oneof(fc.nat({ max: 60_000 }), fc.nat({ max: 5_000_000 })),
      length: fc.nat({ max: 150_000 }),
    });
    fc.assert(
      fc.property(fc.array(step, { maxLength: 40 }), (steps) => {
        const { disk, memory } = makeDisk(80 * 4096, 32);
        const before = free(disk);
        for (const { file, what, at, length } of steps) {
          const path = `/f${file}`;
          if (what === "remove") disk.unlink(path);
          else if (what === "copy") disk.copyFile(path, `/f${(file + 1) % 5}`, 0);
          else if (what === "truncate") disk.truncate(path, at);
          else {
            const open = disk.open(path, 0o102, 0o666);
            disk.write(open, new Uint8Array(length), 0, length, at);
            disk.close(open);
          }
        }
        expect(checkDisk(memory)).toEqual(CLEAN);
        for (const name of list(disk, "/")) disk.unlink(`/${name}`);
        expect(free(disk)).toEqual(before);
      }),
      { numRuns: 150, interruptAfterTimeLimit: 5000 },
    );
  });
});

describe("memory", () => {
  test("is as large as said, and small for a disk that is nearly empty", () => {
    const size = { bytes: 512 << 20, inodes: 65536 };
    const memory = allocate(size.bytes, size.inodes);
    const bytes = new Uint8Array(memory.buffer, memory.byteOffset, memory.byteLength);
    expect(memory.byteLength).toBe(diskMemorySize(size));
    formatDisk(memory, size);
    const { disk } = openDisk(memory);
    for (let i = 0; i < 40; i++) put(disk, `/file-${i}`, "x".repeat(100));
    // What is not zero has been touched; a page of the tables each, and the blocks.
    let touched = 0;
    const words = new Float64Array(memory.buffer, memory.byteOffset, memory.byteLength / 8);
    for (let page = 0; page < words.length / 512; page++) {
      for (let i = page * 512; i < (page + 1) * 512; i++) {
        if (words[i] === 0) continue;
        touched++;
        break;
      }
    }
    expect(touched * 4).toBeLessThan(300);
    expect(bytes.length).toBeLessThan(600 << 20);
  });

  test("of impossible sizes is refused", () => {
    for (const size of [
      { bytes: 100, inodes: 10 },
      { bytes: 2 ** 33, inodes: 10 },
      { bytes: 1 << 20, inodes: 0 },
      { bytes: 1 << 20, inodes: 2 ** 21 },
      { bytes: Number.NaN, inodes: 10 },
      { bytes: 1 << 20, inodes: 1.5 },
    ]) {
      expect(() => diskMemorySize(size)).toThrow(RangeError);
    }
    const small = { buffer: new SharedArrayBuffer(8192), byteOffset: 0, byteLength: 8192 };
    expect(() => formatDisk(small, { bytes: 1 << 20, inodes: 10 })).toThrow(RangeError);
    expect(() => openDisk(small)).toThrow("no disk");
  });
});
