import { constants } from "node:fs";
import { describe, expect, test } from "vitest";
import { checkDisk } from "../../src/disk/disk.js";
import { free, fstat, get, makeDisk, put, stat } from "./support.js";

const { O_APPEND, O_CREAT, O_DIRECTORY, O_EXCL, O_NOFOLLOW, O_RDONLY, O_RDWR, O_TRUNC, O_WRONLY } = constants;
const CLEAN = { repaired: 0, problems: [], formatted: false };
const GIB = 2 ** 30;
const MAX = (12 + 1024 + 1024 * 1024) * 4096;

describe("open", () => {
  test("makes, refuses and empties files as its flags say", () => {
    const { disk } = makeDisk();
    expect(disk.open("/f", O_RDONLY, 0)).toBe(-2);
    expect(put(disk, "/f", "data")).toBe(4);
    expect(disk.open("/f", O_WRONLY | O_CREAT | O_EXCL, 0o666)).toBe(-17);
    disk.symlink("/nowhere", "/dangling");
    expect(disk.open("/dangling", O_WRONLY | O_CREAT | O_EXCL, 0o666)).toBe(-17);
    expect(disk.open("/dangling", O_RDONLY | O_NOFOLLOW, 0)).toBe(-40);
    expect(disk.open("/f", O_RDONLY | O_DIRECTORY, 0)).toBe(-20);
    expect(disk.open("/", O_WRONLY, 0)).toBe(-21);
    expect(disk.open("/new/", O_WRONLY | O_CREAT, 0o666)).toBe(-21);
    const made = disk.open("/dangling", O_RDWR | O_CREAT, 0o640);
    expect(made).toBeGreaterThan(0);
    expect(stat(disk, "/nowhere")).toMatchObject({ error: 0, mode: 0o100640, size: 0 });
    disk.open("/f", O_WRONLY | O_TRUNC, 0);
    expect(stat(disk, "/f").size).toBe(0);
  });

  test("heeds the umask and gives the maker's ids", () => {
    const { disk, credentials } = makeDisk();
    disk.chmod("/", 0o777);
    Object.assign(credentials, { uid: 1000, gid: 1001, umask: 0o027 });
    put(disk, "/f", "x");
    expect(stat(disk, "/f")).toMatchObject({ mode: 0o100640, uid: 1000, gid: 1001, nlink: 1 });
  });

  test("keeps what is open when its name goes, and frees it when the last reference does", () => {
    const { disk, memory } = makeDisk();
    const before = free(disk);
    put(disk, "/f", "kept");
    const file = disk.open("/f", O_RDWR, 0);
    expect(disk.dup(file)).toBe(file);
    disk.unlink("/f");
    expect(fstat(disk, file)).toMatchObject({ error: 0, nlink: 0, size: 4 });
    expect(disk.close(file)).toBe(0);
    const bytes = new Uint8Array(10);
    expect(disk.read(file, bytes, 0, 10, -1)).toBe(4);
    expect(disk.write(file, Buffer.from("!"), 0, 1, -1)).toBe(1);
    expect(disk.close(file)).toBe(0);
    expect(disk.close(file)).toBe(-9);
    expect(free(disk)).toEqual(before);
    expect(checkDisk(memory)).toEqual(CLEAN);
  });

  test("refuses what was not opened for it", () => {
    const { disk } = makeDisk();
    put(disk, "/f", "x");
    const bytes = new Uint8Array(4);
    const reader = disk.open("/f", O_RDONLY, 0);
    const writer = disk.open("/f", O_WRONLY, 0);
    const directory = disk.open("/", O_RDONLY, 0);
    expect(disk.write(reader, bytes, 0, 4, -1)).toBe(-9);
    expect(disk.ftruncate(reader, 0)).toBe(-22);
    expect(disk.read(writer, bytes, 0, 4, -1)).toBe(-9);
    expect(disk.read(directory, bytes, 0, 4, -1)).toBe(-21);
    expect(disk.read(directory + 1, bytes, 0, 4, -1)).toBe(-9);
    expect(disk.read(reader, bytes, 2, 4, -1)).toBe(-22);
    expect(disk.read(reader, bytes, 0, 4, -2)).toBe(-22);
    expect(disk.read(reader, bytes, 0, 4, Number.NaN)).toBe(-22);
    expect(disk.flags(writer)).toBe(O_WRONLY);
    expect([disk.fsync(reader), disk.fsync(0), disk.fsync(1e9)]).toEqual([0, -9, -9]);
  });

  test("has as many open files as the table", () => {
    const { disk } = makeDisk();
    let count = 0;
    for (; count < 20000; count++) if (disk.open("/", O_RDONLY, 0) < 0) break;
    expect(count).toBe(16384);
    expect(disk.open("/", O_RDONLY, 0)).toBe(-23);
    for (let file = 1; file <= count; file++) disk.close(file);
    expect(disk.open("/", O_RDONLY, 0)).toBeGreaterThan(0);
  });
});

