import type { Disk } from "../../../disk/disk.js";
import { S_IFDIR, S_IFIFO, S_IFLNK, S_IFMT } from "../../../disk/modes.js";
import { primordials } from "../../internals.js";
import { endsWithSlash, parentPath, textOf, toPath } from "./byte-path.js";
import { type CpError, cpError, pipeError, systemError } from "./cp-error.js";
import { makeDirectories } from "./make-directory.js";

const { StringPrototypeStartsWith } = primordials;
const Doubles = Float64Array;
const sourceStats = new Doubles(18);
const targetStats = new Doubles(18);

/** Whether both paths lead to the same file. */
export function isSameFile(disk: Disk, one: string, other: string): boolean {
  if (disk.stat(toPath(one), sourceStats) < 0 || disk.stat(toPath(other), targetStats) < 0) return false;
  return sourceStats[0] === targetStats[0] && sourceStats[7] === targetStats[7];
}

function typeOf(stats: Float64Array): number {
  return (stats[1] as number) & S_IFMT;
}

/** What `fs.cpSync` checks before it copies; also makes the directories on the way to the target. */
export function checkCpPaths(
  disk: Disk,
  source: string,
  target: string,
  dereference: boolean,
  recursive: boolean,
): CpError | undefined {
  // It is this way round in Node.
  const result = dereference
    ? disk.lstat(toPath(source), sourceStats)
    : disk.stat(toPath(source), sourceStats);
  if (result < 0) return systemError(result, dereference ? "stat" : "lstat", source);
  const sourceType = typeOf(sourceStats);
  const sourceIsDirectory = sourceType === S_IFDIR || (dereference && sourceType === S_IFLNK);
  const found = dereference
    ? disk.stat(toPath(target), targetStats)
    : disk.lstat(toPath(target), targetStats);
  if (found >= 0) {
    const targetIsDirectory = typeOf(targetStats) === S_IFDIR;
    const error = checkExisting(disk, source, target, sourceIsDirectory, targetIsDirectory);
    if (error !== undefined) return error;
  }
  const sourceDirectory = endsWithSlash(source) ? source : `${source}/`;
  const parent = parentPath(target);
  if (
    (sourceIsDirectory && StringPrototypeStartsWith(target, sourceDirectory)) ||
    (isBelowParent(source, parent) && isSameFile(disk, source, parent))
  ) {
    return cpError(
      "ERR_FS_CP_EINVAL",
      `Cannot copy ${textOf(sourceDirectory)} to a subdirectory of self ${textOf(target)}`,
    );
  }
  if (sourceIsDirectory && !recursive) {
    const message = `Recursive option not enabled, cannot copy a directory: ${textOf(sourceDirectory)}`;
    return cpError("ERR_FS_EISDIR", message);
  }
  if (sourceType === S_IFIFO) return pipeError(textOf(target));
  if (found < 0 && parent !== "") makeDirectories(disk, parent, 0o777);
  return undefined;
}

function isBelowParent(source: string, parent: string): boolean {
  const above = parentPath(parent);
  return parentPath(source) !== parent && above !== "" && above !== parent;
}

function checkExisting(
  disk: Disk,
  source: string,
  target: string,
  sourceIsDirectory: boolean,
  targetIsDirectory: boolean,
): CpError | undefined {
  if (isSameFile(disk, source, target)) {
    return cpError("ERR_FS_CP_EINVAL", `src and dest cannot be the same ${textOf(target)}`);
  }
  if (sourceIsDirectory && !targetIsDirectory) {
    const message = `Cannot overwrite non-directory ${textOf(target)} with directory ${textOf(source)}`;
    return cpError("ERR_FS_CP_DIR_TO_NON_DIR", message);
  }
  if (!sourceIsDirectory && targetIsDirectory) {
    const message = `Cannot overwrite directory ${textOf(target)} with non-directory ${textOf(source)}`;
    return cpError("ERR_FS_CP_NON_DIR_TO_DIR", message);
  }
  return undefined;
}
