import { describe, expect, test } from "vitest";
import { free, fstat, makeDisk, openDisk, put, stat } from "./support.js";

describe("stat", () => {
  test("answers Node's 18 fields as doubles or bigints", () => {
    const { disk } = makeDisk();
    const started = Date.now();
    put(disk, "/f", "12345");
    const out = new Float64Array(18);
    expect(disk.stat("/f", out)).toBe(0);
    expect([...out.subarray(0, 10)]).toEqual([1, 0o100644, 1, 0, 0, 0, 4096, 2, 5, 8]);
    const { mtime, ctime, atime, birthtime } = stat(disk, "/f");
    for (const time of [mtime, ctime, atime, birthtime]) {
      expect(Math.abs(time * 1000 - started)).toBeLessThan(1000);
    }
    const big = new BigInt64Array(18);
    expect(disk.stat("/f", big)).toBe(0);
    expect([...big].map(Number)).toEqual([...out]);
    expect(disk.stat("/no", big)).toBe(-2);
  });

  test("shows changes in their order", () => {
    const { disk } = makeDisk();
    put(disk, "/f", "1");
    const first = stat(disk, "/f");
    disk.chmod("/f", 0o600);
    const second = stat(disk, "/f");
    put(disk, "/f", "2");
    const third = stat(disk, "/f");
    expect(second.ctime).toBeGreaterThan(first.ctime);
    expect(second.mtime).toBe(first.mtime);
    expect(third.mtime).toBeGreaterThan(second.ctime);
    disk.readSmall("/f", 0, 100);
    const fourth = stat(disk, "/f");
    expect(fourth.atime).toBeGreaterThan(third.mtime);
    disk.readSmall("/f", 0, 100);
    expect(stat(disk, "/f").atime).toBe(fourth.atime);
    const root = stat(disk, "/").mtime;
    disk.unlink("/f");
    expect(stat(disk, "/").mtime).toBeGreaterThan(root);
  });

  test("is told of the whole disk", () => {
    const { disk } = makeDisk(100 * 4096, 50);
    put(disk, "/f", "x");
    const out = new BigInt64Array(7);
    expect(disk.statfs("/f", out)).toBe(0);
    expect([...out]).toEqual([0x01021994n, 4096n, 100n, 99n, 99n, 50n, 48n]);
    expect(disk.statfs("/no", out)).toBe(-2);
  });
});

describe("times", () => {
  test("reach from 1901 to 2446, in nanoseconds", () => {
    const { disk } = makeDisk();
    put(disk, "/f", "x");
    const out = new Float64Array(18);
    for (const [given, seconds, nanos] of [
      [0, 0, 0],
      [-1.5, -2, 500000000],
      [-2147483648, -2147483648, 0],
      [2147483648, 2147483648, 0],
      [4294967296.25, 4294967296, 250000000],
      [15032385535, 15032385535, 0],
      [1e300, 15032385535, 0],
      [-1e300, -2147483648, 0],
      [1700000000.125, 1700000000, 125000000],
    ] as const) {
      expect(disk.utimes("/f", given, Number.NaN)).toBe(0);
      disk.stat("/f", out);
      expect([out[10], out[11]]).toEqual([seconds, nanos]);
    }
  });

  test("are set, left or set to now", () => {
    const { disk } = makeDisk();
    put(disk, "/f", "x");
    disk.symlink("f", "/l");
    disk.utimes("/l", 10, 20);
    disk.utimes("/f", Number.NaN, 30);
    expect(stat(disk, "/f")).toMatchObject({ atime: 10, mtime: 30 });
    disk.lutimes("/l", 1, 2);
    expect(stat(disk, "/l", false)).toMatchObject({ atime: 1, mtime: 2 });
    const file = disk.open("/f", 0, 0);
    disk.futimes(file, 5, Infinity);
    expect(fstat(disk, file).atime).toBe(5);
    expect(Math.abs(fstat(disk, file).mtime - Date.now() / 1000)).toBeLessThan(1);
  });
});

