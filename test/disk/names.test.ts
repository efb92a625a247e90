import { describe, expect, test } from "vitest";
import { checkDisk } from "../../src/disk/disk.js";
import { free, get, list, makeDisk, put, stat, text } from "./support.js";

const CLEAN = { repaired: 0, problems: [], formatted: false };

describe("names", () => {
  test("have at most 255 bytes, paths 4095", () => {
    const { disk } = makeDisk();
    const longest = `${"é".repeat(127)}x`;
    expect(put(disk, `/${longest}`, "x")).toBe(1);
    expect(list(disk, "/")).toEqual([longest]);
    expect(put(disk, `/${longest}y`, "x")).toBe(-36);
    const deep = "/.".repeat(2047);
    expect(stat(disk, `${deep}/`).error).toBe(0);
    expect(stat(disk, `${deep}/.`).error).toBe(-36);
    expect(stat(disk, "é".repeat(2048)).error).toBe(-36);
    expect(stat(disk, "").error).toBe(-2);
    expect(stat(disk, "/a\0b").error).toBe(-22);
    expect(disk.symlink("x".repeat(4096), "/l")).toBe(-36);
    expect(disk.symlink("x".repeat(4095), "/l")).toBe(0);
    expect(text(disk, disk.readlink("/l"))).toBe("x".repeat(4095));
  });

  test("of every length are told apart", () => {
    const { disk, memory } = makeDisk(4 << 20, 2048);
    const names = Array.from({ length: 255 }, (_, i) => "n".repeat(i + 1));
    for (const name of names) expect(put(disk, `/${name}`, name)).toBe(name.length);
    for (const name of names) expect(get(disk, `/${name}`)).toBe(name);
    expect(list(disk, "/")).toEqual(names);
    for (const name of names.filter((_, i) => i % 3 === 0)) expect(disk.unlink(`/${name}`)).toBe(0);
    expect(list(disk, "/")).toEqual(names.filter((_, i) => i % 3 !== 0));
    expect(checkDisk(memory)).toEqual(CLEAN);
  });

  test("are UTF-8, lone surrogates replaced", () => {
    const { disk } = makeDisk();
    put(disk, "/ä€😀\ud800x\udc00", "x");
    expect(list(disk, "/")).toEqual(["ä€😀\ufffdx\ufffd"]);
    expect(get(disk, "/ä€😀\ufffdx\ufffd")).toBe("x");
    expect(stat(disk, Buffer.from("/ä€😀\ufffdx\ufffd").toString("latin1")).error).toBe(-2);
  });

  test("may be any other bytes", () => {
    const { disk } = makeDisk();
    const path = new Uint8Array([47, 255, 254, 1]);
    expect(disk.mkdir(path, 0o755)).toBe(0);
    expect(list(disk, "/", "latin1")).toEqual(["ÿþ\u0001"]);
    expect(disk.rmdir(path)).toBe(0);
  });
});

