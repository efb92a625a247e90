/**
 * What the process's descriptors stand for: open files, or the kernel's pipes.
 *
 * Methods answer a value >= 0 or the negative of a Linux error number, as the disk's do.
 */
import { O_CREAT, O_EXCL, O_LARGEFILE, O_RDWR, O_TRUNC, O_WRONLY, S_IFIFO } from "../disk/modes.js";
import type { Path, StatArray } from "../disk/types.js";
import {
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
} from "../primordials/primordials.js";
import { EBADF, EINVAL, EMFILE, ENOTDIR, ERESTARTSYS, ESPIPE } from "../syscall/errno.js";
import { TERMINAL } from "../syscall/process-page.js";
import type { GuestEnv } from "./env.js";
import { FIRST_OPEN_NODE } from "./proc/open-nodes.js";
import { FIRST_STREAM } from "./proc/proc.js";
import { statStream } from "./standard-streams.js";
import { streamOf, writeStdio } from "./stdio.js";

const ByteView = Uint8Array;
/** Flags that say how to open a file, and are over then. */
const ofOpening = O_CREAT | O_EXCL | O_TRUNC;

/** Keeps the event loop alive while somebody waits. */
export interface EventLoop {
  ref(): void;
  unref(): void;
}

/** The descriptors' side of `fs`. */
export class OpenFiles {
  readonly #env: GuestEnv;
  readonly #loop: EventLoop;
  /** Whether what answered -ERESTARTSYS last was the terminal. */
  #awaitsTerminal = false;

  constructor(env: GuestEnv, loop: EventLoop) {
    this.#env = env;
    this.#loop = loop;
  }

