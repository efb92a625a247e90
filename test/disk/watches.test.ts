import { describe, expect, test } from "vitest";
import { checkDisk, type Disk } from "../../src/disk/disk.js";
import {
  geometryFor,
  I_WATCH,
  INODE_WORDS,
  QUEUES,
  S_ABANDONED,
  S_WATCHES,
  WATCH_WORDS,
  WATCHES,
} from "../../src/disk/layout.js";
import { EACCES, EINVAL, EMFILE, ENOENT, ENOSPC } from "../../src/syscall/errno.js";
import { makeDisk, openDisk, put, random, type TestDisk } from "./support.js";

const SIZE = { bytes: 4 << 20, inodes: 1024 };
const NAMES: Record<number, string> = {
  2: "MODIFY",
  4: "ATTRIB",
  64: "MOVED_FROM",
  128: "MOVED_TO",
  256: "CREATE",
  512: "DELETE",
  1024: "DELETE_SELF",
  2048: "MOVE_SELF",
  32768: "IGNORED",
};

/** This thread's events: `MASK name`, with the watch's label and `/` for directories. */
function events(disk: Disk, labels: Record<number, string> = {}): string[] {
  const length = disk.takeEvents();
  const bytes = Buffer.from((disk.events ?? new Uint8Array()).slice(0, length));
  const found: string[] = [];
  for (let at = 0; at < length; ) {
    const [id, mask, size] = [bytes.readInt32LE(at), bytes.readInt32LE(at + 4), bytes.readInt32LE(at + 8)];
    const name = bytes.toString("utf8", at + 12, at + 12 + size);
    found.push(`${labels[id] ?? ""}${NAMES[mask & 0xffff]}${mask > 0xffff ? "/" : ""} ${name}`.trim());
    at += 12 + ((size + 3) & ~3);
  }
  return found;
}

function words({ memory }: TestDisk): Int32Array {
  return new Int32Array(memory.buffer, memory.byteOffset, memory.byteLength / 4);
}

function watched() {
  const made = makeDisk();
  const { disk } = made;
  disk.mkdir("/d", 0o755);
  disk.mkdir("/e", 0o755);
  put(disk, "/d/f", "data");
  const directory = disk.watch("/d");
  const file = disk.watch("/d/f");
  return { ...made, directory, file, labels: { [directory]: "d:", [file]: "f:" } };
}

