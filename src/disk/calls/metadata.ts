import { lock, lockForChange } from "../lock.js";
import {
  accessInode,
  chmodInode,
  chownInode,
  giveStat,
  giveStatfs,
  takeStat,
  takeStatfs,
  utimesInode,
} from "../metadata.js";
import { openedInode } from "../open-files.js";
import type { Session } from "../session.js";
import type { Path, StatArray } from "../types.js";
import { FOLLOW, find, type LastLink } from "../walk.js";
import { enter, enterForChange, leave } from "./section.js";

export function stat(s: Session, path: Path, lastLink: LastLink, out: StatArray): number {
  const error = enter(s, path);
  return error < 0 ? error : answerStat(s, find(s, s.first, lastLink), out);
}

export function fstat(s: Session, file: number, out: StatArray): number {
  const error = lock(s);
  return error < 0 ? error : answerStat(s, openedInode(s, file), out);
}

function answerStat(s: Session, inode: number, out: StatArray): number {
  if (inode < 0) return leave(s, inode);
  takeStat(s, inode);
  leave(s, 0);
  giveStat(s, out);
  return 0;
}

export function statfs(s: Session, path: Path, out: StatArray): number {
  const error = enter(s, path);
  if (error < 0) return error;
  const inode = find(s, s.first, FOLLOW);
  takeStatfs(s);
  leave(s, 0);
  if (inode < 0) return inode;
  giveStatfs(s, out);
  return 0;
}

export function access(s: Session, path: Path, mode: number): number {
  const error = enter(s, path);
  if (error < 0) return error;
  const inode = find(s, s.first, FOLLOW);
  return leave(s, inode < 0 ? inode : accessInode(s, inode, mode));
}

export function chmod(s: Session, path: Path, mode: number): number {
  const error = enterForChange(s, path);
  if (error < 0) return error;
  const inode = find(s, s.first, FOLLOW);
  return leave(s, inode < 0 ? inode : chmodInode(s, inode, mode));
}

export function fchmod(s: Session, file: number, mode: number): number {
  const error = lockForChange(s);
  if (error < 0) return error;
  const inode = openedInode(s, file);
  return leave(s, inode < 0 ? inode : chmodInode(s, inode, mode));
}

export function chown(s: Session, path: Path, lastLink: LastLink, uid: number, gid: number): number {
  const error = enterForChange(s, path);
  if (error < 0) return error;
  const inode = find(s, s.first, lastLink);
  return leave(s, inode < 0 ? inode : chownInode(s, inode, uid, gid));
}

export function fchown(s: Session, file: number, uid: number, gid: number): number {
  const error = lockForChange(s);
  if (error < 0) return error;
  const inode = openedInode(s, file);
  return leave(s, inode < 0 ? inode : chownInode(s, inode, uid, gid));
}

export function utimes(s: Session, path: Path, lastLink: LastLink, atime: number, mtime: number): number {
  const error = enterForChange(s, path);
  if (error < 0) return error;
  const inode = find(s, s.first, lastLink);
  return leave(s, inode < 0 ? inode : utimesInode(s, inode, atime, mtime));
}

export function futimes(s: Session, file: number, atime: number, mtime: number): number {
  const error = lockForChange(s);
  if (error < 0) return error;
  const inode = openedInode(s, file);
  return leave(s, inode < 0 ? inode : utimesInode(s, inode, atime, mtime));
}
