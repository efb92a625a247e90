/**
 * What the process's descriptors stand for: files of the disk, or the kernel's pipes for 0, 1 and 2.
 *
 * Methods answer a value >= 0 or the negative of a Linux error number, as the disk's do.
 */
import type { Path, StatArray } from "../disk/types.js";
import {
  MathMin,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
} from "../primordials/primordials.js";
import { EBADF, EINVAL, ENOTDIR, ESPIPE } from "../syscall/errno.js";
import { SYS_READ, SYS_WRITE } from "../syscall/numbers.js";
import { STDERR_PIPE, STDIN_PIPE, STDOUT_PIPE } from "../syscall/process-page.js";
import { MAX_PAYLOAD } from "../syscall/thread-page.js";
import type { GuestEnv } from "./env.js";
import { primordials } from "./internals.js";

const { TypedArrayPrototypeGetSymbolToStringTag } = primordials;

const ByteView = Uint8Array;
const fifo = 0o010600;

/**
 * Reads from stdin without stopping the thread. `done` is called on a later turn of the event loop, with
 * a count, 0 at the end, or a negative errno.
 */
export type StdinReader = (
  bytes: Uint8Array,
  offset: number,
  length: number,
  done: (result: number) => void,
) => void;

/** The descriptors' side of `fs`. */
export class OpenFiles {
  readonly readStdin: StdinReader;
  readonly #env: GuestEnv;

  constructor(env: GuestEnv, readStdin: StdinReader) {
    this.#env = env;
    this.readStdin = readStdin;
  }

  /** Opens a file of the disk. `flags` are Linux's. Answers a descriptor. */
  open(path: Path, flags: number, mode: number): number {
    const { disk, fds } = this.#env;
    const file = disk.open(path, flags, mode);
    if (file < 0) return file;
    const fd = fds.alloc(file);
    if (fd < 0) disk.close(file);
    return fd;
  }

  close(fd: number): number {
    const value = this.#env.fds.free(fd);
    if (value >= 0) return this.#env.disk.close(value);
    return value === -EBADF ? -EBADF : 0;
  }

  /** The disk's open file behind a descriptor; a negative value is none. */
  file(fd: number): number {
    return this.#env.fds.get(fd);
  }

  /** Whether reading waits for what somebody writes. */
  isStdin(fd: number): boolean {
    return this.#env.fds.get(fd) === STDIN_PIPE;
  }

  /** Reads, and waits for the first byte where `fd` is a pipe. `position` -1 is the current one. */
  read(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    const { fds, disk, channel } = this.#env;
    const value = fds.get(fd);
    if (value >= 0) return disk.read(value, bytes, offset, length, position);
    if (value !== STDIN_PIPE) return -EBADF;
    if (position >= 0) return -ESPIPE;
    const answer = channel.call(SYS_READ, 0, MathMin(length, MAX_PAYLOAD));
    if (answer <= 0) return answer;
    const count = MathMin(answer, channel.replyLength);
    TypedArrayPrototypeSet(bytes, view(channel.reply, 0, count), offset);
    return count;
  }

  write(fd: number, bytes: Uint8Array, offset: number, length: number, position: number): number {
    const { fds, disk, channel } = this.#env;
    const value = fds.get(fd);
    if (value >= 0) return disk.write(value, bytes, offset, length, position);
    if (value !== STDOUT_PIPE && value !== STDERR_PIPE) return -EBADF;
    if (position >= 0) return -ESPIPE;
    const pipe = value === STDOUT_PIPE ? 1 : 2;
    for (let done = 0; done < length; ) {
      const size = MathMin(length - done, MAX_PAYLOAD);
      channel.post(SYS_WRITE, pipe, 0, view(bytes, offset + done, size), size);
      done += size;
    }
    return length;
  }

  stat(fd: number, out: StatArray): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.fstat(value, out);
    if (value === -EBADF) return value;
    fillPipeStat(out, this.#env.cred.uid, this.#env.cred.gid, -value);
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

const toBig: (value: number) => bigint = BigInt;
const fields = 18;

/** The stat of a pipe, in the order of `StatArray`; its times are 0. */
function fillPipeStat(out: StatArray, uid: number, gid: number, inode: number): void {
  for (let field = 0; field < fields; field++) put(out, field, 0);
  put(out, 1, fifo);
  put(out, 2, 1);
  put(out, 3, uid);
  put(out, 4, gid);
  put(out, 6, 4096);
  put(out, 7, inode);
}

function put(out: StatArray, field: number, value: number): void {
  if (TypedArrayPrototypeGetSymbolToStringTag(out) === "BigInt64Array") out[field] = toBig(value);
  else out[field] = value;
}
