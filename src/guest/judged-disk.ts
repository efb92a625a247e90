/**
 * The disk as guest code gets it: each call with a path asks the rules of the scope `fs` first.
 *
 * Open files keep the rights that they were opened with, whoever has them. This is policy over ordinary
 * JavaScript and no boundary: see SECURITY.md.
 */
import { rename } from "../disk/calls/names.js";
import { MAY_READ, MAY_WRITE } from "../disk/modes.js";
import { RENAME_FILE, RENAME_NEW, RENAME_TREE } from "../disk/rename.js";
import type { Path, StatArray } from "../disk/types.js";
import { FOLLOW, NO_FOLLOW, PARENT } from "../disk/walk.js";
import { LEADS } from "../policy/path-rules.js";
import { EEXIST, ERESTART } from "../syscall/errno.js";
import { CHMOD, CREATE, DELETE, LIST, OF_THE_FILE, ownPath, READ, STAT, WRITE } from "./judged-calls.js";
import { JudgedFiles } from "./judged-files.js";
import type { PathJudge } from "./path-judge.js";

export class JudgedDisk extends JudgedFiles {
  override stat(path: Path, out: StatArray): number {
    if (this.judge === null) return super.stat(path, out);
    const own = ownPath(path);
    return this.judged((judge) => this.mayAsk(judge, own, FOLLOW) || super.stat(own, out));
  }

  override lstat(path: Path, out: StatArray): number {
    if (this.judge === null) return super.lstat(path, out);
    const own = ownPath(path);
    return this.judged((judge) => this.mayAsk(judge, own, NO_FOLLOW) || super.lstat(own, out));
  }

  override statfs(path: Path, out: StatArray): number {
    if (this.judge === null) return super.statfs(path, out);
    const own = ownPath(path);
    return this.judged((judge) => this.mayAsk(judge, own, FOLLOW) || super.statfs(own, out));
  }

  override access(path: Path, mode: number): number {
    if (this.judge === null) return super.access(path, mode);
    const own = ownPath(path);
    return this.judged((judge) => this.#mayAccess(judge, own, mode) || super.access(own, mode));
  }

  /** For a directory, reading is listing, and writing is making names. */
  #mayAccess(judge: PathJudge, path: Path, mode: number): number {
    const error = this.mayAsk(judge, path, FOLLOW);
    if (error < 0 || (mode & (MAY_READ | MAY_WRITE)) === 0) return error;
    const directory = this.isDirectory(path, FOLLOW);
    if (directory < 0) return directory;
    const reads = (mode & MAY_READ) === 0 ? 0 : directory === 1 ? LIST : READ;
    const writes = (mode & MAY_WRITE) === 0 ? 0 : directory === 1 ? CREATE : WRITE;
    return this.may(judge, path, FOLLOW, reads | writes);
  }

