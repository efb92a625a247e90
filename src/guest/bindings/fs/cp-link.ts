import type { Disk } from "../../../disk/disk.js";
import { S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../../disk/modes.js";
import { EEXIST } from "../../../syscall/errno.js";
import { primordials, requireBuiltin } from "../../internals.js";
import { beforeLastSlash, joinPath, textOf, toPath } from "./byte-path.js";
import { type CpError, cpError, standardError } from "./cp-error.js";
import { latin1Slice } from "./encoding.js";

const { StringPrototypeSlice, StringPrototypeStartsWith } = primordials;
const { resolve, isAbsolute }: { resolve(...parts: string[]): string; isAbsolute(path: string): boolean } =
  requireBuiltin("path").posix;
const Doubles = Float64Array;
const stats = new Doubles(18);

interface LinkOptions {
  readonly verbatimSymlinks: boolean;
  readonly fresh: boolean;
}

/** Copies the link `name` from one directory to another. */
export function copyLink(
  disk: Disk,
  source: string,
  target: string,
  name: string,
  options: LinkOptions,
): CpError | undefined {
  const to = joinPath(target, name);
  const length = disk.readlink(toPath(joinPath(source, name)));
  if (length < 0) return standardError(length, "cp", target);
  const content = latin1Slice(disk.result, 0, length);
  if (options.verbatimSymlinks) {
    const result = disk.symlink(toPath(content), toPath(to));
    return result < 0 ? standardError(result, "cp", target) : undefined;
  }
  const error = clearTarget(disk, target, to, content);
  if (error !== undefined) return error;
  const result = disk.symlink(toPath(absoluteTarget(disk, source, content, options.fresh)), toPath(to));
  return result < 0 ? standardError(result, "cp", target) : undefined;
}

function typeOf(disk: Disk, path: string, followed: boolean): number {
  const result = followed ? disk.stat(toPath(path), stats) : disk.lstat(toPath(path), stats);
  return result < 0 ? 0 : (stats[1] as number) & S_IFMT;
}

/** Takes an existing link out of the way; a file there is an error. */
function clearTarget(disk: Disk, target: string, to: string, content: string): CpError | undefined {
  const followed = typeOf(disk, to, true);
  if (followed === 0) return undefined;
  if (typeOf(disk, to, false) !== S_IFLNK) {
    return followed === S_IFREG ? standardError(-EEXIST, "cp", to) : undefined;
  }
  const length = disk.readlink(toPath(to));
  if (length < 0) return standardError(length, "cp", target);
  const current = latin1Slice(disk.result, 0, length);
  if (typeOf(disk, content, true) === S_IFDIR && isInside(content, current)) {
    const message = `Cannot copy ${textOf(content)} to a subdirectory of self ${textOf(current)}`;
    return cpError("ERR_FS_CP_EINVAL", message);
  }
  if (followed === S_IFDIR && isInside(current, content)) {
    const message = `cannot overwrite ${textOf(current)} with ${textOf(content)}`;
    return cpError("ERR_FS_CP_SYMLINK_TO_SUBDIRECTORY", message);
  }
  const result = disk.unlink(toPath(to));
  return result < 0 ? standardError(result, "cp", target) : undefined;
}

/** Whether `inner` is `outer` or lies below it. */
function isInside(outer: string, inner: string): boolean {
  const directory = resolve(outer);
  const path = resolve(inner);
  return path === directory || StringPrototypeStartsWith(path, directory === "/" ? "/" : `${directory}/`);
}

/** What a link's content leads to from its directory, as an absolute path. */
function absoluteTarget(disk: Disk, directory: string, content: string, lexical: boolean): string {
  const path = resolve(directory, content);
  if (lexical) return isAbsolute(content) ? content : path;
  // As much of it as exists is freed of links, the rest is added as it is.
  let existing = path;
  for (;;) {
    const length = disk.realpath(toPath(existing));
    if (length >= 0) {
      const real = latin1Slice(disk.result, 0, length);
      return existing === path ? real : joinPath(real, StringPrototypeSlice(path, existing.length + 1));
    }
    const parent = beforeLastSlash(existing);
    if (parent === "" || parent === existing) return path;
    existing = parent;
  }
}
