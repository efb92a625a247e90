import { MathFloor, MathMin, TypedArrayPrototypeGetLength } from "../../primordials/primordials.js";
import { EBADF, EFBIG, EINVAL, EISDIR, EREMOTE, ESPIPE } from "../../syscall/errno.js";
import { isTruncated, openExisting, openPath, touchFile, truncateInode } from "../create.js";
import { CHUNK, readData, sizeOf, writeData } from "../file-data.js";
import { I_DEVICE, I_MODE, MAX_FILE_SIZE, O_FLAGS, O_NAME, S_VIRTUAL } from "../layout.js";
import {
  IN_MODIFY,
  MAY_WRITE,
  O_APPEND,
  O_FIXED,
  O_TRUNC,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
} from "../modes.js";
import { fault, lacksBytes } from "../mounted.js";
import { notifyFound, notifyOpened } from "../notify.js";
import {
  addReference,
  canRead,
  canWrite,
  closeFile,
  endWriting,
  openedInode,
  openInode,
  openWord,
  positionOf,
  setPosition,
  writingEnd,
} from "../open-files.js";
import { encodePath } from "../path.js";
import { permit } from "../permissions.js";
import { joinPipe, pipeOpened, pipeRefusal, readPipe, writePipe } from "../pipe.js";
import { noteRead } from "../read-times.js";
import type { Session } from "../session.js";
import type { Path } from "../types.js";
import { inodeWord } from "../volume.js";
import { FOLLOW, find, leave } from "../walk.js";
import { changing, locked } from "./section.js";

/** What `position` is when the file's own is meant. */
const CURRENT = -1;

export function open(s: Session, path: Path, flags: number, mode: number): number {
  return encodePath(s.first, path) || changing(s, openLocked, flags, mode);
}

function openLocked(s: Session, flags: number, mode: number): number {
  const inode = openPath(s, s.first, flags, mode);
  if (inode < 0) return inode;
  const { first } = s;
  const file = openFound(s, inode, flags, first.slot);
  if (file > 0 && s.openedType === S_IFREG && isTruncated(first, flags)) {
    truncateInode(s, inode, 0);
    notifyFound(s, first, inode, IN_MODIFY);
  }
  return file;
}

function openFound(s: Session, inode: number, flags: number, name: number): number {
  const type = s.words[inodeWord(s, inode) + I_MODE] & S_IFMT;
  s.openedType = type;
  if (type === S_IFREG) return openInode(s, inode, flags, name);
  // What it lists is not the disk's.
  if (s.leaves && inode === s.words[S_VIRTUAL]) return leave(s, s.first, s.first.end);
  const refusal = type === S_IFIFO ? pipeRefusal(s, inode, flags, name) : 0;
  if (refusal < 0) return refusal;
  const file = openInode(s, inode, flags, name);
  if (file > 0 && type === S_IFIFO) joinPipe(s, file, inode, flags);
  return file;
}

/** Opens what is open already once more, as `/proc/self/fd` does. */
export function reopen(s: Session, file: number, flags: number): number {
  return changing(s, reopenLocked, file, flags);
}

function reopenLocked(s: Session, file: number, flags: number): number {
  const word = openWord(s, file);
  if (word === 0) return -EBADF;
  const inode = openExisting(s, openedInode(s, file), flags);
  if (inode < 0) return inode;
  const again = openFound(s, inode, flags, s.words[word + O_NAME]);
  if (again > 0 && s.openedType === S_IFREG && (flags & O_TRUNC) !== 0) truncateInode(s, inode, 0);
  return again;
}

/** Whether the other end of a pipe has been opened, as far as its opener has to wait for that. */
export function opened(s: Session, file: number): number {
  return locked(s, openedLocked, file);
}

function openedLocked(s: Session, file: number): number {
  const inode = openedInode(s, file);
  if (inode < 0) return inode;
  return typeOf(s, inode) === S_IFIFO ? pipeOpened(s, file, inode) : 0;
}

/** The number of an open device, or -EINVAL. */
export function device(s: Session, file: number): number {
  return locked(s, deviceLocked, file);
}

function deviceLocked(s: Session, file: number): number {
  const inode = openedInode(s, file);
  if (inode < 0) return inode;
  const word = inodeWord(s, inode);
  return typeOf(s, inode) === S_IFCHR ? s.words[word + I_DEVICE] & 0x7fffffff : -EINVAL;
}

function typeOf(s: Session, inode: number): number {
  return s.words[inodeWord(s, inode) + I_MODE] & S_IFMT;
}

export function close(s: Session, file: number): number {
  return locked(s, closeFile, file);
}

/** Ends the writing of one end of a pair. */
export function shutdown(s: Session, file: number): number {
  return locked(s, endWriting, file);
}

export function dup(s: Session, file: number): number {
  return locked(s, addReference, file);
}

/** The flags that a file was opened with. */
export function flags(s: Session, file: number): number {
  return locked(s, flagsLocked, file);
}

function flagsLocked(s: Session, file: number): number {
  const word = openWord(s, file);
  return word === 0 ? -EBADF : s.words[word + O_FLAGS] & 0x7fffffff & ~O_FIXED;
}

