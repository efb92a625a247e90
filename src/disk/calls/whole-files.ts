import { MathMax, MathMin, TypedArrayPrototypeGetLength } from "../../primordials/primordials.js";
import { EBADF, EFBIG, EINVAL, EISDIR, ENOSPC, EREMOTE } from "../../syscall/errno.js";
import { isTruncated, openPath, touchFile, truncateInode } from "../create.js";
import { readData, resize, sizeOf, writeData } from "../file-data.js";
import { I_MODE, S_VIRTUAL } from "../layout.js";
import {
  IN_MODIFY,
  O_ACCMODE,
  O_APPEND,
  O_CREAT,
  O_RDONLY,
  O_TRUNC,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from "../modes.js";
import { notifyFound } from "../notify.js";
import { encodePath } from "../path.js";
import { noteRead } from "../read-times.js";
import { RESULT_SIZE, type Session } from "../session.js";
import type { Path } from "../types.js";
import { inodeWord } from "../volume.js";
import { changing, locked } from "./section.js";

/** Flags that make a difference to how a file is read; with them the caller opens it. */
const UNUSUAL = O_ACCMODE | O_CREAT | O_TRUNC;

export function readSmall(s: Session, path: Path, flags: number, max: number): number {
  if ((flags & UNUSUAL) !== O_RDONLY) return -EFBIG;
  return encodePath(s.first, path) || locked(s, readSmallLocked, flags, MathMin(max, RESULT_SIZE));
}

function readSmallLocked(s: Session, flags: number, max: number): number {
  const inode = openPath(s, s.first, flags, 0);
  if (inode < 0) return inode;
  const word = inodeWord(s, inode);
  const type = s.words[word + I_MODE] & S_IFMT;
  if (type !== S_IFREG) return type === S_IFDIR && inode !== s.words[S_VIRTUAL] ? -EISDIR : -EFBIG;
  const size = sizeOf(s, word);
  if (!(size <= max)) return -EFBIG;
  const length = readData(s, inode, s.result, 0, size, 0);
  noteRead(s, inode);
  return length;
}

export function writeSmall(
  s: Session,
  path: Path,
  flags: number,
  mode: number,
  bytes: Uint8Array,
  length: number,
): number {
  if (!(length >= 0 && length <= TypedArrayPrototypeGetLength(bytes))) return -EINVAL;
  if (length > RESULT_SIZE) return -EFBIG;
  return encodePath(s.first, path) || changing(s, writeSmallLocked, flags, mode, bytes, length);
}

function writeSmallLocked(
  s: Session,
  flags: number,
  mode: number,
  bytes: Uint8Array,
  length: number,
): number {
  const inode = openPath(s, s.first, flags, mode);
  if (inode < 0) return inode;
  const word = inodeWord(s, inode);
  const regular = (s.words[word + I_MODE] & S_IFMT) === S_IFREG;
  const truncates = regular && isTruncated(s.first, flags);
  if ((flags & O_ACCMODE) === O_RDONLY) {
    if (truncates) truncateInode(s, inode, 0);
    return -EBADF;
  }
  if (!regular) return -EREMOTE;
  // The old data is overwritten in place, which takes the same blocks again, and the rest cut off.
  const from = truncates || (flags & O_APPEND) === 0 ? 0 : sizeOf(s, word);
  const done = writeData(s, inode, bytes, 0, length, from);
  const end = MathMax(done, 0);
  if (truncates && sizeOf(s, word) !== end) resize(s, inode, end);
  if (truncates || end > 0) touchFile(s, inode);
  if (truncates) notifyFound(s, s.first, inode, IN_MODIFY);
  if (end > 0) notifyFound(s, s.first, inode, IN_MODIFY);
  return done >= 0 && done < length ? -ENOSPC : done;
}
