/** What the judged calls of the disk have in common: see `judged-disk.ts`. */
import { Disk } from "../disk/disk.js";
import {
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  S_IFDIR,
  S_IFMT,
} from "../disk/modes.js";
import type { Path } from "../disk/types.js";
import { FOLLOW, type LastLink, NO_FOLLOW } from "../disk/walk.js";
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
import { ERESTART } from "../syscall/errno.js";
import { PathJudge, type RefusedPath } from "./path-judge.js";

export const READ = operationBit("fs", "read");
export const WRITE = operationBit("fs", "write");
export const CREATE = operationBit("fs", "create");
export const DELETE = operationBit("fs", "delete");
export const LIST = operationBit("fs", "list");
export const STAT = operationBit("fs", "stat");
export const CHMOD = operationBit("fs", "chmod");

/** What can be done to a file by any of its names: another name must not allow more of it. */
export const OF_THE_FILE = READ | WRITE | STAT | CHMOD;

/** A disk whose calls ask rules first, once there are some. */
export class JudgedCalls extends Disk {
  protected judge: PathJudge | null = null;
  /** What was asked last about a file. */
  protected readonly found = new NewFloat64Array(18);

  /** From now on the rules are in force. */
  judgeBy(rules: CompiledRules<PathPattern>, refused: RefusedPath): void {
    this.judge = new PathJudge(this.session, rules, refused);
  }

  /** Does what was judged, and judges again where the paths lead elsewhere by then. */
  protected judged(work: (judge: PathJudge) => number): number {
    for (;;) {
      const result = work(this.judge as PathJudge);
      this.session.judged = false;
      if (result !== -ERESTART) return result;
    }
  }

  /** Whether a second path was judged at the same state of things as the first. */
  protected isStill(resolution: number, judgedFrom: number): boolean {
    return this.session.resolution === resolution && this.session.judgedFrom === judgedFrom;
  }

  /** 0 if all of the operations are allowed, else the error. */
  protected may(judge: PathJudge, path: Path, last: LastLink, operations: number): number {
    const allowed = judge.allowed(path, last);
    if (allowed < 0) return allowed;
    const missing = operations & ~allowed;
    return missing === 0 ? 0 : judge.refuse(path, last, missing & -missing);
  }

  /** Whether one may ask what is there. Of what leads to an allowed path, only directories are told of. */
  protected mayAsk(judge: PathJudge, path: Path, last: LastLink): number {
    const allowed = judge.allowed(path, last);
    if (allowed < 0 || (allowed & STAT) !== 0) return allowed < 0 ? allowed : 0;
    if ((allowed & LEADS) !== 0) {
      const directory = this.isDirectory(path, last);
      if (directory !== 0) return directory < 0 ? directory : 0;
    }
    return judge.refuse(path, last, STAT);
  }

  /** 1 or 0, or why it can't be told. */
  protected isDirectory(path: Path, last: LastLink): number {
    const error = last === FOLLOW ? super.stat(path, this.found) : super.lstat(path, this.found);
    if (error < 0) return error;
    return ((this.found[1] as number) & S_IFMT) === S_IFDIR ? 1 : 0;
  }
}

/** Bytes may lie in memory that another thread writes to between judgement and deed. */
export function ownPath(path: Path): Path {
  return typeof path === "string" ? path : copyOf(path);
}

export function copyOf(bytes: Uint8Array): Uint8Array {
  const copy = new NewUint8Array(TypedArrayPrototypeGetLength(bytes));
  TypedArrayPrototypeSet(copy, bytes, 0);
  return copy;
}

export function lastLink(flags: number): LastLink {
  const here = (flags & O_NOFOLLOW) !== 0 || (flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL);
  return here ? NO_FOLLOW : FOLLOW;
}

/** What opening a file with these flags is for, apart from making it. */
export function wanted(flags: number): number {
  const access = flags & O_ACCMODE;
  const reads = access === O_WRONLY ? 0 : (flags & O_DIRECTORY) !== 0 ? LIST : READ;
  const writes = access === O_RDONLY && (flags & O_TRUNC) === 0 ? 0 : WRITE;
  return reads | writes;
}