  /** Opens a file, and waits for the other end where it is a pipe's. `flags` are Linux's. Answers a descriptor. */
  open(path: Path, flags: number, mode: number): number {
    const fd = this.begin(path, flags, mode);
    if (fd < 0 || this.#env.disk.openedType !== S_IFIFO) return fd;
    for (let result = this.opened(fd); result < 0; result = this.opened(fd)) {
      if (result !== -ERESTARTSYS) {
        this.close(fd);
        return result;
      }
      this.wait();
    }
    return fd;
  }

  /** See `FdTable.hasRoom`. */
  hasRoom(files: number): boolean {
    return this.#env.fds.hasRoom(files);
  }

  /** Opens a file without waiting: `opened` tells whether the other end of a pipe is there. */
  begin(path: Path, flags: number, mode: number): number {
    const { disk, fds } = this.#env;
    if (!fds.hasRoom(1)) return -EMFILE;
    const file = disk.open(path, flags, mode);
    if (file < 0) return file;
    // A process that ends while it waits gives back what is in its table.
    const fd = fds.alloc(file < FIRST_STREAM ? file : ~(file - FIRST_STREAM));
    if (fd < 0 && file < FIRST_STREAM) disk.close(file);
    return fd;
  }

  /** Stops the thread until what answered -ERESTARTSYS may be asked again. */
  wait(): void {
    if (this.#awaitsTerminal) this.#env.terminal.wait();
    else this.#env.disk.wait();
  }

  /** 0, -ERESTARTSYS while there is something to wait for, or an error. */
  opened(fd: number): number {
    const value = this.#env.fds.get(fd);
    if (value === -EBADF) return value;
    return value > 0 && value < FIRST_OPEN_NODE ? this.#env.disk.opened(value) : 0;
  }

  /** Whether the file that was begun last has to wait for the other end of its pipe. */
  isOpening(fd: number): boolean {
    return fd >= 0 && this.#env.disk.openedType === S_IFIFO && this.opened(fd) === -ERESTARTSYS;
  }

  /**
   * Does what may have to wait (-ERESTARTSYS) without stopping the thread, whose loop goes on for as long.
   * `done` gets its result, at once or later.
   */
  later(attempt: () => number, done: (result: number) => void): void {
    this.#loop.ref();
    const again = (): void => {
      for (let result = attempt(); ; result = attempt()) {
        if (result === -ERESTARTSYS && this.#waitLater(again)) return;
        if (result === -ERESTARTSYS) continue;
        this.#loop.unref();
        done(result);
        return;
      }
    };
    again();
  }

  #waitLater(again: () => void): boolean {
    const { disk, terminal } = this.#env;
    if (!this.#awaitsTerminal) return disk.waitLater(again);
    terminal.waitLater(again);
    return true;
  }

  close(fd: number): number {
    const value = this.#env.fds.free(fd);
    if (value >= 0) return this.#env.disk.close(value);
    return value === -EBADF ? -EBADF : 0;
  }

  /** Reads, and waits for the first byte where `fd` is a pipe. `position` -1 is the current one. */
  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    let count = this.readNow(fd, bytes, offset, length, position);
    while (count === -ERESTARTSYS) {
      this.wait();
      count = this.readNow(fd, bytes, offset, length, position);
    }
    return count;
  }

  /** The same, but answers -ERESTARTSYS when a pipe of the disk has nothing to read yet. */
  readNow(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    const { fds, disk, terminal } = this.#env;
    const value = fds.get(fd);
    this.#awaitsTerminal = value === TERMINAL;
    if (value >= 0) return disk.read(value, bytes, offset, length, position);
    if (!this.#awaitsTerminal) return -EBADF;
    return position < 0 ? terminal.read(bytes, offset, length) : -ESPIPE;
  }

  /** Writes, and waits for room where `fd` is a pipe. */
  write(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    let done = 0;
    for (;;) {
      const count = this.writeNow(
        fd,
        bytes,
        offset + done,
        length - done,
        position < 0 ? -1 : position + done,
      );
      if (count === -ERESTARTSYS) {
        this.wait();
        continue;
      }
      if (count < 0) return done > 0 ? done : count;
      done += count;
      // A pipe takes a part and then the rest; a disk that is full says so when it is asked again.
      if (done >= length) return done;
    }
  }

  /** Writes as much as there is room for; answers -ERESTARTSYS when a pipe has none. */
  writeNow(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    const { fds, disk } = this.#env;
    const value = fds.get(fd);
    this.#awaitsTerminal = false;
    if (value >= 0) return disk.write(value, bytes, offset, length, position);
    const stream = streamOf(value);
    if (stream < 0) return -EBADF;
    if (position >= 0) return -ESPIPE;
    writeStdio(this.#env, stream, view(bytes, offset, length));
    return length;
  }

  fstat(fd: number, out: StatArray): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.fstat(value, out);
    if (value === -EBADF) return value;
    statStream(this.#env, value, out);
    return 0;
  }

  truncate(fd: number, length: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.ftruncate(value, length);
    return value === -EBADF ? value : -EINVAL;
  }

  sync(fd: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.fsync(value);
    return value === -EBADF ? value : -EINVAL;
  }

  chmod(fd: number, mode: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.fchmod(value, mode);
    return value === -EBADF ? value : 0;
  }

  chown(fd: number, uid: number, gid: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.fchown(value, uid, gid);
    return value === -EBADF ? value : 0;
  }

  utimes(fd: number, atime: number, mtime: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.futimes(value, atime, mtime);
    return value === -EBADF ? value : 0;
  }

  /** Moves the position, as `lseek` does; answers the new one. */
  seek(fd: number, offset: number, whence: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.seek(value, offset, whence);
    return value === -EBADF ? value : -ESPIPE;
  }

  /** The flags of an open file, as `fcntl` tells them. */
  flags(fd: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return (this.#env.disk.flags(value) & ~ofOpening) | O_LARGEFILE;
    if (value === -EBADF) return value;
    return value === TERMINAL ? O_RDWR : O_WRONLY;
  }

  /** Changes those of the flags that an open file can change. */
  setFlags(fd: number, flags: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.setFlags(value, flags);
    return value === -EBADF ? value : 0;
  }

  /** The entries of an open directory, as `Disk.readEntries` answers them. */
  readEntries(fd: number, cookie: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.readEntries(value, cookie);
    return value === -EBADF ? value : -ENOTDIR;
  }
}

function view(bytes: Uint8Array, start: number, length: number): Uint8Array {
  const buffer = TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer;
  return new ByteView(buffer, TypedArrayPrototypeGetByteOffset(bytes) + start, length);
}