describe("permissions", () => {
  function users() {
    const root = makeDisk();
    const owner = openDisk(root.memory, { uid: 1000, gid: 1000 });
    const member = openDisk(root.memory, { uid: 1001, gid: 1000 });
    const other = openDisk(root.memory, { uid: 1002, gid: 1002 });
    root.disk.mkdir("/home", 0o755);
    root.disk.chown("/home", 1000, 1000);
    return { root: root.disk, owner: owner.disk, member: member.disk, other: other.disk };
  }

  test("are the owner's, the group's or the others'", () => {
    const { root, owner, member, other } = users();
    put(owner, "/home/f", "x");
    owner.chmod("/home/f", 0o640);
    expect([owner, member, other, root].map((disk) => disk.access("/home/f", 4))).toEqual([0, 0, -13, 0]);
    expect([owner, member, other, root].map((disk) => disk.access("/home/f", 2))).toEqual([0, -13, -13, 0]);
    expect([owner, root].map((disk) => disk.access("/home/f", 1))).toEqual([-13, -13]);
    expect(other.access("/home/f", 0)).toBe(0);
    expect(other.open("/home/f", 0, 0)).toBe(-13);
    expect(member.open("/home/f", 2, 0)).toBe(-13);
    expect(member.open("/home/f", 0o1000, 0)).toBe(-13);
    expect(member.truncate("/home/f", 0)).toBe(-13);
    expect(member.readSmall("/home/f", 0, 10)).toBe(1);
    expect(other.readSmall("/home/f", 0, 10)).toBe(-13);
    // The owner's own bits count for the owner, though the group's give more.
    owner.chmod("/home/f", 0o070);
    expect(owner.open("/home/f", 0, 0)).toBe(-13);
  });

  test("of a directory: x to pass, w to change", () => {
    const { owner, member, other } = users();
    put(owner, "/home/f", "x");
    owner.mkdir("/home/d", 0o755);
    expect(other.unlink("/home/f")).toBe(-13);
    expect(other.mkdir("/home/e", 0o777)).toBe(-13);
    expect(other.mkdir("/home/d", 0o777)).toBe(-17);
    expect(other.rename("/home/f", "/home/g")).toBe(-13);
    // Another's file that one may not write is not linked anywhere.
    expect(other.link("/home/f", "/home/g")).toBe(-1);
    owner.chmod("/home/f", 0o666);
    expect(other.link("/home/f", "/home/g")).toBe(-13);
    expect(other.symlink("x", "/home/g")).toBe(-13);
    expect(put(other, "/home/new", "x")).toBe(-13);
    owner.chmod("/home", 0o711);
    expect(stat(other, "/home/f").error).toBe(0);
    expect(other.open("/home", 0, 0)).toBe(-13);
    owner.chmod("/home", 0o744);
    expect(stat(member, "/home/f").error).toBe(-13);
    expect(stat(other, "/home/nothing").error).toBe(-13);
    expect(other.open("/home", 0, 0)).toBeGreaterThan(0);
  });

  test("of a sticky directory: only owners remove", () => {
    const { root, owner, other } = users();
    root.mkdir("/tmp", 0o777);
    root.chmod("/tmp", 0o1777);
    put(owner, "/tmp/f", "x");
    put(other, "/tmp/g", "x");
    expect(other.unlink("/tmp/f")).toBe(-1);
    expect(other.rename("/tmp/g", "/tmp/f")).toBe(-1);
    expect(owner.rename("/tmp/f", "/tmp/h")).toBe(0);
    expect(other.unlink("/tmp/g")).toBe(0);
    expect(root.unlink("/tmp/h")).toBe(0);
  });

  test("to change modes, owners and times are the owner's", () => {
    const { root, owner, other } = users();
    put(owner, "/home/f", "x");
    expect(other.chmod("/home/f", 0o777)).toBe(-1);
    expect(other.utimes("/home/f", 1, 1)).toBe(-1);
    expect(other.utimes("/home/f", Infinity, Infinity)).toBe(-13);
    expect(other.chown("/home/f", 1002, -1)).toBe(-1);
    expect(owner.chown("/home/f", 1002, -1)).toBe(-1);
    expect(owner.chown("/home/f", -1, 1000)).toBe(0);
    expect(owner.chown("/home/f", -1, 7)).toBe(-1);
    owner.chmod("/home/f", 0o4755);
    owner.chown("/home/f", 1000, 1000);
    expect(stat(root, "/home/f").mode).toBe(0o100755);
    expect(root.chown("/home/f", 2 ** 32 - 2, 5)).toBe(0);
    expect(stat(root, "/home/f")).toMatchObject({ uid: 2 ** 32 - 2, gid: 5 });
    root.symlink("f", "/home/l");
    root.lchown("/home/l", 8, 9);
    expect(stat(root, "/home/l", false)).toMatchObject({ uid: 8, gid: 9 });
    expect(stat(root, "/home/f").gid).toBe(5);
  });

  test("a group of a directory is handed down where it says so", () => {
    const { root, other } = users();
    root.mkdir("/shared", 0o777);
    root.chown("/shared", 0, 50);
    root.chmod("/shared", 0o2777);
    other.mkdir("/shared/d", 0o755);
    put(other, "/shared/d/f", "x");
    expect(stat(root, "/shared/d")).toMatchObject({ gid: 50, mode: 0o042755 });
    expect(stat(root, "/shared/d/f")).toMatchObject({ gid: 50, mode: 0o100644 });
    expect(free(root).inodes).toBeGreaterThan(0);
  });
});
