import { S_IFCHR } from "../disk/modes.js";
import type { Path, StatArray } from "../disk/types.js";
import { EACCES, EBADF, EINVAL, ELOOP, ENOENT, ENOTDIR, ENXIO, EPERM, EREMOTE } from "../syscall/errno.js";
import { TERMINAL } from "../syscall/process-page.js";
import { hasDriver, readDevice, TTY, writeDevice } from "./devices.js";
import { internalBinding, primordials } from "./internals.js";
import { JudgedDisk } from "./judged-disk.js";
import { FIRST_OPEN_NODE } from "./proc/open-nodes.js";
import { FIRST_STREAM, type Proc } from "./proc/proc.js";
import type { FoundNode } from "./proc/resolve.js";

const { TypedArrayPrototypeGetLength, TypedArrayPrototypeSet } = primordials;
const { latin1Slice, latin1WriteStatic } = internalBinding("buffer");
const Bytes = Uint8Array;

/** Paths that lead from /proc to the disk and back so often lead nowhere. */
const MAX_HOPS = 40;
const PROC_MAGIC = 0x9fa0;

/**
 * The disk as a program sees it: what the disk only names, files of /proc and devices, is served here. The
 * disk is asked first, so that whatever is on it costs nothing more. What is asked again by another path is
 * judged again.
 */
export class QueryDisk extends JudgedDisk {
  /** Makes what serves /proc, when somebody asks for the first time. */
  createProc: (() => Proc) | undefined;
  /** Whether `/dev/tty` leads to a terminal. */
  hasTerminal = false;
  #proc: Proc | undefined;
  #hops = 0;

  protected get served(): Proc {
    this.#proc ??= (this.createProc as () => Proc)();
    return this.#proc;
  }

  /** Goes on where a walk has left the disk: with another path on it, or with what is there in /proc. */
  protected leave(
    follow: boolean,
    again: (path: Path) => number,
    there: (found: FoundNode, proc: Proc) => number,
  ): number {
    const proc = this.served;
    const found = proc.find(latin1Slice(this.result, 0, this.remote()), follow);
    if (typeof found === "number") return found;
    if ("node" in found) return there(found, proc);
    if (this.#hops >= MAX_HOPS) return -ELOOP;
    this.#hops++;
    try {
      return again(bytesOf(found.path));
    } finally {
      this.#hops--;
    }
  }

  protected answer(text: string | number): number {
    if (typeof text === "number") return text;
    const bytes = bytesOf(text);
    TypedArrayPrototypeSet(this.result, bytes, 0);
    return TypedArrayPrototypeGetLength(bytes);
  }

  override stat(path: Path, out: StatArray): number {
    const result = super.stat(path, out);
    if (result !== -EREMOTE) return result;
    return this.leave(
      true,
      (other) => this.stat(other, out),
      (found, proc) => proc.stat(found, true, out),
    );
  }

  override lstat(path: Path, out: StatArray): number {
    const result = super.lstat(path, out);
    if (result !== -EREMOTE) return result;
    return this.leave(
      false,
      (other) => this.lstat(other, out),
      (found, proc) => proc.stat(found, false, out),
    );
  }

  override fstat(file: number, out: StatArray): number {
    const result = super.fstat(file, out);
    const found = result === -EBADF ? this.#proc?.open.foundAt(file) : undefined;
    return found === undefined ? result : this.served.stat(found, true, out);
  }

  override statfs(path: Path, out: StatArray): number {
    const result = super.statfs(path, out);
    if (result !== -EREMOTE) return result;
    return this.leave(
      true,
      (other) => this.statfs(other, out),
      () => {
        for (let i = 0; i < 7; i++) out[i] = 0;
        out[0] = PROC_MAGIC;
        out[1] = 4096;
        return 0;
      },
    );
  }

  override access(path: Path, mode: number): number {
    const result = super.access(path, mode);
    if (result !== -EREMOTE) return result;
    return this.leave(
      true,
      (other) => this.access(other, mode),
      (found, proc) => proc.access(found, mode),
    );
  }

  /** Whether the path leaves the disk; what `leave` goes on with is its rest then. */
  protected leads(path: Path): boolean {
    return super.access(path, 0) === -EREMOTE;
  }

  override open(path: Path, flags: number, mode: number): number {
    const file = super.open(path, flags, mode);
    if (file >= 0) return this.openedType === S_IFCHR ? this.#driven(file) : file;
    if (file !== -EREMOTE) return file;
    return this.leave(
      true,
      (other) => this.open(other, flags, mode),
      (found, proc) => proc.openNode(found, flags),
    );
  }

  override reopen(file: number, flags: number): number {
    const again = super.reopen(file, flags);
    if (again >= 0) return this.openedType === S_IFCHR ? this.#driven(again) : again;
    const found = again === -EBADF ? this.#proc?.open.foundAt(file) : undefined;
    return found === undefined ? again : this.served.openNode(found, flags);
  }

  #driven(file: number): number {
    const device = this.device(file);
    if (hasDriver(device)) return file;
    this.close(file);
    return device === TTY && this.hasTerminal ? FIRST_STREAM + ~TERMINAL : -ENXIO;
  }

