import { EINVAL } from "../syscall/errno.js";
import { copyFile } from "./calls/copy-file.js";
import { discardFree } from "./calls/discard-free.js";
import * as files from "./calls/files.js";
import * as metadata from "./calls/metadata.js";
import * as names from "./calls/names.js";
import * as positions from "./calls/positions.js";
import { locked } from "./calls/section.js";
import * as watches from "./calls/watches.js";
import { readSmall, writeSmall } from "./calls/whole-files.js";
import { DiskSockets } from "./disk-sockets.js";
import type { Discard } from "./free-runs.js";
import { lockHolder } from "./lock.js";
import { hasPassed, isPipeRead, markPassed, takePassed } from "./passing.js";
import { beginWaiting, endWaiting, happened, tellWaiting, waitForAny } from "./poll.js";
import { breakLock } from "./recovery.js";
import { Session } from "./session.js";
import type {
  Credentials,
  DirectoryEntries,
  DiskMemory,
  DiskOptions,
  LockOwner,
  Path,
  StatArray,
} from "./types.js";
import { readGeometry } from "./volume.js";
import { waitHere, waitLater } from "./wait.js";
import { FOLLOW, NO_FOLLOW, takeRemote } from "./walk.js";

export { checkDisk, holdsDisk } from "./check.js";
export { diskMemorySize, formatDisk } from "./format.js";
export type * from "./types.js";

/**
 * One thread's view of the disk. Every method answers a number >= 0 or the negative of a Linux error
 * number, and none throws (but the RangeError of a stack that is used up, before anything is done).
 */
export class Disk {
  /** For those who judge each call: see `src/guest/judged-disk.ts`. */
  protected readonly session: Session;
  /** Bytes that the last call answered with (64 KiB); overwritten by the next call. */
  readonly result: Uint8Array;
  /** What the last `readEntries` found. */
  readonly entries: DirectoryEntries;
  readonly sockets: DiskSockets;

  constructor(memory: DiskMemory, owner: LockOwner, credentials: Credentials, options: DiskOptions = {}) {
    const geometry = readGeometry(memory);
    if (geometry === null) throw new Error("The memory holds no disk");
    if (!(owner.id > 0 && owner.id <= 0x7fffffff)) throw new RangeError("A lock owner's id is 1 to 2^31 - 1");
    this.session = new Session(memory, geometry, owner, credentials, options);
    this.result = this.session.result;
    this.entries = this.session.entries;
    this.sockets = new DiskSockets(this.session);
  }

  /** Where the next `readEntries` goes on. */
  get cookie(): number {
    return this.session.cookie;
  }

  protected setCookie(cookie: number): void {
    this.session.cookie = cookie;
  }

  stat(path: Path, out: StatArray): number {
    return metadata.stat(this.session, path, FOLLOW, out);
  }

  lstat(path: Path, out: StatArray): number {
    return metadata.stat(this.session, path, NO_FOLLOW, out);
  }

