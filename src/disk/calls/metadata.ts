import { MathMin } from "../../primordials/primordials.js";
import { EACCES, EROFS } from "../../syscall/errno.js";
import { O_FLAGS, S_VIRTUAL } from "../layout.js";
import {
  accessInode,
  chmodInode,
  chownInode,
  giveStat,
  giveStatfs,
  sealInode,
  takeStat,
  takeStatfs,
  utimesInode,
} from "../metadata.js";
import { O_FIXED, S_IFSOCK } from "../modes.js";
import { detach, fault, lacksBytes } from "../mounted.js";
import { notifyFound, notifyOpened } from "../notify.js";
import { openedInode, openWord } from "../open-files.js";
import { encodePath } from "../path.js";
import { isReadOnly } from "../permissions.js";
import type { Session } from "../session.js";
import { socketKind } from "../socket.js";
import type { Path, StatArray } from "../types.js";
import { FOLLOW, find, type LastLink, leave } from "../walk.js";
import { changing, locked } from "./section.js";

export function stat(s: Session, path: Path, lastLink: LastLink, out: StatArray): number {
  const error = encodePath(s.first, path) || locked(s, statFound, lastLink);
  if (error === 0) giveStat(s, out);
  return error;
}

function statFound(s: Session, lastLink: LastLink): number {
  return takeStat(s, find(s, s.first, lastLink));
}

export function fstat(s: Session, file: number, out: StatArray): number {
  const error = locked(s, statOpened, file);
  if (error === 0) giveStat(s, out);
  return error;
}

function statOpened(s: Session, file: number): number {
  const error = takeStat(s, openedInode(s, file));
  // An inode of its own, but no kind of its own on the disk.
  if (error === 0 && socketKind(s, file) > 0) s.stat[1] = S_IFSOCK | 0o777;
  return error;
}

export function statfs(s: Session, path: Path, out: StatArray): number {
  const error = encodePath(s.first, path) || locked(s, statfsFound);
  if (error === 0) giveStatfs(s, out);
  return error;
}

function statfsFound(s: Session): number {
  const inode = find(s, s.first, FOLLOW);
  if (s.leaves && inode === s.words[S_VIRTUAL]) return leave(s, s.first, s.first.end);
  return takeStatfs(s, inode);
}

export function access(s: Session, path: Path, mode: number): number {
  return encodePath(s.first, path) || locked(s, accessFound, mode);
}

function accessFound(s: Session, mode: number): number {
  const inode = find(s, s.first, FOLLOW);
  return inode < 0 ? inode : accessInode(s, inode, mode);
}

export function chmod(s: Session, path: Path, mode: number): number {
  return changePath(s, path, FOLLOW, chmodInode, mode, 0);
}

export function fchmod(s: Session, file: number, mode: number): number {
  return changing(s, changeOpened, chmodInode, file, mode, 0);
}

export function chown(s: Session, path: Path, lastLink: LastLink, uid: number, gid: number): number {
  return changePath(s, path, lastLink, chownInode, uid, gid);
}

export function fchown(s: Session, file: number, uid: number, gid: number): number {
  return changing(s, changeOpened, chownInode, file, uid, gid);
}

export function seal(s: Session, path: Path): number {
  return changePath(s, path, FOLLOW, sealInode, 0, 0);
}

export function utimes(s: Session, path: Path, lastLink: LastLink, atime: number, mtime: number): number {
  return changePath(s, path, lastLink, utimesInode, atime, mtime);
}

export function futimes(s: Session, file: number, atime: number, mtime: number): number {
  return changing(s, changeOpened, utimesInode, file, atime, mtime);
}

/**
 * What changes an inode under the lock, once it is found by its path or by an open file. Answers an error,
 * or which event the change is, 0 for none.
 */
type Change = (s: Session, inode: number, a: number, b: number) => number;

function changePath(s: Session, path: Path, last: LastLink, change: Change, a: number, b: number): number {
  return encodePath(s.first, path) || changing(s, changeFound, change, last, a, b);
}

function changeFound(s: Session, change: Change, lastLink: LastLink, a: number, b: number): number {
  const inode = find(s, s.first, lastLink);
  if (inode < 0) return inode;
  if (isReadOnly(s, inode)) return -EROFS;
  if (lacksBytes(s, inode)) return fault(s, inode, s.first.slot, s.first, s.first.end);
  const event = change(s, inode, a, b);
  if (event > 0) detach(s, inode);
  if (event > 0) notifyFound(s, s.first, inode, event);
  return MathMin(event, 0);
}

function changeOpened(s: Session, change: Change, file: number, a: number, b: number): number {
  const inode = openedInode(s, file);
  if (inode < 0) return inode;
  if (isReadOnly(s, inode)) return -EROFS;
  const word = openWord(s, file);
  if ((s.words[word + O_FLAGS] & O_FIXED) !== 0) return -EACCES;
  const event = change(s, inode, a, b);
  if (event > 0) detach(s, inode);
  if (event > 0) notifyOpened(s, word, event);
  return MathMin(event, 0);
}
