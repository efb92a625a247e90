import { type Credentials, Disk, type DiskMemory, diskMemorySize, formatDisk } from "../../src/disk/disk.js";

export interface TestDisk {
  memory: DiskMemory;
  disk: Disk;
  credentials: Credentials;
}

let owners = 0;

export function allocate(bytes: number, inodes: number): DiskMemory {
  const byteLength = diskMemorySize({ bytes, inodes });
  // As in a machine, where the disk does not begin where the buffer does.
  const byteOffset = 4080;
  return { buffer: new SharedArrayBuffer(byteOffset + byteLength), byteOffset, byteLength };
}

export function openDisk(
  memory: DiskMemory,
  identity: Partial<Credentials> = {},
  patience?: number,
): TestDisk {
  const credentials: Credentials = { uid: 0, gid: 0, umask: 0o022, cwd: 1, ...identity };
  const owner = { id: ++owners, gate: new Int32Array(new SharedArrayBuffer(4)), gateIndex: 0 };
  const disk = new Disk(memory, owner, credentials, patience === undefined ? {} : { patience });
  return { memory, disk, credentials };
}

export function makeDisk(bytes = 4 << 20, inodes = 1024, identity: Partial<Credentials> = {}): TestDisk {
  const memory = allocate(bytes, inodes);
  formatDisk(memory, { bytes, inodes });
  return openDisk(memory, identity);
}

export function text(disk: Disk, length: number): string {
  return length < 0 ? `error ${-length}` : Buffer.from(disk.result.slice(0, length)).toString();
}

export function put(disk: Disk, path: string, data: string | Uint8Array, mode = 0o666): number {
  const bytes = typeof data === "string" ? Buffer.from(data) : data;
  const file = disk.open(path, 0o1101, mode);
  if (file < 0) return file;
  const done = disk.write(file, bytes, 0, bytes.length, -1);
  disk.close(file);
  return done;
}

export function get(disk: Disk, path: string): string {
  const file = disk.open(path, 0, 0);
  if (file < 0) return `error ${-file}`;
  const bytes = new Uint8Array(1 << 20);
  const done = disk.read(file, bytes, 0, bytes.length, 0);
  disk.close(file);
  return done < 0 ? `error ${-done}` : Buffer.from(bytes.subarray(0, done)).toString();
}

/** Named fields of a stat. */
export function stat(disk: Disk, path: string, follow = true) {
  const out = new Float64Array(18);
  const error = follow ? disk.stat(path, out) : disk.lstat(path, out);
  return { error, ...fields(out) };
}

export function fstat(disk: Disk, file: number) {
  const out = new Float64Array(18);
  const error = disk.fstat(file, out);
  return { error, ...fields(out) };
}

function fields(out: Float64Array) {
  const [dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks] = out;
  const [atime, mtime, ctime, birthtime] = [10, 12, 14, 16].map(
    (i) => (out[i] ?? 0) + (out[i + 1] ?? 0) / 1e9,
  );
  return { dev, mode, nlink, uid, gid, rdev, blksize, ino, size, blocks, atime, mtime, ctime, birthtime };
}

export function list(disk: Disk, path: string, encoding: BufferEncoding = "utf8"): string[] {
  const file = disk.open(Buffer.from(path, encoding), 0, 0);
  if (file < 0) return [`error ${-file}`];
  const names: string[] = [];
  let cookie = 0;
  for (;;) {
    const count = disk.readEntries(file, cookie);
    if (count <= 0) break;
    for (let i = 0; i < count; i++) {
      const { nameStart, nameEnd } = disk.entries;
      names.push(Buffer.from(disk.result.slice(nameStart[i], nameEnd[i])).toString(encoding));
    }
    cookie = disk.cookie;
  }
  disk.close(file);
  return names;
}

/** Free blocks and free inodes. */
export function free(disk: Disk): { blocks: number; inodes: number } {
  const out = new Float64Array(7);
  disk.statfs("/", out);
  return { blocks: out[3] ?? -1, inodes: out[6] ?? -1 };
}

/** A seeded generator (mulberry32), so that a failure can be seen again. */
export function random(seed: number): (below: number) => number {
  let state = seed | 0;
  return (below) => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) % below;
  };
}