  override close(file: number): number {
    const result = super.close(file);
    return result === -EBADF && this.#proc !== undefined ? this.#proc.open.close(file) : result;
  }

  override dup(file: number): number {
    const result = super.dup(file);
    return result === -EBADF && this.#proc !== undefined ? this.#proc.open.dup(file) : result;
  }

  override flags(file: number): number {
    const result = super.flags(file);
    return result === -EBADF && this.#isNode(file) ? 0 : result;
  }

  override read(file: number, dst: Uint8Array, offset: number, length: number, position: number): number {
    const count = super.read(file, dst, offset, length, position);
    if (count === -EREMOTE) return readDevice(this.device(file), dst, offset, length);
    if (count !== -EBADF || this.#proc === undefined) return count;
    return this.#proc.open.read(file, dst, offset, length, position);
  }

  override write(file: number, src: Uint8Array, offset: number, length: number, position: number): number {
    const count = super.write(file, src, offset, length, position);
    return count === -EREMOTE ? writeDevice(this.device(file), length) : count;
  }

  override ftruncate(file: number, length: number): number {
    const result = super.ftruncate(file, length);
    return result === -EBADF && this.#isNode(file) ? -EINVAL : result;
  }

  override fsync(file: number): number {
    const result = super.fsync(file);
    return result === -EBADF && this.#isNode(file) ? -EINVAL : result;
  }

  override fchmod(file: number, mode: number): number {
    const result = super.fchmod(file, mode);
    return result === -EBADF && this.#isNode(file) ? -EPERM : result;
  }

  override fchown(file: number, uid: number, gid: number): number {
    const result = super.fchown(file, uid, gid);
    return result === -EBADF && this.#isNode(file) ? -EPERM : result;
  }

  override futimes(file: number, atime: number, mtime: number): number {
    const result = super.futimes(file, atime, mtime);
    return result === -EBADF && this.#isNode(file) ? -EPERM : result;
  }

  #isNode(file: number): boolean {
    return this.#proc?.open.foundAt(file) !== undefined;
  }

  override readEntries(file: number, cookie: number): number {
    if (file < FIRST_OPEN_NODE || file >= FIRST_STREAM) return super.readEntries(file, cookie);
    const { open, listing } = this.served;
    const count = open.readEntries(file, cookie, listing);
    this.setCookie(cookie + count);
    return count;
  }

  override pathOfFile(file: number): number {
    const result = super.pathOfFile(file);
    const found = result === -EBADF ? this.#proc?.open.foundAt(file) : undefined;
    return found === undefined ? result : this.answer(this.served.pathOf(found));
  }

  override readlink(path: Path): number {
    const result = super.readlink(path);
    if (result !== -EREMOTE) return result;
    return this.leave(
      false,
      (other) => this.readlink(other),
      (found, proc) => this.answer(proc.textOf(found)),
    );
  }

  override realpath(path: Path): number {
    const result = super.realpath(path);
    if (result !== -EREMOTE) return result;
    return this.leave(
      true,
      (other) => this.realpath(other),
      ({ key, node }, proc) =>
        node.kind === "descriptor"
          ? this.#pathOfDescriptor(node.fd)
          : this.answer(proc.pathOf({ key, node })),
    );
  }

  /** The text of one that has no path is taken for one. */
  #pathOfDescriptor(fd: number): number {
    const file = this.descriptor(fd);
    return file < 0 ? -ENOENT : this.pathOfFile(file);
  }

  override resolveDirectory(path: Path): number {
    const result = super.resolveDirectory(path);
    if (result !== -EREMOTE) return result;
    return this.leave(
      true,
      (other) => this.resolveDirectory(other),
      // A working directory is a directory of the disk.
      ({ node }) => (node.kind === "directory" ? -EACCES : -ENOTDIR),
    );
  }

  override watch(path: Path): number {
    const result = super.watch(path);
    if (result !== -EREMOTE) return result;
    return this.leave(
      true,
      (other) => this.watch(other),
      () => -EACCES,
    );
  }

  /** The open file that a descriptor of the process stands for, or what else it does. */
  protected descriptor(fd: number): number {
    return this.served.descriptor(fd);
  }
}

/** A path with one character a byte. */
function bytesOf(path: string): Uint8Array {
  const bytes = new Bytes(path.length);
  latin1WriteStatic(bytes, path, 0, path.length);
  return bytes;
}