export function fsync(s: Session, file: number): number {
  return locked(s, fsyncLocked, file);
}

function fsyncLocked(s: Session, file: number): number {
  const inode = openedInode(s, file);
  if (inode < 0) return inode;
  const type = typeOf(s, inode);
  return type === S_IFIFO || type === S_IFCHR ? -EINVAL : 0;
}

type Transfer = (
  s: Session,
  file: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number,
) => number;

export function read(
  s: Session,
  file: number,
  target: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  return inParts(s, locked, readLocked, file, target, offset, length, position);
}

export function write(
  s: Session,
  file: number,
  source: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  return inParts(s, changing, writeLocked, file, source, offset, length, position);
}

/** Lets go of the lock after each part, so that others never wait for a long copy. */
function inParts(
  s: Session,
  section: typeof locked,
  transfer: Transfer,
  file: number,
  bytes: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  if (!fits(bytes, offset, length) || !isPosition(position)) return -EINVAL;
  let done = 0;
  do {
    const wanted = MathMin(length - done, CHUNK);
    const at = position === CURRENT ? CURRENT : position + done;
    const part = section(s, transfer, file, bytes, offset + done, wanted, at);
    if (part < 0) return done > 0 ? done : part;
    done += part;
    if (part < wanted) break;
  } while (done < length);
  return done;
}

function readLocked(
  s: Session,
  file: number,
  target: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  const word = openWord(s, file);
  if (word === 0 || !canRead(s, word)) return -EBADF;
  const inode = openedInode(s, file);
  const type = typeOf(s, inode);
  if (type !== S_IFREG) {
    if (type !== S_IFIFO) return type === S_IFDIR ? -EISDIR : -EREMOTE;
    if (position !== CURRENT) return -ESPIPE;
    const count = readPipe(s, inode, s.words[word + O_FLAGS], target, offset, length);
    if (count > 0) noteRead(s, inode);
    return count;
  }
  const from = position === CURRENT ? positionOf(s, word) : position;
  const done = readData(s, inode, target, offset, length, from);
  noteRead(s, inode);
  if (position === CURRENT && done > 0) setPosition(s, word, from + done);
  return done;
}

function writeLocked(
  s: Session,
  file: number,
  source: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  const end = writingEnd(s, file);
  const word = openWord(s, end);
  if (word === 0 || !canWrite(s, word)) return -EBADF;
  const inode = openedInode(s, end);
  if (length === 0) return 0;
  const type = typeOf(s, inode);
  if (type !== S_IFREG) {
    if (type !== S_IFIFO) return -EREMOTE;
    if (position !== CURRENT) return -ESPIPE;
    const count = writePipe(s, inode, s.words[word + O_FLAGS], source, offset, length);
    if (count > 0) {
      touchFile(s, inode);
      notifyOpened(s, word, IN_MODIFY);
    }
    return count;
  }
  const appends = (s.words[word + O_FLAGS] & O_APPEND) !== 0;
  const from = appends
    ? sizeOf(s, inodeWord(s, inode))
    : position === CURRENT
      ? positionOf(s, word)
      : position;
  const done = writeData(s, inode, source, offset, length, from);
  if (done <= 0) return done;
  touchFile(s, inode);
  notifyOpened(s, word, IN_MODIFY);
  if (position === CURRENT) setPosition(s, word, from + done);
  return done;
}

export function truncate(s: Session, path: Path, length: number): number {
  return lengthRefusal(length) || encodePath(s.first, path) || changing(s, truncateLocked, length);
}

function truncateLocked(s: Session, length: number): number {
  const inode = find(s, s.first, FOLLOW);
  if (inode < 0) return inode;
  const type = typeOf(s, inode);
  if (type !== S_IFREG) return type === S_IFDIR ? -EISDIR : -EINVAL;
  const error = permit(s, inode, MAY_WRITE);
  if (error < 0) return error;
  if (lacksBytes(s, inode)) return fault(s, inode, s.first.slot, s.first, s.first.end);
  truncateInode(s, inode, MathFloor(length));
  notifyFound(s, s.first, inode, IN_MODIFY);
  return 0;
}

export function ftruncate(s: Session, file: number, length: number): number {
  return lengthRefusal(length) || changing(s, ftruncateLocked, file, length);
}

function ftruncateLocked(s: Session, file: number, length: number): number {
  const word = openWord(s, file);
  if (word === 0) return -EBADF;
  const inode = openedInode(s, file);
  if (!canWrite(s, word) || typeOf(s, inode) !== S_IFREG) return -EINVAL;
  truncateInode(s, inode, MathFloor(length));
  notifyOpened(s, word, IN_MODIFY);
  return 0;
}

function lengthRefusal(length: number): number {
  if (!(length >= 0)) return -EINVAL;
  return length > MAX_FILE_SIZE ? -EFBIG : 0;
}

function fits(bytes: Uint8Array, offset: number, length: number): boolean {
  return offset >= 0 && length >= 0 && offset + length <= TypedArrayPrototypeGetLength(bytes);
}

function isPosition(position: number): boolean {
  return position === CURRENT || (position >= 0 && MathFloor(position) === position);
}