  fstat(file: number, out: StatArray): number {
    return metadata.fstat(this.session, file, out);
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

  fchmod(file: number, mode: number): number {
    return metadata.fchmod(this.session, file, mode);
  }

  /** An id of -1 stays as it is. */
  chown(path: Path, uid: number, gid: number): number {
    return metadata.chown(this.session, path, FOLLOW, uid, gid);
  }

  lchown(path: Path, uid: number, gid: number): number {
    return metadata.chown(this.session, path, NO_FOLLOW, uid, gid);
  }

  fchown(file: number, uid: number, gid: number): number {
    return metadata.fchown(this.session, file, uid, gid);
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

  futimes(file: number, atime: number, mtime: number): number {
    return metadata.futimes(this.session, file, atime, mtime);
  }

  /** Answers the index of an open file description, which has one reference. */
  open(path: Path, flags: number, mode: number): number {
    return files.open(this.session, path, flags, mode);
  }

  /** Opens an open file once more, with flags of its own. */
  reopen(file: number, flags: number): number {
    return files.reopen(this.session, file, flags);
  }

  /** The type (`S_IF…`) of what was opened last. */
  get openedType(): number {
    return this.session.openedType;
  }

  /** 0 once the other end of an opened pipe has been opened, as far as there is to wait for it. */
  opened(file: number): number {
    return files.opened(this.session, file);
  }

  /** The number of an open device; -EINVAL for anything else. */
  device(file: number): number {
    return files.device(this.session, file);
  }

  /** Opens both ends of a new pipe; `flags` may have O_NONBLOCK. The end to read from is the first. */
  pipe(ends: Int32Array, flags: number): number {
    return names.pipe(this.session, ends, flags);
  }

  /** Opens two ends of which each reads what is written at the other. */
  pair(ends: Int32Array): number {
    return names.pair(this.session, ends);
  }

  /** Marks the pipe that an end writes to as one with an open file beside it: its number. */
  markPassed(file: number): number {
    return locked(this.session, markPassed, file);
  }

  /** 1 where an open file waits beside the pipe that an end reads, else 0. */
  hasPassed(file: number): number {
    return locked(this.session, hasPassed, file);
  }

  /** Takes that mark away: the pipe's number, 0 where there was none. */
  takePassed(file: number): number {
    return locked(this.session, takePassed, file);
  }

  /** 1 while somebody reads the pipe of a number, else 0. */
  isPipeRead(pipe: number): number {
    return locked(this.session, isPipeRead, pipe);
  }

  /** Ends what one end of a pair can write; -ENOTCONN for any other file. */
  shutdown(file: number): number {
    return files.shutdown(this.session, file);
  }

  /** Begins to wait for one of several pipes, or for a process: what `waitForAny` takes. */
  beginWaiting(): void {
    beginWaiting(this.session);
  }

  endWaiting(): void {
    endWaiting(this.session);
  }

  /** Counts what has happened while somebody waits. */
  happened(): number {
    return happened(this.session);
  }

  /** Stops the thread until something happens beyond that count, at most so many milliseconds. */
  waitForAny(count: number, milliseconds: number): void {
    waitForAny(this.session, count, milliseconds);
  }

  /** Something has happened beside the disk that a thread may wait for. */
  tellWaiting(): number {
    return tellWaiting(this.session);
  }

  /** Stops the thread until what the last call had to wait for (-ERESTARTSYS) has changed. */
  wait(): void {
    waitHere(this.session);
  }

  /** The same without stopping the thread: calls back later, unless it answers that it has changed already. */
  waitLater(changed: () => void): boolean {
    return waitLater(this.session, changed);
  }

  /** After -EREMOTE, and for `Bring`: what is left of the path, into `result`; answers its length. */
  remote(): number {
    return takeRemote(this.session);
  }

  /** After -EREMOTE of a call with two paths: whether the second is meant. */
  get remoteIsSecond(): boolean {
    return this.session.remote === this.session.second;
  }

  /** Drops a reference. */
  close(file: number): number {
    return files.close(this.session, file);
  }

  /** Adds a reference. */
  dup(file: number): number {
    return files.dup(this.session, file);
  }

  /** The flags that the file was opened with. */
  flags(file: number): number {
    return files.flags(this.session, file);
  }

  /** Changes O_APPEND and O_NONBLOCK of an open file to what `flags` have of them. */
  setFlags(file: number, flags: number): number {
    return positions.setFlags(this.session, file, flags);
  }

  /** Moves the file's own position: 0 from the beginning, 1 from where it is, 2 from the end. */
  seek(file: number, offset: number, whence: number): number {
    return positions.seek(this.session, file, offset, whence);
  }

  /** A position of -1 is the file's own, which then moves on. */
  read(file: number, dst: Uint8Array, offset: number, length: number, position: number): number {
    return files.read(this.session, file, dst, offset, length, position);
  }

  write(file: number, src: Uint8Array, offset: number, length: number, position: number): number {
    return files.write(this.session, file, src, offset, length, position);
  }

  ftruncate(file: number, length: number): number {
    return files.ftruncate(this.session, file, length);
  }

  truncate(path: Path, length: number): number {
    return files.truncate(this.session, path, length);
  }

  fsync(file: number): number {
    return files.fsync(this.session, file);
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

  /** The same of an open file, by any of its names; -ENOENT when it has none. */
  pathOfFile(file: number): number {
    return names.pathOfFile(this.session, file);
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

  /** Answers how many entries there are in `entries`, 0 at the end. A cookie of 0 begins. */
  readEntries(file: number, cookie: number): number {
    return names.list(this.session, file, cookie);
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