describe("a watch", () => {
  test("hears of names that come, move and go", () => {
    const { disk } = watched();
    put(disk, "/d/new", "");
    disk.mkdir("/d/sub", 0o755);
    disk.symlink("x", "/d/link");
    disk.link("/d/new", "/d/hard");
    disk.rename("/d/new", "/d/newer");
    disk.rename("/d/newer", "/e/out");
    disk.rename("/e/out", "/d/in");
    disk.unlink("/d/in");
    disk.rmdir("/d/sub");
    expect(events(disk)).toEqual([
      ...["CREATE new", "CREATE/ sub", "CREATE link", "CREATE hard", "MOVED_FROM new", "MOVED_TO newer"],
      ...["MOVED_FROM newer", "MOVED_TO in", "DELETE in", "DELETE/ sub"],
    ]);
  });

  test("hears of a file by its directory and by itself", () => {
    const { disk, labels } = watched();
    put(disk, "/d/f", "new");
    expect(events(disk, labels)).toEqual(["d:MODIFY f", "f:MODIFY", "d:MODIFY f", "f:MODIFY"]);
    disk.writeSmall("/d/f", 0o1101, 0, Buffer.from("x"), 1);
    expect(events(disk, labels)).toEqual(["d:MODIFY f", "f:MODIFY", "d:MODIFY f", "f:MODIFY"]);
    disk.chmod("/d/f", 0o600);
    disk.truncate("/d/f", 1);
    disk.utimes("/d/f", 1, Number.NaN);
    disk.utimes("/d/f", Number.NaN, 1);
    disk.chown("/d/f", -1, -1);
    expect(events(disk, labels)).toEqual([
      ...["d:ATTRIB f", "f:ATTRIB", "d:MODIFY f", "f:MODIFY", "d:MODIFY f", "f:MODIFY"],
    ]);
    disk.chmod("/d", 0o700);
    expect(events(disk, labels)).toEqual(["d:ATTRIB/"]);
  });

  test("hears of an open file by the name that it has by now", () => {
    const { disk, labels } = watched();
    const file = disk.open("/d/f", 2, 0);
    disk.link("/d/f", "/e/hard");
    disk.rename("/d/f", "/d/g");
    events(disk);
    disk.write(file, Buffer.from("x"), 0, 1, -1);
    expect(events(disk, labels)).toEqual(["d:MODIFY g", "f:MODIFY"]);
    disk.unlink("/d/g");
    disk.fchmod(file, 0o600);
    disk.close(file);
    expect(events(disk, labels)).toEqual(["f:ATTRIB", "d:DELETE g", "f:ATTRIB"]);
  });

  test("ends with its file", () => {
    const { disk, labels, file } = watched();
    const opened = disk.open("/d/f", 0, 0);
    disk.unlink("/d/f");
    expect(events(disk, labels)).toEqual(["f:ATTRIB", "d:DELETE f"]);
    disk.close(opened);
    expect(events(disk, labels)).toEqual(["f:DELETE_SELF", "f:IGNORED"]);
    expect(disk.unwatch(file)).toBe(-EINVAL);
    put(disk, "/d/f", "again");
    expect(events(disk, labels)).toEqual(["d:CREATE f", "d:MODIFY f"]);
    expect(disk.watch("/d/f")).not.toBe(file);
  });

  test("hears of replacements in Linux's order", () => {
    const { disk, labels } = watched();
    put(disk, "/d/n", "1");
    const moved = disk.watch("/d/n");
    events(disk);
    disk.rename("/d/n", "/d/f");
    expect(events(disk, { ...labels, [moved]: "n:" })).toEqual([
      ...["d:MOVED_FROM n", "d:MOVED_TO f", "f:ATTRIB", "n:MOVE_SELF", "f:DELETE_SELF", "f:IGNORED"],
    ]);
  });

  test("is one for each file and thread, and needs leave to read", () => {
    const made = watched();
    const { disk, directory, memory } = made;
    expect(disk.watch("/d/../d/.")).toBe(directory);
    expect(disk.watch("/none")).toBe(-ENOENT);
    disk.mkdir("/secret", 0o700);
    const { disk: other } = openDisk(memory, { uid: 1000, gid: 1000 });
    expect(other.watch("/secret")).toBe(-EACCES);
    expect(other.watch("/d")).not.toBe(directory);
    expect(other.unwatch(directory)).toBe(-EINVAL);
    disk.unlink("/d/f");
    expect(events(other)).toEqual(["DELETE f"]);
    expect(disk.unwatch(directory)).toBe(0);
    expect(words(made)[S_WATCHES]).toBe(1);
  });
});

describe("the queue", () => {
  test("takes an event that is like the last one for the same", () => {
    const { disk, directory } = watched();
    const far = disk.watch("/e");
    for (let i = 0; i < 1000; i++) put(disk, "/e/f", "12");
    expect(events(disk)).toEqual(["CREATE f", "MODIFY f"]);
    disk.unwatch(directory);
    disk.unwatch(far);
    put(disk, "/e/f", "12");
    expect(events(disk)).toEqual([]);
  });

  test("loses what does not fit, and goes on", () => {
    const { disk } = watched();
    const name = "n".repeat(200);
    for (let i = 0; i < 2000; i++) {
      disk.mkdir(`/d/${name}`, 0o755);
      disk.rmdir(`/d/${name}`);
    }
    const found = events(disk);
    expect(found.length).toBeGreaterThan(500);
    expect(found.length).toBeLessThan(700);
    expect(found.slice(0, 2)).toEqual([`CREATE/ ${name}`, `DELETE/ ${name}`]);
    disk.mkdir("/d/x", 0o755);
    expect(events(disk)).toEqual(["CREATE/ x"]);
  });

  test("wakes its thread once for all events that wait", async () => {
    const { disk, memory } = watched();
    let woken = 0;
    disk.awaitEvents()?.then(() => woken++);
    const other = openDisk(memory).disk;
    for (let i = 0; i < 10; i++) other.mkdir(`/d/${i}`, 0o755);
    expect(disk.awaitEvents()).toBe(null);
    await expect.poll(() => woken).toBe(1);
    expect(events(disk).length).toBe(10);
    expect(disk.awaitEvents()).toBeInstanceOf(Promise);
  });

  test("is its thread's until that ends", () => {
    const made = watched();
    const { disk, memory } = made;
    for (let i = 1; i < QUEUES; i++) expect(openDisk(memory).disk.watch("/d")).toBeGreaterThan(0);
    const late = openDisk(memory).disk;
    expect(late.watch("/d")).toBe(-EMFILE);
    const owner = 1_000_000;
    for (let round = 0; round < 3; round++) expect(disk.dropWatches(owner)).toBe(0);
    const gone = words(made)[geometryFor(SIZE).queueBase + 16 * 5] ?? 0;
    expect(disk.dropWatches(gone)).toBe(0);
    expect(late.watch("/d")).toBeGreaterThan(0);
    expect(words(made)[S_WATCHES]).toBe(QUEUES + 1);
  });
});

