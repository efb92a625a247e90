import type { StatArray } from "../../../disk/types.js";
import { BigIntFrom } from "../../../primordials/primordials.js";
import { ENOENT, ENOTDIR } from "../../../syscall/errno.js";
import { nativeFsBinding } from "../../internals.js";
import { checkFd, checkFileMode, checkPath } from "./arguments.js";
import type { BindingFunctions, FsContext } from "./context.js";
import { uvException } from "./errors.js";
import { fail, isAsync, type Request, succeed } from "./request.js";

// The arrays that Node's JavaScript reads the answer of a synchronous call from.
const statValues: Float64Array = nativeFsBinding["statValues"];
const bigintStatValues: BigInt64Array = nativeFsBinding["bigintStatValues"];
const statFsValues: Float64Array = nativeFsBinding["statFsValues"];
const bigintStatFsValues: BigInt64Array = nativeFsBinding["bigintStatFsValues"];

const Doubles = Float64Array;
const Bigs = BigInt64Array;
const formatDirectory = 0o040000;
const formatMask = 0o170000;

function freshArray(bigint: boolean, length: number): StatArray {
  return bigint ? new Bigs(length) : new Doubles(length);
}

/** An answer that is no error when the caller doesn't want one for a missing file. */
function isNoEntry(result: number): boolean {
  return result === -ENOENT || result === -ENOTDIR;
}

/** `stat`, `lstat`, `fstat`, `statfs`, `access` and what only asks whether something is there. */
export function statFunctions({ disk, files }: FsContext): BindingFunctions {
  function stat(path: unknown, bigint: boolean, request?: Request, throwIfNoEntry?: boolean): unknown {
    const name = typeof path === "string" ? path : checkPath(stat, path);
    if (request === undefined) {
      const out = bigint === true ? bigintStatValues : statValues;
      const result = disk.stat(name, out);
      if (result >= 0) return out;
      if (throwIfNoEntry === false && isNoEntry(result)) return undefined;
      throw uvException(stat, result, "stat", name);
    }
    const out = freshArray(bigint === true, 18);
    const result = disk.stat(name, out);
    if (result >= 0) return succeed(request, out);
    if (throwIfNoEntry === false && isNoEntry(result)) return succeed(request);
    return fail(request, uvException(undefined, result, "stat", name));
  }

  function lstat(path: unknown, bigint: boolean, request?: Request, throwIfNoEntry?: boolean): unknown {
    const name = typeof path === "string" ? path : checkPath(lstat, path);
    if (request === undefined) {
      const out = bigint === true ? bigintStatValues : statValues;
      const result = disk.lstat(name, out);
      if (result >= 0) return out;
      // Unlike stat: a path through a file that is no directory is an error here.
      if (throwIfNoEntry === false && result === -ENOENT) return undefined;
      throw uvException(lstat, result, "lstat", name);
    }
    const out = freshArray(bigint === true, 18);
    const result = disk.lstat(name, out);
    if (result >= 0) return succeed(request, out);
    return fail(request, uvException(undefined, result, "lstat", name));
  }

  function fstat(fdArgument: unknown, bigint: boolean, request?: Request): unknown {
    const fd = checkFd(fstat, fdArgument);
    if (request === undefined) {
      const out = bigint === true ? bigintStatValues : statValues;
      const result = files.fstat(fd, out);
      if (result >= 0) return out;
      throw uvException(fstat, result, "fstat");
    }
    const out = freshArray(bigint === true, 18);
    const result = files.fstat(fd, out);
    if (result >= 0) return succeed(request, out);
    return fail(request, uvException(undefined, result, "fstat"));
  }

  function statfs(path: unknown, bigint: boolean, request?: Request): unknown {
    const name = checkPath(statfs, path);
    const asynchronous = isAsync(request);
    const result = disk.statfs(name, diskFields);
    if (result < 0 && asynchronous) return fail(request, uvException(undefined, result, "statfs", name));
    if (result < 0) throw uvException(statfs, result, "statfs", name);
    const shared = bigint === true ? bigintStatFsValues : statFsValues;
    const out = asynchronous ? freshArray(bigint === true, 8) : shared;
    for (let field = 0; field < 8; field++) {
      // Node has the size of a fragment too, which is that of a block.
      const value = diskFields[field < 2 ? field : field - 1] as number;
      if (bigint === true) out[field] = BigIntFrom(value);
      else out[field] = value;
    }
    return asynchronous ? succeed(request, out) : out;
  }
  const diskFields = new Doubles(7);

  function access(path: unknown, modeArgument: unknown, request?: Request): unknown {
    const mode = checkFileMode(access, modeArgument);
    const name = checkPath(access, path);
    const result = disk.access(name, mode);
    if (!isAsync(request)) {
      if (result < 0) throw uvException(access, result, "access", name);
      return undefined;
    }
    if (result < 0) return fail(request, uvException(undefined, result, "access", name));
    return succeed(request);
  }

  function existsSync(path: unknown): boolean {
    const name = typeof path === "string" ? path : checkPath(existsSync, path);
    return disk.access(name, 0) === 0;
  }

  /** 0 for a file, 1 for a directory, or a negative errno. */
  function internalModuleStat(path: unknown): number {
    const name = typeof path === "string" ? path : checkPath(internalModuleStat, path);
    const result = disk.stat(name, moduleStat);
    if (result < 0) return result;
    return ((moduleStat[1] as number) & formatMask) === formatDirectory ? 1 : 0;
  }
  const moduleStat = new Doubles(18);

  return { stat, lstat, fstat, statfs, access, existsSync, internalModuleStat };
}
