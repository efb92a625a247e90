import { EINVAL } from "../syscall/errno.js";
import { copyFile } from "./calls/copy-file.js";
import { discardFree } from "./calls/discard-free.js";
import * as files from "./calls/files.js";
import * as metadata from "./calls/metadata.js";
import * as names from "./calls/names.js";
import * as watches from "./calls/watches.js";
import { readSmall, writeSmall } from "./calls/whole-files.js";
import type { Discard } from "./free-runs.js";
import { lockHolder } from "./lock.js";
import { OpenedFiles } from "./opened.js";
import { breakLock } from "./recovery.js";
import type { Path, StatArray } from "./types.js";
import { FOLLOW, NO_FOLLOW, takeRemote } from "./walk.js";

export { checkDisk, holdsDisk } from "./check.js";
export { diskMemorySize, formatDisk } from "./format.js";
export type * from "./types.js";

/**
 * One thread's view of the disk. Every method answers a number >= 0 or the negative of a Linux error
 * number, and none throws (but the RangeError of a stack that is used up, before anything is done).
 */
export class Disk extends OpenedFiles {
  stat(path: Path, out: StatArray): number {
    return metadata.stat(this.session, path, FOLLOW, out);
  }

  lstat(path: Path, out: StatArray): number {
    return metadata.stat(this.session, path, NO_FOLLOW, out);
  }

  /** `out` gets 7 fields: type bsize blocks bfree bavail files ffree. */
  statfs(path: Path, out: StatArray): number {
    return metadata.statfs(this.session, path, out);
  }

  access(path: Path, mode: number): number {
    return metadata.access(this.session, path, mode);
  }

  chmod(path: Path, mode: number): number {
    return metadata.chmod(this.session, path, mode);
  }

  /** An id of -1 stays as it is. */
  chown(path: Path, uid: number, gid: number): number {
    return metadata.chown(this.session, path, FOLLOW, uid, gid);
  }

  lchown(path: Path, uid: number, gid: number): number {
    return metadata.chown(this.session, path, NO_FOLLOW, uid, gid);
  }

  /** The file or directory becomes one that only the administrator can change: others get EROFS. */
  seal(path: Path): number {
    return metadata.seal(this.session, path);
  }

  /** Seconds with a fraction; NaN leaves a time as it is, Infinity means now. */
  utimes(path: Path, atime: number, mtime: number): number {
    return metadata.utimes(this.session, path, FOLLOW, atime, mtime);
  }

  lutimes(path: Path, atime: number, mtime: number): number {
    return metadata.utimes(this.session, path, NO_FOLLOW, atime, mtime);
  }

  /** Answers the index of an open file description, which has one reference. */
  open(path: Path, flags: number, mode: number): number {
    return files.open(this.session, path, flags, mode);
  }

  /** After -EREMOTE, and for `Bring`: what is left of the path, into `result`; answers its length. */
  remote(): number {
    return takeRemote(this.session);
  }

  /** After -EREMOTE of a call with two paths: whether the second is meant. */
  get remoteIsSecond(): boolean {
    return this.session.remote === this.session.second;
  }

  truncate(path: Path, length: number): number {
    return files.truncate(this.session, path, length);
  }

  /**
   * A whole regular file of at most `max` (and 65536) bytes, into `result`. -EFBIG says: open it instead,
   * since it is larger, no regular file, or the flags are more than those of plain reading.
   */
  readSmall(path: Path, flags: number, max: number): number {
    return readSmall(this.session, path, flags, max);
  }

  /** Opens, writes at most 65536 bytes and closes, under one lock. */
  writeSmall(path: Path, flags: number, mode: number, bytes: Uint8Array, length: number): number {
    return writeSmall(this.session, path, flags, mode, bytes, length);
  }

  /** `mode` has Node's COPYFILE bits. */
  copyFile(from: Path, to: Path, mode: number): number {
    return copyFile(this.session, from, to, mode);
  }

  mkdir(path: Path, mode: number): number {
    return names.mkdir(this.session, path, mode);
  }

  rmdir(path: Path): number {
    return names.rmdir(this.session, path);
  }

  unlink(path: Path): number {
    return names.unlink(this.session, path);
  }

  rename(from: Path, to: Path): number {
    return names.rename(this.session, from, to, 0);
  }

  link(from: Path, to: Path): number {
    return names.link(this.session, from, to);
  }

  symlink(target: Path, path: Path): number {
    return names.symlink(this.session, target, path);
  }

  /** Answers the length of what it put into `result`; so do `realpath` and `pathOf`. */
  readlink(path: Path): number {
    return names.readlink(this.session, path);
  }

  realpath(path: Path): number {
    return names.realpath(this.session, path);
  }

  /** The path of a directory as `resolveDirectory` answered it; -ENOENT once it has been removed. */
  pathOf(directory: number): number {
    return names.pathOf(this.session, directory);
  }

  /** The number that a socket's name was made with (`mknod`); -ECONNREFUSED for any other file. */
  socketNumber(path: Path): number {
    return names.socket(this.session, path);
  }

  /** Makes a file, a pipe, a socket or (the superuser only) a device. `mode` has the type. */
  mknod(path: Path, mode: number, device: number): number {
    return names.mknod(this.session, path, mode, device);
  }

  /** Has a directory be the virtual one: see `DiskOptions.leaves`. */
  setVirtual(path: Path): number {
    return names.virtual(this.session, path);
  }

  /** Answers what `Credentials.cwd` takes: opaque, not an inode number. */
  resolveDirectory(path: Path): number {
    return names.resolveDirectory(this.session, path);
  }

  /**
   * Has this thread get the events of a file, and answers the watch's id, which is the same one for the
   * same file. A file that goes takes its watches along, as `IN_IGNORED` tells.
   */
  watch(path: Path): number {
    return watches.watch(this.session, path);
  }

  unwatch(id: number): number {
    return watches.unwatch(this.session, id);
  }

  /** Takes this thread's events, and answers how many bytes of `events` they are. */
  takeEvents(): number {
    return watches.takeEvents(this.session);
  }

  /** What `takeEvents` took: of each event the watch's id, its mask, the length of its name, and the name. */
  get events(): Uint8Array | undefined {
    return this.session.events;
  }

  /** Settles when there are events to take; null where it need not wait, or watches nothing. */
  awaitEvents(): Promise<unknown> | null {
    return watches.awaitEvents(this.session);
  }

  /** Ends the watches of a thread that has ended. */
  dropWatches(owner: number): number {
    return watches.dropWatchesOf(this.session, owner);
  }

  /**
   * Gives the memory of free blocks from block `from` (1 and up) on back to the system: at most 1 MiB of it.
   * Answers the block to go on with, 0 at the end. `freed`: `S_FREED` as it was at the beginning.
   */
  discardFree(from: number, freed: number, discard: Discard): number {
    return from > 0 ? discardFree(this.session, from, freed, discard) : -EINVAL;
  }

  /** The id of the thread that has the lock, or 0. */
  lockHolder(): number {
    return lockHolder(this.session);
  }

  /**
   * If that thread, which must be dead, has the lock: repairs what it left, and releases it. Answers 1 if
   * it was so, else 0.
   */
  breakLock(owner: number): number {
    return owner > 0 ? breakLock(this.session, owner) : -EINVAL;
  }
}
