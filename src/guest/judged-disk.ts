/**
 * The disk as guest code gets it: each call with a path asks the rules of the scope `fs` first.
 *
 * Open files keep the rights that they were opened with, whoever has them. This is policy over ordinary
 * JavaScript and no boundary: see SECURITY.md.
 */
import { rename } from "../disk/calls/names.js";
import { Disk } from "../disk/disk.js";
import {
  COPYFILE_EXCL,
  COPYFILE_EXISTING,
  MAY_READ,
  MAY_WRITE,
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_FIXED,
  O_NOFOLLOW,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from "../disk/modes.js";
import { RENAME_FILE, RENAME_NEW, RENAME_TREE } from "../disk/rename.js";
import type { Path, StatArray } from "../disk/types.js";
import { FOLLOW, type LastLink, NO_FOLLOW, PARENT } from "../disk/walk.js";
import type { CompiledRules } from "../policy/compiled.js";
import type { PathPattern } from "../policy/glob/match.js";
import { operationBit } from "../policy/operations.js";
import { LEADS } from "../policy/path-rules.js";
import {
  NewFloat64Array,
  NewUint8Array,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
} from "../primordials/primordials.js";
import { EACCES, EEXIST, ENOENT, ERESTART } from "../syscall/errno.js";
import { part } from "./bindings/fs/encoding.js";
import { PathJudge, type RefusedPath } from "./path-judge.js";

const READ = operationBit("fs", "read");
const WRITE = operationBit("fs", "write");
const CREATE = operationBit("fs", "create");
const DELETE = operationBit("fs", "delete");
const LIST = operationBit("fs", "list");
const STAT = operationBit("fs", "stat");
const CHMOD = operationBit("fs", "chmod");

/** What can be done to a file by any of its names: another name must not allow more of it. */
const OF_THE_FILE = READ | WRITE | STAT | CHMOD;

export class JudgedDisk extends Disk {
  #judge: PathJudge | null = null;
  readonly #stat = new NewFloat64Array(18);

  /** From now on the rules are in force. */
  judgeBy(rules: CompiledRules<PathPattern>, refused: RefusedPath): void {
    this.#judge = new PathJudge(this.session, rules, refused);
  }

  /** Does what was judged, and judges again where the paths lead elsewhere by then. */
  #judged(work: (judge: PathJudge) => number): number {
    for (;;) {
      const result = work(this.#judge as PathJudge);
      this.session.judged = false;
      if (result !== -ERESTART) return result;
    }
  }

  /** Whether a second path was judged at the same state of things as the first. */
  #isStill(resolution: number, judgedFrom: number): boolean {
    return this.session.resolution === resolution && this.session.judgedFrom === judgedFrom;
  }

  /** 0 if all of the operations are allowed, else the error. */
  #may(judge: PathJudge, path: Path, last: LastLink, operations: number): number {
    const allowed = judge.allowed(path, last);
    if (allowed < 0) return allowed;
    const missing = operations & ~allowed;
    return missing === 0 ? 0 : judge.refuse(path, last, missing & -missing);
  }

  /** Whether one may ask what is there. Of what leads to an allowed path, only directories are told of. */
  #mayAsk(judge: PathJudge, path: Path, last: LastLink): number {
    const allowed = judge.allowed(path, last);
    if (allowed < 0 || (allowed & STAT) !== 0) return allowed < 0 ? allowed : 0;
    if ((allowed & LEADS) !== 0) {
      const directory = this.#isDirectory(path, last);
      if (directory !== 0) return directory < 0 ? directory : 0;
    }
    return judge.refuse(path, last, STAT);
  }

  /** 1 or 0, or why it can't be told. */
  #isDirectory(path: Path, last: LastLink): number {
    const found = last === FOLLOW ? super.stat(path, this.#stat) : super.lstat(path, this.#stat);
    if (found < 0) return found;
    return ((this.#stat[1] as number) & S_IFMT) === S_IFDIR ? 1 : 0;
  }

  override stat(path: Path, out: StatArray): number {
    if (this.#judge === null) return super.stat(path, out);
    const own = ownPath(path);
    return this.#judged((judge) => this.#mayAsk(judge, own, FOLLOW) || super.stat(own, out));
  }

  override lstat(path: Path, out: StatArray): number {
    if (this.#judge === null) return super.lstat(path, out);
    const own = ownPath(path);
    return this.#judged((judge) => this.#mayAsk(judge, own, NO_FOLLOW) || super.lstat(own, out));
  }

  override statfs(path: Path, out: StatArray): number {
    if (this.#judge === null) return super.statfs(path, out);
    const own = ownPath(path);
    return this.#judged((judge) => this.#mayAsk(judge, own, FOLLOW) || super.statfs(own, out));
  }

  override access(path: Path, mode: number): number {
    if (this.#judge === null) return super.access(path, mode);
    const own = ownPath(path);
    return this.#judged((judge) => this.#mayAccess(judge, own, mode) || super.access(own, mode));
  }

  /** For a directory, reading is listing, and writing is making names. */
  #mayAccess(judge: PathJudge, path: Path, mode: number): number {
    const error = this.#mayAsk(judge, path, FOLLOW);
    if (error < 0 || (mode & (MAY_READ | MAY_WRITE)) === 0) return error;
    const directory = this.#isDirectory(path, FOLLOW);
    if (directory < 0) return directory;
    const reads = (mode & MAY_READ) === 0 ? 0 : directory === 1 ? LIST : READ;
    const writes = (mode & MAY_WRITE) === 0 ? 0 : directory === 1 ? CREATE : WRITE;
    return this.#may(judge, path, FOLLOW, reads | writes);
  }

  override chmod(path: Path, mode: number): number {
    if (this.#judge === null) return super.chmod(path, mode);
    const own = ownPath(path);
    return this.#judged((judge) => this.#may(judge, own, FOLLOW, CHMOD) || super.chmod(own, mode));
  }

  override chown(path: Path, uid: number, gid: number): number {
    if (this.#judge === null) return super.chown(path, uid, gid);
    const own = ownPath(path);
    return this.#judged((judge) => this.#may(judge, own, FOLLOW, CHMOD) || super.chown(own, uid, gid));
  }

  override lchown(path: Path, uid: number, gid: number): number {
    if (this.#judge === null) return super.lchown(path, uid, gid);
    const own = ownPath(path);
    return this.#judged((judge) => this.#may(judge, own, NO_FOLLOW, CHMOD) || super.lchown(own, uid, gid));
  }

  override utimes(path: Path, atime: number, mtime: number): number {
    if (this.#judge === null) return super.utimes(path, atime, mtime);
    const own = ownPath(path);
    return this.#judged((judge) => this.#may(judge, own, FOLLOW, CHMOD) || super.utimes(own, atime, mtime));
  }

  override lutimes(path: Path, atime: number, mtime: number): number {
    if (this.#judge === null) return super.lutimes(path, atime, mtime);
    const own = ownPath(path);
    return this.#judged(
      (judge) => this.#may(judge, own, NO_FOLLOW, CHMOD) || super.lutimes(own, atime, mtime),
    );
  }

  override open(path: Path, flags: number, mode: number): number {
    if (this.#judge === null) return super.open(path, flags, mode);
    const own = ownPath(path);
    return this.#judged((judge) => {
      const last = lastLink(flags);
      const allowed = judge.allowed(own, last);
      if (allowed < 0) return allowed;
      const missing = wanted(flags) & ~allowed;
      if (missing !== 0) return judge.refuse(own, last, missing & -missing);
      // A directory that was not opened as one can't be listed either: see `readEntries`.
      const fixed = (allowed & CHMOD) === 0 ? flags | O_FIXED : flags;
      return this.#create(judge, own, last, fixed, allowed, (given) => super.open(own, given, mode));
    });
  }

  /** By the name that the file has now: a later name allows no more than the first one did. */
  override reopen(file: number, flags: number): number {
    const judge = this.#judge;
    if (judge === null) return super.reopen(file, flags);
    const error = super.fstat(file, this.#stat);
    if (error < 0) return error;
    const type = (this.#stat[1] as number) & S_IFMT;
    if (type !== S_IFREG && type !== S_IFDIR) return super.reopen(file, flags);
    const length = super.pathOfFile(file);
    if (length === -ENOENT) {
      // Without a name it stays what it was opened for.
      const missing = wanted(flags) & ~wanted(super.flags(file));
      return missing === 0 ? super.reopen(file, flags | O_FIXED) : -EACCES;
    }
    if (length < 0) return length;
    const path = copyOf(part(this.result, 0, length));
    return this.#judged(() => {
      const allowed = judge.allowed(path, NO_FOLLOW);
      if (allowed < 0) return allowed;
      const missing = wanted(flags) & ~allowed;
      if (missing !== 0) return judge.refuse(path, NO_FOLLOW, missing & -missing);
      return super.reopen(file, (allowed & CHMOD) === 0 ? flags | O_FIXED : flags);
    });
  }

  /** Where nothing may be made, what is there may still be opened. */
  #create(
    judge: PathJudge,
    path: Path,
    last: LastLink,
    flags: number,
    allowed: number,
    work: (flags: number) => number,
  ): number {
    if ((flags & O_CREAT) === 0 || (allowed & CREATE) !== 0) return work(flags);
    const result = (flags & O_EXCL) === 0 ? work(flags & ~O_CREAT) : -ENOENT;
    return result === -ENOENT ? judge.refuse(path, last, CREATE) : result;
  }

  override readEntries(file: number, cookie: number): number {
    if (this.#judge !== null) {
      const flags = super.flags(file);
      if (flags < 0) return flags;
      if ((flags & O_DIRECTORY) === 0) return -EACCES;
    }
    return super.readEntries(file, cookie);
  }

  override truncate(path: Path, length: number): number {
    if (this.#judge === null) return super.truncate(path, length);
    const own = ownPath(path);
    return this.#judged((judge) => this.#may(judge, own, FOLLOW, WRITE) || super.truncate(own, length));
  }

  override readSmall(path: Path, flags: number, max: number): number {
    if (this.#judge === null) return super.readSmall(path, flags, max);
    const own = ownPath(path);
    return this.#judged(
      (judge) => this.#may(judge, own, lastLink(flags), wanted(flags)) || super.readSmall(own, flags, max),
    );
  }

  override writeSmall(path: Path, flags: number, mode: number, bytes: Uint8Array, length: number): number {
    if (this.#judge === null) return super.writeSmall(path, flags, mode, bytes, length);
    const own = ownPath(path);
    return this.#judged((judge) => {
      const last = lastLink(flags);
      const allowed = judge.allowed(own, last);
      if (allowed < 0) return allowed;
      const missing = wanted(flags) & ~allowed;
      if (missing !== 0) return judge.refuse(own, last, missing & -missing);
      return this.#create(judge, own, last, flags, allowed, (given) =>
        super.writeSmall(own, given, mode, bytes, length),
      );
    });
  }

  override copyFile(from: Path, to: Path, mode: number): number {
    if (this.#judge === null) return super.copyFile(from, to, mode);
    const source = ownPath(from);
    const target = ownPath(to);
    return this.#judged((judge) => {
      const error = this.#may(judge, source, FOLLOW, READ);
      if (error < 0) return error;
      const { resolution, judgedFrom } = this.session;
      const exclusive = (mode & COPYFILE_EXCL) !== 0;
      const last = exclusive ? NO_FOLLOW : FOLLOW;
      const allowed = judge.allowed(target, last);
      if (allowed < 0) return allowed;
      if (!this.#isStill(resolution, judgedFrom)) return -ERESTART;
      const missing = (exclusive ? WRITE | CREATE : WRITE) & ~allowed;
      if (missing !== 0) return judge.refuse(target, last, missing & -missing);
      if ((allowed & CREATE) !== 0) return super.copyFile(source, target, mode);
      const result = super.copyFile(source, target, mode | COPYFILE_EXISTING);
      // Which of the two is not there?
      if (result !== -ENOENT || super.access(source, 0) < 0) return result;
      return judge.refuse(target, last, CREATE);
    });
  }

  override mknod(path: Path, mode: number, device: number): number {
    if (this.#judge === null) return super.mknod(path, mode, device);
    const own = ownPath(path);
    return this.#judged((judge) => this.#may(judge, own, PARENT, CREATE) || super.mknod(own, mode, device));
  }

  override mkdir(path: Path, mode: number): number {
    if (this.#judge === null) return super.mkdir(path, mode);
    const own = ownPath(path);
    return this.#judged((judge) => {
      const allowed = judge.allowed(own, PARENT);
      if (allowed < 0) return allowed;
      if ((allowed & CREATE) !== 0) return super.mkdir(own, mode);
      // As on a disk that is read-only: what is there is there.
      const there =
        (allowed & STAT) !== 0 || ((allowed & LEADS) !== 0 && this.#isDirectory(own, PARENT) === 1);
      if (there && super.lstat(own, this.#stat) === 0) return -EEXIST;
      return judge.refuse(own, PARENT, CREATE);
    });
  }

  override rmdir(path: Path): number {
    if (this.#judge === null) return super.rmdir(path);
    const own = ownPath(path);
    return this.#judged((judge) => this.#may(judge, own, PARENT, DELETE) || super.rmdir(own));
  }

  override unlink(path: Path): number {
    if (this.#judge === null) return super.unlink(path);
    const own = ownPath(path);
    return this.#judged((judge) => this.#may(judge, own, PARENT, DELETE) || super.unlink(own));
  }

  override rename(from: Path, to: Path): number {
    if (this.#judge === null) return super.rename(from, to);
    const source = ownPath(from);
    const target = ownPath(to);
    return this.#judged((judge) => this.#rename(judge, source, target));
  }

  #rename(judge: PathJudge, from: Path, to: Path): number {
    const before = judge.allowed(from, PARENT);
    if (before < 0) return before;
    const { resolution, judgedFrom } = this.session;
    const after = judge.allowed(to, PARENT);
    if (after < 0) return after;
    if (!this.#isStill(resolution, judgedFrom)) return -ERESTART;
    if ((before & DELETE) === 0) return judge.refuse(from, PARENT, DELETE);
    if ((after & CREATE) === 0) return judge.refuse(to, PARENT, CREATE);
    const directory = this.#isDirectory(from, PARENT);
    if (directory === -ERESTART) return directory;
    const won = directory === 1 ? judge.wonByMoving(from, to, PARENT) : after & ~before & OF_THE_FILE;
    if (won < 0) return won;
    if (won !== 0) return judge.refuse(from, PARENT, won & -won);
    const kind = directory === 1 ? RENAME_TREE : RENAME_FILE;
    const result = rename(this.session, from, to, (after & DELETE) === 0 ? kind | RENAME_NEW : kind);
    return result === -EEXIST ? judge.refuse(to, PARENT, DELETE) : result;
  }

  override link(from: Path, to: Path): number {
    if (this.#judge === null) return super.link(from, to);
    const source = ownPath(from);
    const target = ownPath(to);
    return this.#judged((judge) => {
      const before = judge.allowed(source, NO_FOLLOW);
      if (before < 0) return before;
      const { resolution, judgedFrom } = this.session;
      const after = judge.allowed(target, PARENT);
      if (after < 0) return after;
      if (!this.#isStill(resolution, judgedFrom)) return -ERESTART;
      const won = (STAT | (after & OF_THE_FILE)) & ~before;
      if (won !== 0) return judge.refuse(source, NO_FOLLOW, won & -won);
      if ((after & CREATE) === 0) return judge.refuse(target, PARENT, CREATE);
      return super.link(source, target);
    });
  }

  override symlink(target: Path, path: Path): number {
    if (this.#judge === null) return super.symlink(target, path);
    const own = ownPath(path);
    const text = ownPath(target);
    return this.#judged((judge) => this.#may(judge, own, PARENT, CREATE) || super.symlink(text, own));
  }

  override readlink(path: Path): number {
    if (this.#judge === null) return super.readlink(path);
    const own = ownPath(path);
    return this.#judged((judge) => this.#mayAsk(judge, own, NO_FOLLOW) || super.readlink(own));
  }

  override realpath(path: Path): number {
    if (this.#judge === null) return super.realpath(path);
    const own = ownPath(path);
    return this.#judged((judge) => this.#mayAsk(judge, own, FOLLOW) || super.realpath(own));
  }

  override resolveDirectory(path: Path): number {
    if (this.#judge === null) return super.resolveDirectory(path);
    const own = ownPath(path);
    return this.#judged((judge) => this.#mayAsk(judge, own, FOLLOW) || super.resolveDirectory(own));
  }

  /** The events of a directory tell names. */
  override watch(path: Path): number {
    if (this.#judge === null) return super.watch(path);
    const own = ownPath(path);
    return this.#judged((judge) => {
      const error = this.#mayAsk(judge, own, FOLLOW);
      if (error < 0) return error;
      const directory = this.#isDirectory(own, FOLLOW);
      if (directory < 0) return directory;
      const allowed = directory === 1 ? this.#may(judge, own, FOLLOW, LIST) : 0;
      return allowed || super.watch(own);
    });
  }
}

/** Bytes may lie in memory that another thread writes to between judgement and deed. */
function ownPath(path: Path): Path {
  return typeof path === "string" ? path : copyOf(path);
}

function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = new NewUint8Array(TypedArrayPrototypeGetLength(bytes));
  TypedArrayPrototypeSet(copy, bytes, 0);
  return copy;
}

function lastLink(flags: number): LastLink {
  const here = (flags & O_NOFOLLOW) !== 0 || (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL);
  return here ? NO_FOLLOW : FOLLOW;
}

/** What opening a file with these flags is for, apart from making it. */
function wanted(flags: number): number {
  const access = flags & O_ACCMODE;
  const reads = access === O_WRONLY ? 0 : (flags & O_DIRECTORY) !== 0 ? LIST : READ;
  const writes = access === O_RDONLY && (flags & O_TRUNC) === 0 ? 0 : WRITE;
  return reads | writes;
}
