import { beforeEach, describe, expect, it } from "vitest";
import { Disk, type DiskMemory, diskMemorySize, formatDisk } from "../../src/disk/disk.js";
import { makeBaseTree, writeHostname } from "../../src/kernel/base-tree.js";

let memory: DiskMemory;
let disk: Disk;
const out = new Float64Array(18);

beforeEach(() => {
  const size = { bytes: 1 << 20, inodes: 256 };
  const byteLength = diskMemorySize(size);
  memory = { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
  formatDisk(memory, size);
  disk = new Disk(
    memory,
    { id: 2, gate: new Int32Array(1), gateIndex: 0 },
    { uid: 0, gid: 0, umask: 0, cwd: 1 },
  );
});

function modeAndOwner(path: string): string {
  expect(disk.stat(path, out)).toBe(0);
  return `${((out[1] as number) & 0o7777).toString(8)} ${out[3]}:${out[4]}`;
}

function write(path: string, text: string): void {
  const bytes = Buffer.from(text);
  expect(disk.writeSmall(path, 0o1101, 0o644, bytes, bytes.length)).toBeGreaterThanOrEqual(0);
}

function read(path: string): string {
  const length = disk.readSmall(path, 0, 65536);
  return Buffer.from(disk.result.slice(0, length)).toString();
}

describe("the base tree", () => {
  it("has the modes and owners that programs expect", () => {
    makeBaseTree(memory);
    expect(modeAndOwner("/")).toBe("755 0:0");
    expect(modeAndOwner("/home/user")).toBe("755 1000:1000");
    expect(modeAndOwner("/tmp")).toBe("1777 0:0");
    expect(modeAndOwner("/usr/local/bin/node")).toBe("755 0:0");
    expect(modeAndOwner("/etc/passwd")).toBe("644 0:0");
  });

  it("is repaired, and keeps what is there", () => {
    makeBaseTree(memory);
    write("/home/user/kept", "kept");
    write("/etc/passwd", "changed");
    disk.rmdir("/tmp");
    write("/tmp", "not a directory");
    disk.unlink("/usr/local/bin/node");
    disk.chmod("/home/user", 0o700);
    makeBaseTree(memory);
    expect(read("/home/user/kept")).toBe("kept");
    expect(read("/etc/passwd")).toBe("changed");
    expect(modeAndOwner("/tmp")).toBe("1777 0:0");
    expect(modeAndOwner("/home/user")).toBe("700 1000:1000");
    expect(modeAndOwner("/usr/local/bin/node")).toBe("755 0:0");
  });

  it("tells the machine's name", () => {
    makeBaseTree(memory);
    writeHostname(memory, "first");
    writeHostname(memory, "second");
    expect(read("/etc/hostname")).toBe("second\n");
    expect(read("/etc/hosts")).toContain("127.0.1.1\tsecond\n");
  });
});
