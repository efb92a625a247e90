import {
  COPYFILE_EXCL,
  COPYFILE_EXISTING,
  COPYFILE_FIXED,
  COPYFILE_KEPT,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_FIXED,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from "../disk/modes.js";
import type { Path } from "../disk/types.js";
import { FOLLOW, type LastLink, NO_FOLLOW } from "../disk/walk.js";
import { EACCES, ENOENT, ERESTART } from "../syscall/errno.js";
import { part } from "./bindings/fs/encoding.js";
import {
  CHMOD,
  CREATE,
  copyOf,
  DELETE,
  JudgedCalls,
  lastLink,
  ownPath,
  READ,
  WRITE,
  wanted,
} from "./judged-calls.js";
import type { PathJudge } from "./path-judge.js";

/** What a copy may not do to its target beside filling it. */
function copyTerms(allowed: number): number {
  const existing = (allowed & CREATE) === 0 ? COPYFILE_EXISTING : 0;
  const fixed = (allowed & CHMOD) === 0 ? COPYFILE_FIXED : 0;
  return existing | fixed | ((allowed & DELETE) === 0 ? COPYFILE_KEPT : 0);
}

export class JudgedFiles extends JudgedCalls {
  override open(path: Path, flags: number, mode: number): number {
    if (this.judge === null) return super.open(path, flags, mode);
    const own = ownPath(path);
    return this.judged((judge) => {
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
    const judge = this.judge;
    if (judge === null) return super.reopen(file, flags);
    const error = super.fstat(file, this.found);
    if (error < 0) return error;
    const type = (this.found[1] as number) & S_IFMT;
    if (type !== S_IFREG && type !== S_IFDIR) return super.reopen(file, flags);
    const length = super.pathOfFile(file);
    if (length === -ENOENT) {
      // Without a name it stays what it was opened for.
      const missing = wanted(flags) & ~wanted(super.flags(file));
      return missing === 0 ? super.reopen(file, flags | O_FIXED) : -EACCES;
    }
    if (length < 0) return length;
    const path = copyOf(part(this.result, 0, length));
    return this.judged(() => {
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
    if (this.judge !== null) {
      const flags = super.flags(file);
      if (flags < 0) return flags;
      if ((flags & O_DIRECTORY) === 0) return -EACCES;
    }
    return super.readEntries(file, cookie);
  }

  override truncate(path: Path, length: number): number {
    if (this.judge === null) return super.truncate(path, length);
    const own = ownPath(path);
    return this.judged((judge) => this.may(judge, own, FOLLOW, WRITE) || super.truncate(own, length));
  }

  override readSmall(path: Path, flags: number, max: number): number {
    if (this.judge === null) return super.readSmall(path, flags, max);
    const own = ownPath(path);
    return this.judged(
      (judge) => this.may(judge, own, lastLink(flags), wanted(flags)) || super.readSmall(own, flags, max),
    );
  }

  override writeSmall(path: Path, flags: number, mode: number, bytes: Uint8Array, length: number): number {
    if (this.judge === null) return super.writeSmall(path, flags, mode, bytes, length);
    const own = ownPath(path);
    return this.judged((judge) => {
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
    if (this.judge === null) return super.copyFile(from, to, mode);
    const source = ownPath(from);
    const target = ownPath(to);
    return this.judged((judge) => {
      const error = this.may(judge, source, FOLLOW, READ);
      if (error < 0) return error;
      const { resolution, judgedFrom } = this.session;
      const exclusive = (mode & COPYFILE_EXCL) !== 0;
      const last = exclusive ? NO_FOLLOW : FOLLOW;
      const allowed = judge.allowed(target, last);
      if (allowed < 0) return allowed;
      if (!this.isStill(resolution, judgedFrom)) return -ERESTART;
      const missing = (exclusive ? WRITE | CREATE : WRITE) & ~allowed;
      if (missing !== 0) return judge.refuse(target, last, missing & -missing);
      const result = super.copyFile(source, target, mode | copyTerms(allowed));
      if ((allowed & CREATE) !== 0 || result !== -ENOENT) return result;
      // Which of the two is not there?
      if (super.access(source, 0) < 0) return result;
      return judge.refuse(target, last, CREATE);
    });
  }
}
