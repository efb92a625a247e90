import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../disk/modes.js";
import { EEXIST, EISDIR, ENOENT, ENOTDIR } from "../../syscall/errno.js";
import type { FileStat, FileType } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import { expect, OperationError } from "./failure.js";

/** The user whom what the host makes belongs to. */
export const USER = 1000;

const PERMISSIONS = 0o7777;

export function fileType(mode: number): FileType {
  const type = mode & S_IFMT;
  if (type === S_IFREG) return "file";
  if (type === S_IFDIR) return "directory";
  return type === S_IFLNK ? "symlink" : "other";
}

/** `stat` or `lstat`. */
export async function stat(disk: DiskAccess, path: string, follow: boolean): Promise<FileStat> {
  const out = new Float64Array(18);
  const { root } = disk;
  const done = await disk.attempt(() => (follow ? root.stat(path, out) : root.lstat(path, out)));
  expect(done, follow ? "stat" : "lstat", path);
  const at = (index: number) => out[index] as number;
  const time = (index: number) => at(index) * 1000 + at(index + 1) / 1e6;
  return {
    type: fileType(at(1)),
    size: at(8),
    mode: at(1),
    uid: at(3),
    gid: at(4),
    nlink: at(2),
    ino: at(7),
    atimeMs: time(10),
    mtimeMs: time(12),
    ctimeMs: time(14),
    birthtimeMs: time(16),
  };
}

export async function exists(disk: DiskAccess, path: string): Promise<boolean> {
  return (await disk.attempt(() => disk.root.access(path, 0))) === 0;
}

/** Makes a directory of the guest's user; with `recursive` its parents too, and it may be there already. */
export async function mkdir(
  disk: DiskAccess,
  path: string,
  recursive: boolean,
  mode: number | null,
): Promise<void> {
  const permissions = (mode ?? 0o755) & PERMISSIONS;
  if (!recursive) {
    expect(await makeDirectory(disk, path, permissions), "mkdir", path);
    return;
  }
  let at = 0;
  while (at < path.length) {
    const next = path.indexOf("/", at + 1);
    at = next === -1 ? path.length : next;
    const directory = path.slice(0, at);
    const made = await makeDirectory(disk, directory, at === path.length ? permissions : 0o755);
    if (made !== -EEXIST) expect(made, "mkdir", path);
    else if ((await stat(disk, directory, true)).type !== "directory") {
      throw new OperationError(at === path.length ? -EEXIST : -ENOTDIR, "mkdir", path);
    }
  }
}

async function makeDirectory(disk: DiskAccess, path: string, mode: number): Promise<number> {
  const { root } = disk;
  const made = await disk.attempt(() => root.mkdir(path, mode));
  return made < 0 ? made : await disk.attempt(() => root.chown(path, USER, USER));
}

/** Makes the directories above a file. */
export async function makeParents(disk: DiskAccess, path: string): Promise<void> {
  const end = path.lastIndexOf("/");
  if (end > 0) await mkdir(disk, path.slice(0, end), true, null);
}

/** Makes a file or directory one that guests can't change. */
export async function seal(disk: DiskAccess, path: string): Promise<void> {
  expect(await disk.attempt(() => disk.root.seal(path)), "seal", path);
}

/** Removes a file or an empty directory; with `force`, what isn't there is removed already. */
export async function removeOne(disk: DiskAccess, path: string, force: boolean): Promise<void> {
  const removed = await disk.attempt(() => disk.root.unlink(path));
  if (removed === -ENOENT && force) return;
  if (removed === -EISDIR) throw new OperationError(-EISDIR, "rm", path);
  expect(removed, "rm", path);
}

/** Names and types of a directory, as the host expects them: JSON. */
export async function readdir(disk: DiskAccess, path: string): Promise<Buffer> {
  const { root } = disk;
  const listed: [string, FileType][] = [];
  const file = await disk.attempt(() => root.open(path, O_DIRECTORY, 0));
  expect(file, "scandir", path);
  try {
    for (let cookie = 0; ; ) {
      const count = await disk.attempt(() => root.readEntries(file, cookie));
      if (expect(count, "scandir", path) === 0) break;
      const { types, nameStart, nameEnd } = root.entries;
      for (let i = 0; i < count; i++) {
        const name = Buffer.from(root.result.subarray(nameStart[i], nameEnd[i])).toString("utf8");
        listed.push([name, fileType((types[i] as number) << 12)]);
      }
      ({ cookie } = root);
      if (listed.length > MAX_LISTED) break;
    }
  } finally {
    await disk.attempt(() => root.close(file));
  }
  return Buffer.from(JSON.stringify(listed));
}

const O_DIRECTORY = 0o200000;

/** More than a disk has names; a guest that links a cycle must not keep the kernel here. */
const MAX_LISTED = 4_000_000;