describe("the table of watches", () => {
  test("has an end, and is used again", () => {
    const { disk } = makeDisk(4 << 20, 10000);
    const ids: number[] = [];
    for (let i = 0; i < WATCHES; i++) {
      disk.mkdir(`/d${i}`, 0o755);
      ids.push(disk.watch(`/d${i}`));
    }
    expect(Math.min(...ids)).toBeGreaterThan(0);
    expect(disk.watch("/")).toBe(-ENOSPC);
    disk.rmdir("/d5");
    expect(disk.watch("/")).toBeGreaterThan(0);
    for (const id of ids) disk.unwatch(id);
    expect(new Set(ids).size).toBe(WATCHES);
    expect(disk.watch("/d7")).toBeGreaterThan(0);
  });

  test("is empty after the check of a disk", () => {
    const made = watched();
    put(made.disk, "/d/f", "2");
    expect(checkDisk(made.memory)).toEqual({ repaired: 0, problems: [], formatted: false });
    expect(words(made)[S_WATCHES]).toBe(0);
    const { disk } = openDisk(made.memory);
    put(disk, "/d/f", "3");
    expect(disk.watch("/d")).toBeGreaterThan(0);
    put(disk, "/d/f", "4");
    expect(events(disk)).toEqual(["MODIFY f"]);
  });

  test("stands while others repair the disk, and its threads are woken", async () => {
    const made = watched();
    let woken = 0;
    made.disk.awaitEvents()?.then(() => woken++);
    words(made)[S_ABANDONED] = 1;
    put(openDisk(made.memory).disk, "/e/x", "");
    await expect.poll(() => woken).toBe(1);
    put(made.disk, "/d/f", "");
    expect(events(made.disk, made.labels)).toEqual(["d:MODIFY f", "f:MODIFY"]);
  });

  test("may hold anything", () => {
    const made = watched();
    const { disk, memory } = made;
    const w = words(made);
    const { watchBase, bitmapBase, inodeBase, eventBase, dataBase } = geometryFor(SIZE);
    const next = random(7);
    const other = openDisk(memory).disk;
    const values = () => [next(3), next(WATCHES), -1, 0x7fffffff, next(131073), -(2 ** 31)][next(6)] ?? 0;
    for (let round = 0; round < 30; round++) {
      for (let i = watchBase; i < bitmapBase; i += 1 + next(round)) w[i] = values();
      for (let i = eventBase; i < dataBase / 4; i += 1 + next(1000)) w[i] = values();
      for (let i = 1; i < 50; i++) w[inodeBase + i * INODE_WORDS + I_WATCH] = values();
      w[S_WATCHES] = 1;
      for (const each of [disk, other]) {
        put(each, "/d/f", "x");
        each.rename("/d/f", "/d/g");
        each.rename("/d/g", "/d/f");
        each.watch("/d/f");
        each.mkdir("/d/s", 0o755);
        each.rmdir("/d/s");
        each.takeEvents();
        each.dropWatches(next(5));
      }
    }
    w[watchBase + WATCH_WORDS] = 1;
    expect(checkDisk(memory).problems).toEqual([]);
    const whole = openDisk(memory).disk;
    expect(whole.watch("/d")).toBeGreaterThan(0);
    put(whole, "/d/f", "y");
    expect(events(whole)).toEqual(["MODIFY f"]);
  });
});