describe("links", () => {
  test("are followed 40 times", () => {
    const { disk } = makeDisk();
    put(disk, "/l0", "end");
    for (let i = 1; i <= 41; i++) disk.symlink(`l${i - 1}`, `/l${i}`);
    expect(get(disk, "/l40")).toBe("end");
    expect(stat(disk, "/l41").error).toBe(-40);
    disk.symlink("loop", "/loop");
    expect(stat(disk, "/loop").error).toBe(-40);
    expect(stat(disk, "/loop/x").error).toBe(-40);
    expect(stat(disk, "/loop", false)).toMatchObject({ error: 0, mode: 0o120777, size: 4, nlink: 1 });
  });

  test("with targets of full length nest", () => {
    const { disk } = makeDisk();
    put(disk, "/f", "found");
    disk.symlink(`${"/".repeat(4094)}f`, "/l1");
    for (let i = 2; i <= 39; i++) disk.symlink(`${"./".repeat(2046)}l${i - 1}`, `/l${i}`);
    expect(get(disk, "/l39")).toBe("found");
    disk.mkdir("/d", 0o755);
    disk.symlink(`${"/".repeat(4094)}d`, "/e1");
    for (let i = 2; i <= 39; i++) disk.symlink(`${"./".repeat(2043)}e${i - 1}/../d`, `/e${i}`);
    expect(stat(disk, `/e39${"/.".repeat(2000)}`).error).toBe(0);
  });

  test("lead from where they are", () => {
    const { disk } = makeDisk();
    for (const d of ["/a", "/a/b", "/c"]) disk.mkdir(d, 0o755);
    put(disk, "/a/f", "in a");
    disk.symlink("../f", "/a/b/up");
    disk.symlink("/a/b", "/c/abs");
    expect(get(disk, "/c/abs/up")).toBe("in a");
    expect(text(disk, disk.realpath("/c/abs/up"))).toBe("/a/f");
    expect(text(disk, disk.realpath("/c/abs/.."))).toBe("/a");
    expect(text(disk, disk.realpath("/../.."))).toBe("/");
    expect(disk.realpath("/c/abs/no")).toBe(-2);
    expect(disk.readlink("/a/f")).toBe(-22);
    expect(disk.symlink("", "/c/empty")).toBe(-2);
  });

  test("count the names of a file", () => {
    const { disk, memory } = makeDisk();
    put(disk, "/f", "x");
    expect(disk.link("/f", "/g")).toBe(0);
    expect(stat(disk, "/f")).toMatchObject({ nlink: 2, ino: stat(disk, "/g").ino });
    expect(disk.link("/", "/h")).toBe(-1);
    expect(disk.link("/f", "/g")).toBe(-17);
    disk.symlink("f", "/s");
    expect(disk.link("/s", "/t")).toBe(0);
    expect(stat(disk, "/t", false).mode).toBe(0o120777);
    disk.unlink("/f");
    expect(get(disk, "/g")).toBe("x");
    expect(checkDisk(memory)).toEqual(CLEAN);
  });
});

describe("directories", () => {
  test("count their subdirectories", () => {
    const { disk, memory } = makeDisk();
    disk.mkdir("/a", 0o777);
    disk.mkdir("/a/b", 0o777);
    disk.mkdir("/c", 0o777);
    expect([stat(disk, "/").nlink, stat(disk, "/a").nlink]).toEqual([4, 3]);
    disk.rename("/a/b", "/c/b");
    expect([stat(disk, "/a").nlink, stat(disk, "/c").nlink]).toEqual([2, 3]);
    disk.mkdir("/a/b", 0o777);
    expect(disk.rename("/a/b", "/c/b")).toBe(0);
    expect([stat(disk, "/a").nlink, stat(disk, "/c").nlink]).toEqual([2, 3]);
    disk.rmdir("/c/b");
    expect(stat(disk, "/c").nlink).toBe(2);
    expect(checkDisk(memory)).toEqual(CLEAN);
  });

  test("are removed only when empty, and never the root", () => {
    const { disk } = makeDisk();
    disk.mkdir("/a", 0o777);
    put(disk, "/a/f", "x");
    expect(disk.rmdir("/a")).toBe(-39);
    expect(disk.rmdir("/a/f")).toBe(-20);
    expect(disk.unlink("/a")).toBe(-21);
    expect(disk.rmdir("/")).toBe(-16);
    expect(disk.rmdir("/a/.")).toBe(-22);
    expect(disk.rmdir("/a/..")).toBe(-39);
    disk.unlink("/a/f");
    expect(disk.rmdir("/a/")).toBe(0);
  });

  test("can't be left behind: a removed one takes no more names", () => {
    const { disk, credentials, memory } = makeDisk();
    const before = free(disk);
    disk.mkdir("/a", 0o777);
    credentials.cwd = disk.resolveDirectory("/a");
    expect(text(disk, disk.pathOf(credentials.cwd))).toBe("/a");
    put(disk, "f", "relative");
    expect(get(disk, "/a/f")).toBe("relative");
    disk.unlink("f");
    disk.rmdir("/a");
    expect(disk.pathOf(credentials.cwd)).toBe(-2);
    expect(put(disk, "g", "x")).toBe(-2);
    expect(stat(disk, "..").error).toBe(-2);
    // Its inode's next life is another directory.
    disk.mkdir("/b", 0o777);
    expect(stat(disk, ".").error).toBe(-2);
    disk.rmdir("/b");
    expect(free(disk)).toEqual(before);
    expect(checkDisk(memory)).toEqual(CLEAN);
  });

  test("resolve to a handle, if they may be entered", () => {
    const { disk, credentials } = makeDisk();
    disk.mkdir("/a", 0o700);
    put(disk, "/f", "x");
    expect(disk.resolveDirectory("/")).toBe(1);
    expect(disk.resolveDirectory("/f")).toBe(-20);
    expect(disk.resolveDirectory("/no")).toBe(-2);
    credentials.uid = 1000;
    expect(disk.resolveDirectory("/a")).toBe(-13);
  });

  test("nest as deep as one likes", () => {
    const { disk, credentials, memory } = makeDisk(1 << 20, 3000);
    for (let i = 0; i < 2500; i++) {
      expect(disk.mkdir("d", 0o777)).toBe(0);
      credentials.cwd = disk.resolveDirectory("d");
    }
    expect(disk.pathOf(credentials.cwd)).toBe(-36);
    expect(disk.rename("/d", "e")).toBe(-22);
    expect(checkDisk(memory)).toEqual(CLEAN);
  });
});

