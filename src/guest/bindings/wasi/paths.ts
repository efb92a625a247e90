/**
 * Where a path leads that a WebAssembly program names: below the directory that it was given, or nowhere.
 *
 * A path is judged by its text and by the link that it ends with, as uvwasi does. Paths have one character
 * a byte.
 */
import type { Disk } from "../../../disk/disk.js";
import { EINVAL, ENOENT } from "../../../syscall/errno.js";
import { primordials } from "../../internals.js";
import { toPath } from "../fs/byte-path.js";
import { latin1Slice } from "../fs/encoding.js";
import type { Descriptor } from "./descriptors.js";
import { errnoOf, INVAL, LOOP, NOTCAPABLE } from "./errnos.js";

const {
  ArrayPrototypeJoin,
  ArrayPrototypePop,
  ArrayPrototypePush,
  StringPrototypeEndsWith,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
} = primordials;

const mostLinks = 32;

function isAbsolute(path: string): boolean {
  return path[0] === "/";
}

/** Takes out `.`, `..` and doubled slashes; a slash at the end stays. */
export function normalize(path: string): string {
  const parts: string[] = StringPrototypeSplit(path, "/");
  const absolute = isAbsolute(path);
  const kept: string[] = [];
  for (let i = 0; i < parts.length; i++) {
    const part = parts[i] as string;
    if (part === "" || part === ".") continue;
    if (part !== "..") ArrayPrototypePush(kept, part);
    else if (kept.length > 0 && kept[kept.length - 1] !== "..") ArrayPrototypePop(kept);
    else if (!absolute) ArrayPrototypePush(kept, part);
  }
  const joined = (absolute ? "/" : "") + ArrayPrototypeJoin(kept, "/");
  const whole = joined === "" ? "." : joined;
  const open = StringPrototypeEndsWith(path, "/") && !StringPrototypeEndsWith(whole, "/");
  return open ? `${whole}/` : whole;
}

function isHere(path: string): boolean {
  return path === "." || path === "./";
}

function leadsUp(path: string): boolean {
  return path === ".." || StringPrototypeStartsWith(path, "../");
}

function isBelow(path: string, directory: string): boolean {
  if (isAbsolute(directory)) return StringPrototypeStartsWith(path, directory);
  if (isHere(directory)) return !leadsUp(path);
  if (!StringPrototypeStartsWith(path, directory)) return false;
  const rest: string = StringPrototypeSlice(path, directory.length);
  return !leadsUp(rest[0] === "/" ? StringPrototypeSlice(rest, 1) : rest);
}

/** The same place in the machine's own tree. */
function toReal(directory: Descriptor, path: string): string {
  const rest = isHere(directory.normalized) ? path : StringPrototypeSlice(path, directory.normalized.length);
  if (rest === "" || rest === "/") return directory.real;
  return directory.real + (rest[0] === "/" ? "" : "/") + rest;
}

/** A path as C would read it; undefined for none, or one with a NUL in its midst. */
function terminated(path: string): string | undefined {
  const nul: number = StringPrototypeIndexOf(path, "\0");
  if (path === "" || (nul !== -1 && nul < path.length - 1)) return undefined;
  return nul === -1 ? path : StringPrototypeSlice(path, 0, nul);
}

/** The path in the machine's tree, or an error number of WASI. */
export function resolvePath(
  disk: Disk,
  directory: Descriptor,
  path: string,
  follow: boolean,
): string | number {
  if (isAbsolute(path)) return NOTCAPABLE;
  let next = path;
  for (let links = 0; links < mostLinks; links++) {
    const input = terminated(next);
    if (input === undefined) return INVAL;
    const normalized = normalize(isAbsolute(input) ? input : `${directory.normalized}/${input}`);
    if (!isBelow(normalized, directory.normalized)) return NOTCAPABLE;
    const real = toReal(directory, normalized);
    if (!follow) return real;
    const length = disk.readlink(toPath(real));
    if (length === -EINVAL || length === -ENOENT) return real;
    if (length < 0) return errnoOf(length);
    const target = latin1Slice(disk.result, 0, length);
    next = isAbsolute(target) ? target : `${normalized}/../${target}`;
  }
  return LOOP;
}
