import { COPYFILE_EXCL, MAY_READ, MODE_BITS, O_CREAT, O_EXCL, O_TRUNC, O_WRONLY } from "../disk/modes.js";
import type { Path } from "../disk/types.js";
import { EACCES, ECONNREFUSED, EEXIST, ENOENT, EPERM, EREMOTE, EXDEV } from "../syscall/errno.js";
import type { FoundNode } from "./proc/resolve.js";
import { QueryDisk } from "./query-disk.js";
import { WakeUps } from "./wake-ups.js";

const Doubles = Float64Array;
const stats = new Doubles(18);

/** The disk as a program changes it. In /proc nothing can be changed, but what its descriptors lead to. */
export class GuestDisk extends QueryDisk {
  readonly #wakeUps = new WakeUps(this.session);

  override waitLater(changed: () => void): boolean {
    return this.#wakeUps.waitLater(changed);
  }

  /** Does to an open file what was asked for by the path of its descriptor. */
  #through(
    follow: boolean,
    again: (path: Path) => number,
    opened: (file: number) => number,
    error: number,
  ): number {
    return this.leave(follow, again, ({ node }: FoundNode) => {
      if (node.kind !== "descriptor" || !follow) return error;
      const file = this.descriptor(node.fd);
      return file >= 0 ? opened(file) : 0;
    });
  }

  override chmod(path: Path, mode: number): number {
    const result = super.chmod(path, mode);
    if (result !== -EREMOTE) return result;
    const opened = (file: number) => this.fchmod(file, mode);
    return this.#through(true, (other) => this.chmod(other, mode), opened, -EPERM);
  }

  override chown(path: Path, uid: number, gid: number): number {
    const result = super.chown(path, uid, gid);
    if (result !== -EREMOTE) return result;
    const opened = (file: number) => this.fchown(file, uid, gid);
    return this.#through(true, (other) => this.chown(other, uid, gid), opened, -EPERM);
  }

  override lchown(path: Path, uid: number, gid: number): number {
    const result = super.lchown(path, uid, gid);
    if (result !== -EREMOTE) return result;
    return this.leave(false, (other) => this.lchown(other, uid, gid), forbidden);
  }

  override utimes(path: Path, atime: number, mtime: number): number {
    const result = super.utimes(path, atime, mtime);
    if (result !== -EREMOTE) return result;
    const opened = (file: number) => this.futimes(file, atime, mtime);
    return this.#through(true, (other) => this.utimes(other, atime, mtime), opened, -EPERM);
  }

  override lutimes(path: Path, atime: number, mtime: number): number {
    const result = super.lutimes(path, atime, mtime);
    if (result !== -EREMOTE) return result;
    return this.leave(false, (other) => this.lutimes(other, atime, mtime), forbidden);
  }

  override truncate(path: Path, length: number): number {
    const result = super.truncate(path, length);
    if (result !== -EREMOTE) return result;
    const opened = (file: number) => this.ftruncate(file, length);
    return this.#through(true, (other) => this.truncate(other, length), opened, -EACCES);
  }

  override mkdir(path: Path, mode: number): number {
    const result = super.mkdir(path, mode);
    return result === -EREMOTE ? this.leave(false, (other) => this.mkdir(other, mode), exists) : result;
  }

  override mknod(path: Path, mode: number, device: number): number {
    const result = super.mknod(path, mode, device);
    if (result !== -EREMOTE) return result;
    return this.leave(false, (other) => this.mknod(other, mode, device), exists);
  }

  override socketNumber(path: Path): number {
    const result = super.socketNumber(path);
    if (result !== -EREMOTE) return result;
    return this.leave(
      true,
      (other) => this.socketNumber(other),
      () => -ECONNREFUSED,
    );
  }

  override symlink(target: Path, path: Path): number {
    const result = super.symlink(target, path);
    return result === -EREMOTE ? this.leave(false, (other) => this.symlink(target, other), exists) : result;
  }

  override rmdir(path: Path): number {
    const result = super.rmdir(path);
    return result === -EREMOTE ? this.leave(false, (other) => this.rmdir(other), denied) : result;
  }

  override unlink(path: Path): number {
    const result = super.unlink(path);
    return result === -EREMOTE ? this.leave(false, (other) => this.unlink(other), denied) : result;
  }

  override rename(from: Path, to: Path): number {
    const result = super.rename(from, to);
    if (result !== -EREMOTE) return result;
    const renamed = this.#both(from, to, (one, other) => this.rename(one, other));
    // Names are looked for after the filesystems are.
    return renamed === -ENOENT && !this.remoteIsSecond ? -EXDEV : renamed;
  }

  override link(from: Path, to: Path): number {
    const result = super.link(from, to);
    return result === -EREMOTE ? this.#both(from, to, (one, other) => this.link(one, other)) : result;
  }

  /** Names of the one filesystem can't be moved to or linked in another; a new name in /proc is none yet. */
  #both(from: Path, to: Path, again: (from: Path, to: Path) => number): number {
    if (!this.remoteIsSecond) return this.leave(false, (other) => again(other, to), crosses);
    const result = this.leave(false, (other) => again(from, other), crosses);
    return result === -ENOENT ? -EXDEV : result;
  }

  override copyFile(from: Path, to: Path, mode: number): number {
    const result = super.copyFile(from, to, mode);
    if (result !== -EREMOTE) return result;
    // Both paths of a copy are walked alike: which of them has left the disk?
    if (!this.leads(from)) {
      this.leads(to);
      return this.leave(true, (other) => this.copyFile(from, other, mode), denied);
    }
    return this.leave(
      true,
      (other) => this.copyFile(other, to, mode),
      (found, proc) => {
        const refused = proc.access(found, MAY_READ);
        if (refused < 0) return refused;
        proc.stat(found, true, stats);
        return this.#copyNothing(to, (mode & COPYFILE_EXCL) !== 0 ? O_EXCL : 0);
      },
    );
  }

  /** Files of /proc have a size of 0: libuv copies as much of them. */
  #copyNothing(to: Path, exclusive: number): number {
    const mode = (stats[1] as number) & MODE_BITS;
    const file = this.open(to, O_WRONLY | O_CREAT | O_TRUNC | exclusive, mode);
    if (file < 0) return file;
    const result = this.fchmod(file, mode);
    this.close(file);
    return result;
  }
}

const forbidden = () => -EPERM;
const exists = () => -EEXIST;
const denied = () => -EACCES;
const crosses = () => -EXDEV;