describe("read and write", () => {
  test("move the file's own position, or leave it", () => {
    const { disk } = makeDisk();
    const file = disk.open("/f", O_RDWR | O_CREAT, 0o666);
    const bytes = Buffer.alloc(16);
    expect(disk.write(file, Buffer.from("abcdef"), 0, 6, -1)).toBe(6);
    expect(disk.write(file, Buffer.from("XY"), 0, 2, 1)).toBe(2);
    expect(disk.read(file, bytes, 0, 16, -1)).toBe(0);
    expect(disk.read(file, bytes, 0, 16, 0)).toBe(6);
    expect(bytes.toString("latin1", 0, 6)).toBe("aXYdef");
    const shared = disk.dup(file);
    expect(disk.write(shared, Buffer.from("g"), 0, 1, -1)).toBe(1);
    expect(get(disk, "/f")).toBe("aXYdefg");
  });

  test("append at the end, wherever the position is", () => {
    const { disk } = makeDisk();
    const one = disk.open("/f", O_WRONLY | O_CREAT | O_APPEND, 0o666);
    const two = disk.open("/f", O_WRONLY | O_APPEND, 0o666);
    disk.write(one, Buffer.from("a"), 0, 1, -1);
    disk.write(two, Buffer.from("b"), 0, 1, -1);
    disk.write(one, Buffer.from("c"), 0, 1, 0);
    expect(get(disk, "/f")).toBe("abc");
  });

  test("cross the limits of direct, single and double indirect blocks", () => {
    const { disk, memory } = makeDisk(64 << 20);
    const before = free(disk);
    const data = new Uint8Array(6 << 20);
    for (let i = 0; i < data.length; i++) data[i] = (i * 31 + (i >> 12)) & 255;
    const file = disk.open("/f", O_RDWR | O_CREAT, 0o666);
    expect(disk.write(file, data, 0, data.length, -1)).toBe(data.length);
    const back = new Uint8Array(data.length);
    expect(disk.read(file, back, 0, back.length, 0)).toBe(back.length);
    expect(Buffer.compare(data, back)).toBe(0);
    // 1536 blocks of data, and the tables: one single, one double, one under it.
    expect(stat(disk, "/f").blocks).toBe((1536 + 3) * 8);
    expect(checkDisk(memory)).toEqual(CLEAN);
    expect(disk.truncate("/f", 5000)).toBe(0);
    expect(stat(disk, "/f").blocks).toBe(16);
    expect(checkDisk(memory)).toEqual(CLEAN);
    disk.unlink("/f");
    expect(free(disk)).toEqual(before);
  });

  test("hold sparse files, to 1 GiB and as far as the map reaches", () => {
    const { disk, memory } = makeDisk();
    const file = disk.open("/f", O_RDWR | O_CREAT, 0o666);
    const bytes = new Uint8Array(8).fill(255);
    expect(disk.write(file, Buffer.from("end"), 0, 3, GIB - 3)).toBe(3);
    expect(fstat(disk, file)).toMatchObject({ size: GIB, blocks: 24 });
    expect(disk.read(file, bytes, 0, 8, GIB - 8)).toBe(8);
    expect([...bytes]).toEqual([0, 0, 0, 0, 0, 101, 110, 100]);
    expect(disk.ftruncate(file, MAX)).toBe(0);
    expect(disk.ftruncate(file, MAX + 1)).toBe(-27);
    expect(disk.write(file, bytes, 0, 8, MAX)).toBe(-27);
    expect(disk.write(file, bytes, 0, 8, 2 ** 52)).toBe(-27);
    expect(disk.write(file, bytes, 0, 8, MAX - 3)).toBe(3);
    expect(disk.read(file, bytes, 0, 8, MAX - 1)).toBe(1);
    expect(disk.read(file, bytes, 0, 8, 2 ** 52)).toBe(0);
    expect(checkDisk(memory)).toEqual(CLEAN);
    expect(disk.truncate("/f", -1)).toBe(-22);
    expect(disk.truncate("/", 0)).toBe(-21);
  });

  test("show zeros where nothing was written, whatever was there before", () => {
    const { disk } = makeDisk(40 * 4096);
    const old = new Uint8Array(30 * 4096).fill(0xee);
    put(disk, "/old", old);
    disk.unlink("/old");
    const file = disk.open("/new", O_RDWR | O_CREAT, 0o666);
    disk.write(file, Buffer.from("x"), 0, 1, 100);
    disk.write(file, Buffer.from("y"), 0, 1, 9000);
    disk.ftruncate(file, 9001);
    disk.ftruncate(file, 50);
    disk.ftruncate(file, 20000);
    disk.write(file, Buffer.from("z"), 0, 1, 13000);
    const back = new Uint8Array(20000).fill(1);
    expect(disk.read(file, back, 0, back.length, 0)).toBe(20000);
    expect(back.findIndex((byte) => byte !== 0)).toBe(13000);
    expect(back.lastIndexOf(122)).toBe(13000);
    back[13000] = 0;
    expect(back.every((byte) => byte === 0)).toBe(true);
  });
});

