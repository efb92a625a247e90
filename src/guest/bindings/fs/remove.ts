import type { Disk } from "../../../disk/disk.js";
import { S_IFDIR, S_IFMT } from "../../../disk/modes.js";
import { AtomicsWait } from "../../../primordials/primordials.js";
import {
  EACCES,
  EBUSY,
  EISDIR,
  EMFILE,
  ENFILE,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  EPERM,
} from "../../../syscall/errno.js";
import { primordials } from "../../internals.js";
import { checkPath } from "./arguments.js";
import { joinPath, toBytePath, toPath } from "./byte-path.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { errorText } from "./error-text.js";
import { codedError, errnoException, pathText } from "./errors.js";
import { type Entry, listDirectory } from "./listing.js";

const { ArrayPrototypePop, ArrayPrototypePush, MathFloor } = primordials;
const Doubles = Float64Array;
const stats = new Doubles(18);
const sleepWord = new Int32Array(new SharedArrayBuffer(4));
const unknownErrno = -4094;

/** `rmSync`. */
export function removeFunctions({ disk, files }: FsContext): BindingFunctions {
  function rmSync(path: unknown, maxRetries: number, recursive: unknown, retryDelay: number): void {
    const name = checkPath(rmSync, path);
    const found = disk.lstat(name, stats);
    if (found === -ENOENT || found === -ENOTDIR) return;
    const isDirectory = found >= 0 && ((stats[1] as number) & S_IFMT) === S_IFDIR;
    if (isDirectory && recursive !== true) {
      throw codedError(rmSync, "Error", "ERR_FS_EISDIR", `Path is a directory: ${pathText(name)}`);
    }
    const possible = !isDirectory || files.hasRoom(1);
    const result = possible ? removeTrying(disk, toBytePath(name), maxRetries, retryDelay) : -EMFILE;
    if (result >= 0) return;
    const text = errorText(-result);
    if (isTold(result)) throw errnoException(rmSync, -result, "rm", `${text}:`, name);
    throw errnoException(rmSync, unknownErrno, "rm", `Unknown error: ${text}`, name);
  }

  return { rmSync };
}

/** Removes, and tries again when something else may be in the way for a while. */
function removeTrying(disk: Disk, path: string, maxRetries: number, retryDelay: number): number {
  for (let attempt = 1; ; attempt++) {
    const result = removeTree(disk, path);
    if (result >= 0 || attempt > maxRetries || !mayPass(result)) return result;
    // Node counts whole seconds here.
    const seconds = MathFloor((attempt * retryDelay) / 1000);
    if (seconds > 0) AtomicsWait(sleepWord, 0, 0, seconds * 1000);
  }
}

/** Errors that another attempt may not have. */
function mayPass(result: number): boolean {
  return (
    result === -EBUSY ||
    result === -EMFILE ||
    result === -ENFILE ||
    result === -ENOTEMPTY ||
    result === -EPERM
  );
}

/** Whether Node's own code tells the error, or leaves it to the library's words. */
function isTold(result: number): boolean {
  return result === -EPERM || result === -ENOTEMPTY || result === -ENOTDIR || result === -EACCES;
}

interface Step {
  readonly path: string;
  /** What was in the directory has been removed. */
  readonly emptied: boolean;
}

/** Removes a file, or a directory with everything in it; 0 or a negative errno. */
export function removeTree(disk: Disk, path: string): number {
  const steps: Step[] = [{ path, emptied: false }];
  while (steps.length > 0) {
    const step: Step = ArrayPrototypePop(steps);
    const result = removeOne(disk, step.path);
    // A link with a slash after it leads to a directory that can be emptied, though not removed.
    if ((result === -ENOTEMPTY || result === -ENOTDIR) && !step.emptied) {
      const entries = listDirectory(disk, step.path);
      if (typeof entries === "number") return entries;
      ArrayPrototypePush(steps, { path: step.path, emptied: true });
      for (let i = 0; i < entries.length; i++) {
        ArrayPrototypePush(steps, { path: joinPath(step.path, (entries[i] as Entry).name), emptied: false });
      }
    } else if (result < 0 && result !== -ENOENT) {
      return result;
    }
  }
  return 0;
}

function removeOne(disk: Disk, path: string): number {
  const result = disk.unlink(toPath(path));
  return result === -EISDIR ? disk.rmdir(toPath(path)) : result;
}