  override chmod(path: Path, mode: number): number {
    if (this.judge === null) return super.chmod(path, mode);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, FOLLOW, CHMOD) || super.chmod(own, mode));
  }

  override chown(path: Path, uid: number, gid: number): number {
    if (this.judge === null) return super.chown(path, uid, gid);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, FOLLOW, CHMOD) || super.chown(own, uid, gid));
  }

  override lchown(path: Path, uid: number, gid: number): number {
    if (this.judge === null) return super.lchown(path, uid, gid);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, NO_FOLLOW, CHMOD) || super.lchown(own, uid, gid));
  }

  override utimes(path: Path, atime: number, mtime: number): number {
    if (this.judge === null) return super.utimes(path, atime, mtime);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, FOLLOW, CHMOD) || super.utimes(own, atime, mtime));
  }

  override lutimes(path: Path, atime: number, mtime: number): number {
    if (this.judge === null) return super.lutimes(path, atime, mtime);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, NO_FOLLOW, CHMOD) || super.lutimes(own, atime, mtime));
  }

  override mknod(path: Path, mode: number, device: number): number {
    if (this.judge === null) return super.mknod(path, mode, device);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, PARENT, CREATE) || super.mknod(own, mode, device));
  }

  override socketNumber(path: Path): number {
    if (this.judge === null) return super.socketNumber(path);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, FOLLOW, WRITE) || super.socketNumber(own));
  }

  override mkdir(path: Path, mode: number): number {
    if (this.judge === null) return super.mkdir(path, mode);
    const own = ownPath(path);
    return this.judged((judge) => {
      const allowed = judge.allowed(own, PARENT);
      if (allowed < 0) return allowed;
      if ((allowed & CREATE) !== 0) return super.mkdir(own, mode);
      // As on a disk that is read-only: what is there is there.
      const there =
        (allowed & STAT) !== 0 || ((allowed & LEADS) !== 0 && this.isDirectory(own, PARENT) === 1);
      if (there && super.lstat(own, this.found) === 0) return -EEXIST;
      return judge.refuse(own, PARENT, CREATE);
    });
  }

  override rmdir(path: Path): number {
    if (this.judge === null) return super.rmdir(path);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, PARENT, DELETE) || super.rmdir(own));
  }

  override unlink(path: Path): number {
    if (this.judge === null) return super.unlink(path);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, PARENT, DELETE) || super.unlink(own));
  }

  override rename(from: Path, to: Path): number {
    if (this.judge === null) return super.rename(from, to);
    const source = ownPath(from);
    const target = ownPath(to);
    return this.judged((judge) => this.#rename(judge, source, target));
  }

  #rename(judge: PathJudge, from: Path, to: Path): number {
    const before = judge.allowed(from, PARENT);
    if (before < 0) return before;
    const { resolution, judgedFrom } = this.session;
    const after = judge.allowed(to, PARENT);
    if (after < 0) return after;
    if (!this.isStill(resolution, judgedFrom)) return -ERESTART;
    if ((before & DELETE) === 0) return judge.refuse(from, PARENT, DELETE);
    if ((after & CREATE) === 0) return judge.refuse(to, PARENT, CREATE);
    const directory = this.isDirectory(from, PARENT);
    if (directory === -ERESTART) return directory;
    const won = directory === 1 ? judge.wonByMoving(from, to, PARENT) : after & ~before & OF_THE_FILE;
    if (won < 0) return won;
    if (won !== 0) return judge.refuse(from, PARENT, won & -won);
    const kind = directory === 1 ? RENAME_TREE : RENAME_FILE;
    const result = rename(this.session, from, to, (after & DELETE) === 0 ? kind | RENAME_NEW : kind);
    return result === -EEXIST ? judge.refuse(to, PARENT, DELETE) : result;
  }

  override link(from: Path, to: Path): number {
    if (this.judge === null) return super.link(from, to);
    const source = ownPath(from);
    const target = ownPath(to);
    return this.judged((judge) => {
      const before = judge.allowed(source, NO_FOLLOW);
      if (before < 0) return before;
      const { resolution, judgedFrom } = this.session;
      const after = judge.allowed(target, PARENT);
      if (after < 0) return after;
      if (!this.isStill(resolution, judgedFrom)) return -ERESTART;
      const won = (STAT | (after & OF_THE_FILE)) & ~before;
      if (won !== 0) return judge.refuse(source, NO_FOLLOW, won & -won);
      if ((after & CREATE) === 0) return judge.refuse(target, PARENT, CREATE);
      return super.link(source, target);
    });
  }

  override symlink(target: Path, path: Path): number {
    if (this.judge === null) return super.symlink(target, path);
    const own = ownPath(path);
    const text = ownPath(target);
    return this.judged((judge) => this.may(judge, own, PARENT, CREATE) || super.symlink(text, own));
  }

  override readlink(path: Path): number {
    if (this.judge === null) return super.readlink(path);
    const own = ownPath(path);
    return this.judged((judge) => this.mayAsk(judge, own, NO_FOLLOW) || super.readlink(own));
  }

  override realpath(path: Path): number {
    if (this.judge === null) return super.realpath(path);
    const own = ownPath(path);
    return this.judged((judge) => this.mayAsk(judge, own, FOLLOW) || super.realpath(own));
  }

  override resolveDirectory(path: Path): number {
    if (this.judge === null) return super.resolveDirectory(path);
    const own = ownPath(path);
    return this.judged((judge) => this.mayAsk(judge, own, FOLLOW) || super.resolveDirectory(own));
  }

  /** The events of a directory tell names. */
  override watch(path: Path): number {
    if (this.judge === null) return super.watch(path);
    const own = ownPath(path);
    return this.judged((judge) => {
      const error = this.mayAsk(judge, own, FOLLOW);
      if (error < 0) return error;
      const directory = this.isDirectory(own, FOLLOW);
      if (directory < 0) return directory;
      const allowed = directory === 1 ? this.may(judge, own, FOLLOW, LIST) : 0;
      return allowed || super.watch(own);
    });
  }
}
