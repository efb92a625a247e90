import { describe, expect, test } from "vitest";
import { checkDisk, Disk, type DiskMemory, diskMemorySize, formatDisk } from "../../src/disk/disk.js";
import { O_RDONLY, S_IFDIR, S_IFLNK, S_IFREG } from "../../src/disk/modes.js";
import { MountDisk, type MountedEntry } from "../../src/disk/mount/mount-disk.js";
import { EACCES, EIO, ENOENT, EROFS } from "../../src/syscall/errno.js";

const size = { bytes: 4 << 20, inodes: 512 };
const owner = () => ({ id: 1, gate: new Int32Array(1), gateIndex: 0 });
const text = (s: string) => new TextEncoder().encode(s);
const out = new Float64Array(18);

/** A disk with a mount at /m, and who brings what is asked for. */
function mounted(bring: (fill: MountDisk, path: string) => number) {
  const byteLength = diskMemorySize(size);
  const memory: DiskMemory = { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
  formatDisk(memory, size);
  const root = new MountDisk(memory, owner(), { uid: 0, gid: 0, umask: 0, cwd: 1 });
  root.mkdir("/m", 0o755);
  expect(root.doubtAll()).toBe(0);
  expect(root.mountHere("/m", 7, true)).toBe(0);
  const fill = new MountDisk(memory, owner(), { uid: 0, gid: 0, umask: 0, cwd: root.findMount(7) });
  const asked: string[] = [];
  const guest = new Disk(
    memory,
    owner(),
    { uid: 1000, gid: 1000, umask: 0o22, cwd: 1 },
    {
      bring: (inode, name) => {
        const length = root.placeOf(inode, name);
        expect(root.mountId).toBe(7);
        const path = Buffer.from(root.result.subarray(0, length)).toString();
        asked.push(path);
        return bring(fill, path.slice(1) || ".");
      },
    },
  );
  return { memory, root, fill, guest, asked };
}

const entry = (name: string, mode: number, more: Partial<MountedEntry> = {}): MountedEntry => ({
  ...{ name: text(name), mode, size: 0, mtime: 1000.5, ctime: 2000.25, target: null },
  ...more,
});

function put(fill: MountDisk, path: string, ...entries: MountedEntry[]): number {
  expect(fill.putEntries(path, entries, 0, entries.length)).toBeGreaterThanOrEqual(0);
  return fill.setFilled(path, true) + 1;
}

function putFile(fill: MountDisk, path: string, content: string): number {
  const file = fill.beginContent(path);
  expect(file).toBeGreaterThan(0);
  fill.putContent(file, text(content), 0);
  return fill.endContent(file, content.length, 1000.5, 2000.25) + 1;
}

const tree = (fill: MountDisk, path: string): number => {
  if (path === ".")
    return put(
      fill,
      ".",
      entry("d", S_IFDIR | 0o755),
      entry("f", S_IFREG | 0o644, { size: 5 }),
      entry("empty", S_IFREG | 0o644),
      entry("link", S_IFLNK | 0o777, { target: text("d/x") }),
      entry("barred", S_IFLNK, { target: text(".") }),
    );
  if (path === "d") return put(fill, "d", entry("x", S_IFREG | 0o600, { size: 3 }));
  return putFile(fill, path, path === "f" ? "hello" : "abc");
};

const read = (disk: Disk, path: string): string | number => {
  const length = disk.readSmall(path, O_RDONLY, 65536);
  return length < 0 ? length : Buffer.from(disk.result.subarray(0, length)).toString();
};

describe("what a mount lacks", () => {
  test("is brought when somebody looks, once", () => {
    const { guest, asked } = mounted(tree);
    expect(guest.stat("/m/f", out)).toBe(0);
    expect(out[8]).toBe(5);
    expect(out[9]).toBe(8);
    expect(asked).toEqual(["/"]);
    expect(read(guest, "/m/f")).toBe("hello");
    expect(read(guest, "/m/empty")).toBe("");
    expect(read(guest, "/m/link")).toBe("abc");
    expect(read(guest, "/m/d/none")).toBe(-ENOENT);
    expect(read(guest, "/m/none/x")).toBe(-ENOENT);
    expect(read(guest, "/m/barred")).toBe(-EACCES);
    expect(guest.readlink("/m/barred")).toBe(-EACCES);
    expect(asked).toEqual(["/", "/f", "/d", "/d/x"]);
    expect(guest.chmod("/m/f", 0o777)).toBe(-EROFS);
  });

  test("and can't be had is an error, never a wait without end", () => {
    expect(read(mounted(() => -EACCES).guest, "/m/f")).toBe(-EACCES);
    expect(read(mounted(() => 0).guest, "/m/f")).toBe(-EIO);
    // Who says that it is there, and it isn't.
    expect(read(mounted(() => 1).guest, "/m/f")).toBe(-EIO);
  });

  test("of a changed file is a new one; who has the old one open reads on", () => {
    const { guest, fill, root } = mounted(tree);
    const file = guest.open("/m/f", O_RDONLY, 0);
    expect(file).toBeGreaterThan(0);
    fill.setFilled(".", false);
    put(fill, ".", entry("f", S_IFREG | 0o644, { size: 4, mtime: 5000 }));
    expect(putFile(fill, "f", "anew")).toBe(1);
    expect(read(guest, "/m/f")).toBe("anew");
    const bytes = new Uint8Array(10);
    expect(guest.read(file, bytes, 0, 10, 0)).toBe(5);
    expect(guest.close(file)).toBe(0);
    expect(root.forgetContents(1)).toBe(-ENOENT);
    expect(fill.beginContent("f")).toBeGreaterThan(0);
  });

  test("has gone with all that was in it", () => {
    const { guest, fill } = mounted(tree);
    read(guest, "/m/d/x");
    expect(fill.dropEntry("d")).toBe(1);
    expect(fill.dropEntry("d/x")).toBe(0);
    expect(fill.dropEntry("d")).toBe(0);
    expect(fill.dropEntry("d")).toBe(0);
    expect(read(guest, "/m/d/x")).toBe(-ENOENT);
  });

  test("stays whole over a check of the disk", () => {
    const { memory, guest, root } = mounted(tree);
    read(guest, "/m/d/x");
    root.forgetContents(1);
    expect(checkDisk(memory)).toEqual({ repaired: 0, problems: [], formatted: false });
    expect(read(guest, "/m/d/x")).toBe("abc");
    expect(root.findMount(7)).toBeGreaterThan(0);
  });
});
