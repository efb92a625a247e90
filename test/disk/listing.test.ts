import { describe, expect, test } from "vitest";
import { checkDisk, type Disk } from "../../src/disk/disk.js";
import { list, makeDisk, put } from "./support.js";

/** Lists, and calls `between` after each batch. */
function listing(disk: Disk, path: string, between: (names: string[]) => void): string[] {
  const file = disk.open(path, 0, 0);
  const names: string[] = [];
  let cookie = 0;
  for (;;) {
    const count = disk.readEntries(file, cookie);
    if (count <= 0) break;
    cookie = disk.cookie;
    const batch: string[] = [];
    for (let i = 0; i < count; i++) {
      const { nameStart, nameEnd } = disk.entries;
      batch.push(Buffer.from(disk.result.slice(nameStart[i], nameEnd[i])).toString());
    }
    names.push(...batch);
    between(batch);
  }
  disk.close(file);
  return names;
}

const many = Array.from({ length: 3000 }, (_, i) => `file-${i}`);

function filled() {
  const made = makeDisk(4 << 20, 8192);
  made.disk.mkdir("/d", 0o755);
  for (const name of many) made.disk.open(`/d/${name}`, 0o101, 0o666);
  for (let file = 1; file <= many.length; file++) made.disk.close(file);
  return made;
}

describe("readEntries", () => {
  test("lists names with their inodes and types, in the order of their making", () => {
    const { disk } = makeDisk();
    put(disk, "/f", "x");
    disk.mkdir("/d", 0o755);
    disk.symlink("x", "/l");
    const file = disk.open("/", 0, 0);
    expect(disk.readEntries(file, 0)).toBe(3);
    expect([...disk.entries.types.subarray(0, 3)]).toEqual([8, 4, 10]);
    expect([...disk.entries.inodes.subarray(0, 3)]).toEqual([2, 3, 4]);
    expect(disk.entries.count).toBe(3);
    expect(disk.readEntries(file, disk.cookie)).toBe(0);
    expect(disk.readEntries(disk.open("/f", 0, 0), 0)).toBe(-20);
    expect(disk.readEntries(99, 0)).toBe(-9);
  });

  test("lists all of a large directory, once each", () => {
    const { disk } = filled();
    expect(list(disk, "/d")).toEqual(many);
  });

  test("goes on while what it has listed is removed", () => {
    const { disk } = filled();
    const names = listing(disk, "/d", (batch) => {
      for (const name of batch) expect(disk.unlink(`/d/${name}`)).toBe(0);
    });
    expect(names).toEqual(many);
    expect(list(disk, "/d")).toEqual([]);
  });

  test("goes on while others come and go before and behind it", () => {
    const { disk, memory } = filled();
    let round = 0;
    const names = listing(disk, "/d", (batch) => {
      disk.unlink(`/d/${batch.at(-1)}`);
      disk.unlink(`/d/file-${2990 + round}`);
      disk.rename(`/d/${batch[0]}`, `/d/renamed-${round}`);
      round++;
    });
    expect(round).toBeGreaterThan(3);
    const seen = new Set(names);
    expect(seen.size).toBe(names.length);
    // What was there all the time is in the list.
    expect(many.slice(0, 2990).filter((name) => !seen.has(name))).toEqual([]);
    expect(checkDisk(memory)).toMatchObject({ repaired: 0 });
  });
});

test("100,000 files in one directory take time in proportion", () => {
  const { disk } = makeDisk(1 << 20, 131072);
  const out = new Float64Array(18);
  const times: number[] = [];
  for (let round = 0; round < 10; round++) {
    const start = performance.now();
    for (let i = 0; i < 10_000; i++) disk.close(disk.open(`/file-${round * 10_000 + i}`, 0o101, 0o666));
    times.push(performance.now() - start);
  }
  expect(list(disk, "/").length).toBe(100_000);
  for (let i = 0; i < 100_000; i += 777) expect(disk.stat(`/file-${i}`, out)).toBe(0);
  const early = Math.min(...times.slice(1, 4));
  const late = Math.min(...times.slice(7));
  expect(late).toBeLessThan(early * 5);
});
