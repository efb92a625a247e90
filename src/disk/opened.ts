import * as files from "./calls/files.js";
import * as metadata from "./calls/metadata.js";
import * as names from "./calls/names.js";
import * as positions from "./calls/positions.js";
import { locked } from "./calls/section.js";
import { DiskSockets } from "./disk-sockets.js";
import { hasPassed, isPipeRead, markPassed, takePassed } from "./passing.js";
import { beginWaiting, endWaiting, happened, tellWaiting, waitForAny } from "./poll.js";
import { Session } from "./session.js";
import type {
  Credentials,
  DirectoryEntries,
  DiskMemory,
  DiskOptions,
  LockOwner,
  StatArray,
} from "./types.js";
import { readGeometry } from "./volume.js";
import { waitHere, waitLater } from "./wait.js";

/** What one thread does with files that are open, and what it waits for. See `Disk`. */
export class OpenedFiles {
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

  fstat(file: number, out: StatArray): number {
    return metadata.fstat(this.session, file, out);
  }

  fchmod(file: number, mode: number): number {
    return metadata.fchmod(this.session, file, mode);
  }

  fchown(file: number, uid: number, gid: number): number {
    return metadata.fchown(this.session, file, uid, gid);
  }

  futimes(file: number, atime: number, mtime: number): number {
    return metadata.futimes(this.session, file, atime, mtime);
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

  fsync(file: number): number {
    return files.fsync(this.session, file);
  }

  /** The same of an open file, by any of its names; -ENOENT when it has none. */
  pathOfFile(file: number): number {
    return names.pathOfFile(this.session, file);
  }

  /** Answers how many entries there are in `entries`, 0 at the end. A cookie of 0 begins. */
  readEntries(file: number, cookie: number): number {
    return names.list(this.session, file, cookie);
  }
}