describe("small and whole files", () => {
  test("are read and written under one lock", () => {
    const { disk } = makeDisk();
    const bytes = Buffer.from("some text");
    expect(disk.writeSmall("/f", O_WRONLY | O_CREAT | O_TRUNC, 0o666, bytes, 9)).toBe(9);
    expect(disk.readSmall("/f", O_RDONLY, 9)).toBe(9);
    expect(Buffer.from(disk.result.slice(0, 9)).toString()).toBe("some text");
    expect(disk.readSmall("/f", O_RDONLY, 8)).toBe(-27);
    expect(disk.readSmall("/f", O_RDWR, 100)).toBe(-27);
    expect(disk.readSmall("/", O_RDONLY, 100)).toBe(-21);
    expect(disk.readSmall("/no", O_RDONLY, 100)).toBe(-2);
    expect(disk.writeSmall("/f", O_WRONLY | O_CREAT | O_TRUNC, 0o666, bytes, 4)).toBe(4);
    expect(disk.writeSmall("/f", O_WRONLY | O_CREAT | O_APPEND, 0o666, bytes, 4)).toBe(4);
    expect(disk.writeSmall("/f", O_RDWR, 0o666, Buffer.from("S"), 1)).toBe(1);
    expect(get(disk, "/f")).toBe("Somesome");
    expect(disk.writeSmall("/f", O_WRONLY | O_TRUNC, 0o666, bytes, 0)).toBe(0);
    expect(stat(disk, "/f")).toMatchObject({ size: 0, blocks: 0 });
    expect(disk.writeSmall("/f", O_RDONLY, 0o666, bytes, 1)).toBe(-9);
    expect(disk.writeSmall("/f", O_WRONLY, 0o666, new Uint8Array(65537), 65537)).toBe(-27);
    expect(disk.writeSmall("/f", O_WRONLY, 0o666, bytes, 10)).toBe(-22);
  });

  test("are copied with their mode and holes", () => {
    const { disk, memory } = makeDisk(16 << 20);
    const file = disk.open("/f", O_RDWR | O_CREAT, 0o640);
    const part = new Uint8Array(3 << 20).map((_, i) => (i * 7) & 255);
    disk.write(file, part, 0, part.length, 2 << 20);
    disk.ftruncate(file, (6 << 20) + 1);
    expect(disk.copyFile("/f", "/g", 0)).toBe(0);
    expect(stat(disk, "/g")).toMatchObject({
      mode: 0o100640,
      size: (6 << 20) + 1,
      blocks: stat(disk, "/f").blocks,
    });
    const back = new Uint8Array(part.length);
    const copy = disk.open("/g", O_RDONLY, 0);
    disk.read(copy, back, 0, back.length, 2 << 20);
    expect(Buffer.compare(part, back)).toBe(0);
    expect(disk.copyFile("/f", "/g", constants.COPYFILE_EXCL)).toBe(-17);
    expect(disk.copyFile("/f", "/f", 0)).toBe(0);
    expect(stat(disk, "/f").size).toBe((6 << 20) + 1);
    expect(disk.copyFile("/", "/h", 0)).toBe(-21);
    expect(disk.copyFile("/no", "/h", 0)).toBe(-2);
    expect(stat(disk, "/h").error).toBe(-2);
    put(disk, "/fill", new Uint8Array(8 << 20));
    expect(disk.copyFile("/f", "/h", 0)).toBe(-28);
    expect(stat(disk, "/h").error).toBe(-2);
    disk.close(copy);
    disk.close(file);
    expect(checkDisk(memory)).toEqual(CLEAN);
  });
});
