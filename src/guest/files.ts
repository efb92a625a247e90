/**
 * What the process's descriptors stand for: files of the disk, the kernel's pipes, or /dev/null.
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
import { EBADF, EINVAL, ENOENT, ENOTDIR, ESPIPE } from "../syscall/errno.js";
import { SYS_READ, SYS_WRITE } from "../syscall/numbers.js";
import { STDERR_PIPE, STDIN_PIPE, STDOUT_PIPE } from "../syscall/process-page.js";
import { MAX_PAYLOAD } from "../syscall/thread-page.js";
import { deviceAt, NULL_DEVICE } from "./devices.js";
import type { GuestEnv } from "./env.js";
import { primordials } from "./internals.js";

const { TypedArrayPrototypeGetSymbolToStringTag } = primordials;

const ByteView = Uint8Array;
const Doubles = Float64Array;
const fifo = 0o010600;
const nullDevice = 0o020666;
const scratchStat = new Doubles(18);

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

/** Stdin as it arrives: `take` answers what has arrived already, at once. */
export interface StdinSource {
  readonly read: StdinReader;
  readonly take: (bytes: Uint8Array, offset: number, length: number) => number;
}

/** The descriptors' side of `fs`. */
export class OpenFiles {
  readonly readStdin: StdinReader;
  readonly #takeStdin: StdinSource["take"];
  readonly #env: GuestEnv;

  constructor(env: GuestEnv, stdin: StdinSource) {
    this.#env = env;
    this.readStdin = stdin.read;
    this.#takeStdin = stdin.take;
  }

  /** Opens a file of the disk. `flags` are Linux's. Answers a descriptor. */
  open(path: Path, flags: number, mode: number): number {
    const { disk, fds } = this.#env;
    const file = disk.open(path, flags, mode);
    if (file === -ENOENT) return this.openDevice(path);
    if (file < 0) return file;
    const fd = fds.alloc(file);
    if (fd < 0) disk.close(file);
    return fd;
  }

  /** Opens what the disk doesn't have; -ENOENT when nothing else goes by the name either. */
  openDevice(path: Path): number {
    const device = deviceAt(path);
    if (device === undefined) return -ENOENT;
    const { disk, fds } = this.#env;
    if (device === NULL_DEVICE) return fds.alloc(NULL_DEVICE);
    const value = fds.get(device);
    if (value === -EBADF) return -ENOENT;
    const fd = fds.alloc(value);
    if (fd >= 0 && value >= 0) disk.dup(value);
    return fd;
  }

  /** Asks about what the disk doesn't have. `out` is left alone when there is none. */
  statDevice(path: Path, out?: StatArray): number {
    const device = deviceAt(path);
    if (device === undefined) return -ENOENT;
    if (device !== NULL_DEVICE) return this.stat(device, out ?? scratchStat);
    fillStat(out ?? scratchStat, nullDevice, 0, 0, -NULL_DEVICE);
    return 0;
  }

  close(fd: number): number {
    const value = this.#env.fds.free(fd);
    if (value >= 0) return this.#env.disk.close(value);
    return value === -EBADF ? -EBADF : 0;
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
    if (value === NULL_DEVICE) return 0;
    if (value !== STDIN_PIPE) return -EBADF;
    if (position >= 0) return -ESPIPE;
    const arrived = length > 0 ? this.#takeStdin(bytes, offset, length) : 0;
    if (arrived > 0) return arrived;
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
    if (value === NULL_DEVICE) return length;
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
    const { uid, gid } = this.#env.cred;
    if (value === NULL_DEVICE) fillStat(out, nullDevice, 0, 0, -NULL_DEVICE);
    else fillStat(out, fifo, uid, gid, -value);
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

/** The stat of what is not on the disk, in the order of `StatArray`; its times are 0. */
function fillStat(out: StatArray, mode: number, uid: number, gid: number, inode: number): void {
  for (let field = 0; field < fields; field++) put(out, field, 0);
  put(out, 1, mode);
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
