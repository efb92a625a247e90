import { EACCES, EPERM, EROFS } from "../syscall/errno.js";
import { I_GID, I_MODE, I_UID } from "./layout.js";
import {
  MAY_EXECUTE,
  MAY_WRITE,
  MOUNTED,
  S_IFDIR,
  S_IFMT,
  S_ISGID,
  S_ISUID,
  S_ISVTX,
  S_IXGRP,
  SEALED,
} from "./modes.js";
import type { Session } from "./session.js";
import { inodeWord } from "./volume.js";

/** Whether the caller may do all of `wanted` (`MAY_…`) with the inode: 0, -EACCES or -EROFS. */
export function permit(s: Session, inode: number, wanted: number): number {
  const { uid, gid } = s.credentials;
  const word = inodeWord(s, inode);
  const mode = s.words[word + I_MODE];
  if (uid === 0) {
    if ((wanted & MAY_WRITE) !== 0 && isReadOnly(s, inode)) return -EROFS;
    const blind = (wanted & MAY_EXECUTE) !== 0 && (mode & S_IFMT) !== S_IFDIR && (mode & 0o111) === 0;
    return blind ? -EACCES : 0;
  }
  if ((wanted & MAY_WRITE) !== 0 && (mode & SEALED) !== 0) return -EROFS;
  const shift = s.words[word + I_UID] === (uid | 0) ? 6 : s.words[word + I_GID] === (gid | 0) ? 3 : 0;
  return ((mode >>> shift) & wanted) === wanted ? 0 : -EACCES;
}

/** Whether nobody may change the file or directory, its owner and the superuser included. */
export function isReadOnly(s: Session, inode: number): boolean {
  return (s.words[inodeWord(s, inode) + I_MODE] & (MOUNTED | SEALED)) === (MOUNTED | SEALED);
}

/** Whether the caller may change names in a directory. */
export function permitChange(s: Session, directory: number): number {
  return permit(s, directory, MAY_WRITE | MAY_EXECUTE);
}

/** Whether the caller may take the name of `inode` out of a directory. */
export function permitRemoval(s: Session, directory: number, inode: number): number {
  const error = permitChange(s, directory);
  if (error < 0) return error;
  const sticky = (s.words[inodeWord(s, directory) + I_MODE] & S_ISVTX) !== 0;
  return sticky && !owns(s, inode) && !owns(s, directory) ? -EPERM : 0;
}

/** Whether the caller sees two directories as of two file systems: one that can be written and one that can't. */
export function isAcross(s: Session, one: number, other: number): boolean {
  const { words, credentials } = s;
  const differing = words[inodeWord(s, one) + I_MODE] ^ words[inodeWord(s, other) + I_MODE];
  return credentials.uid !== 0 && (differing & SEALED) !== 0;
}

/** Why somebody who is not the owner may not change what only an owner may. */
export function refusal(s: Session, inode: number): number {
  return (s.words[inodeWord(s, inode) + I_MODE] & SEALED) !== 0 ? -EROFS : -EPERM;
}

/** Whether the caller is the owner or the superuser. */
export function owns(s: Session, inode: number): boolean {
  const { uid } = s.credentials;
  return uid === 0 || s.words[inodeWord(s, inode) + I_UID] === (uid | 0);
}

/** Whether the caller is of the group or the superuser. */
export function hasGroup(s: Session, gid: number): boolean {
  const { credentials } = s;
  return credentials.uid === 0 || (credentials.gid | 0) === gid;
}

/** The bits that a file loses with a new owner or new data: it would run as somebody else with them. */
export function forfeitedBits(s: Session, word: number): number {
  const mode = s.words[word + I_MODE];
  const group = (mode & S_IXGRP) !== 0 || !hasGroup(s, s.words[word + I_GID]) ? S_ISGID : 0;
  return mode & (S_ISUID | group);
}