describe("rename", () => {
  test("replaces what is there", () => {
    const { disk, memory } = makeDisk();
    const before = free(disk);
    put(disk, "/f", "new");
    put(disk, "/g", "old");
    const old = disk.open("/g", 0, 0);
    expect(disk.rename("/f", "/g")).toBe(0);
    expect(get(disk, "/g")).toBe("new");
    expect(list(disk, "/")).toEqual(["g"]);
    const bytes = Buffer.alloc(3);
    disk.read(old, bytes, 0, 3, 0);
    expect(bytes.toString()).toBe("old");
    disk.close(old);
    disk.mkdir("/d", 0o777);
    disk.mkdir("/e", 0o777);
    put(disk, "/d/x", "x");
    expect(disk.rename("/g", "/d")).toBe(-21);
    expect(disk.rename("/d", "/g")).toBe(-20);
    expect(disk.rename("/e", "/d")).toBe(-39);
    expect(disk.rename("/d", "/e")).toBe(0);
    expect(get(disk, "/e/x")).toBe("x");
    disk.unlink("/e/x");
    disk.rmdir("/e");
    disk.unlink("/g");
    expect(free(disk)).toEqual(before);
    expect(checkDisk(memory)).toEqual(CLEAN);
  });

  test("does nothing between two names of one file", () => {
    const { disk } = makeDisk();
    put(disk, "/f", "x");
    disk.link("/f", "/g");
    expect(disk.rename("/f", "/g")).toBe(0);
    expect(list(disk, "/")).toEqual(["f", "g"]);
    expect(disk.rename("/f", "/f")).toBe(0);
  });

  test("puts no directory into itself", () => {
    const { disk } = makeDisk();
    for (const d of ["/a", "/a/b", "/a/b/c"]) disk.mkdir(d, 0o777);
    expect(disk.rename("/a", "/a/b/c/d")).toBe(-22);
    expect(disk.rename("/a", "/a/x")).toBe(-22);
    expect(disk.rename("/a/b/c", "/a")).toBe(-39);
    expect(disk.rename("/a/.", "/x")).toBe(-16);
    expect(disk.rename("/a/b", "/a/..")).toBe(-16);
    expect(disk.rename("/", "/x")).toBe(-16);
    expect(disk.rename("/a/b/c", "/c")).toBe(0);
    expect(text(disk, disk.realpath("/c/../a/b/../../c"))).toBe("/c");
  });
});
