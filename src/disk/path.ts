import {
  NewUint8Array,
  StringPrototypeCharCodeAt,
  TypedArrayPrototypeGetLength,
} from "../primordials/primordials.js";
import { EINVAL, ENAMETOOLONG, ENOENT } from "../syscall/errno.js";
import type { Path } from "./types.js";

export const PATH_MAX = 4095;
export const MAX_LINKS = 40;
/** A link's target is put in front of what is left of the path, in room that is kept for it. */
const ROOM = MAX_LINKS * (PATH_MAX + 1);

const none = new NewUint8Array(0);

/** A path's bytes, and what a walk along them found. */
export class PathBuffer {
  /** There from the first path on: some sessions never have any. */
  bytes = none;
  end = ROOM;
  /** The directory of the last component; its name's bytes and their hash. */
  parent = 0;
  nameStart = 0;
  nameEnd = 0;
  hash = 0;
  /** The last component's name slot and inode, 0 if there is none. */
  slot = 0;
  inode = 0;
  /** `LAST_NAME` and so on: what the last component is. */
  last = 0;
  /** Where the component after that begins. */
  next = 0;
  /** Slashes followed the last component. */
  slash = false;
  /** Why the bytes are no path, or 0. */
  error = 0;
  /** What the bytes were made of: a walk overwrites them. */
  source: Path = "";
}

export const PATH_START = ROOM;
export const LAST_NAME = 0;
export const LAST_DOT = 1;
export const LAST_DOT_DOT = 2;
export const LAST_ROOT = 3;

/** Puts a path's bytes into the buffer, and answers 0 or an error. Strings become UTF-8, lone surrogates U+FFFD. */
export function encodePath(p: PathBuffer, path: Path): number {
  if (p.bytes === none) p.bytes = new NewUint8Array(ROOM + PATH_MAX + 1);
  const length = typeof path === "string" ? encodeString(p.bytes, path) : copyPath(p.bytes, path);
  p.error = length > 0 ? 0 : length === 0 ? -ENOENT : length;
  p.end = ROOM + length;
  p.source = path;
  return p.error;
}

/** As Linux does, a call finds out about its second path when it has been along the first. */
export function encodePaths(first: PathBuffer, from: Path, second: PathBuffer, to: Path): number {
  encodePath(second, to);
  return encodePath(first, from);
}

function copyPath(bytes: Uint8Array, path: Uint8Array): number {
  const length = TypedArrayPrototypeGetLength(path);
  if (length > PATH_MAX) return -ENAMETOOLONG;
  for (let i = 0; i < length; i++) {
    const byte = path[i];
    if (byte === 0) return -EINVAL;
    bytes[ROOM + i] = byte;
  }
  return length;
}

function encodeString(bytes: Uint8Array, path: string): number {
  const length = path.length;
  if (length > PATH_MAX) return -ENAMETOOLONG;
  for (let i = 0; i < length; i++) {
    const code = StringPrototypeCharCodeAt(path, i);
    if (code === 0) return -EINVAL;
    if (code >= 0x80) return encodeUtf8(bytes, path, i);
    bytes[ROOM + i] = code;
  }
  return length;
}

/** Goes on from the first character that is not ASCII. */
function encodeUtf8(bytes: Uint8Array, path: string, from: number): number {
  let at = ROOM + from;
  for (let i = from; i < path.length; i++) {
    const code = codePointAt(path, i);
    if (code === 0) return -EINVAL;
    if (code >= 0x10000) i++;
    const size = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
    if (at + size > ROOM + PATH_MAX) return -ENAMETOOLONG;
    putCode(bytes, at, code, size);
    at += size;
  }
  return at - ROOM;
}

/** The code point at `i`; U+FFFD for half a pair. */
function codePointAt(path: string, i: number): number {
  const code = StringPrototypeCharCodeAt(path, i);
  if (code < 0xd800 || code >= 0xe000) return code;
  const next = code < 0xdc00 && i + 1 < path.length ? StringPrototypeCharCodeAt(path, i + 1) : 0;
  if (next < 0xdc00 || next >= 0xe000) return 0xfffd;
  return 0x10000 + ((code - 0xd800) << 10) + (next - 0xdc00);
}

function putCode(bytes: Uint8Array, at: number, code: number, size: number): void {
  if (size === 1) {
    bytes[at] = code;
    return;
  }
  for (let i = size - 1, rest = code; i > 0; i--, rest >>>= 6) bytes[at + i] = 0x80 | (rest & 0x3f);
  bytes[at] = (size === 2 ? 0xc0 : size === 3 ? 0xe0 : 0xf0) | (code >>> (6 * (size - 1)));
}
