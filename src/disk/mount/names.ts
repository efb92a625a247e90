import { EBUSY, ENOENT, ENOSPC, ENOTDIR, ENOTEMPTY } from "../../syscall/errno.js";
import { mapNewBlock } from "../block-map.js";
import { hashByte, hashSeed } from "../buckets.js";
import { blockByte, copyBytes } from "../bytes.js";
import { dropInode, fileSize, makeInode, setFileSize } from "../inodes.js";
import {
  DIRECTORY_SIZE,
  I_COUNT,
  I_CTIME,
  I_FILLED,
  I_LINKS,
  I_MODE,
  I_MTIME,
  I_OWN_NAME,
  I_PARENT,
  N_INODE,
  S_FILLED,
} from "../layout.js";
import { LAZY, MOUNTED, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG, SEALED } from "../modes.js";
import { isMountPoint } from "../mounted.js";
import { addName, findName, nameWord, removeName } from "../names.js";
import { releaseDirectory, releaseLink } from "../remove.js";
import type { Session } from "../session.js";
import { putTime } from "../times.js";
import { changeResolution, inodeWord, isDirectory, isLink } from "../volume.js";
import { find, NO_FOLLOW } from "../walk.js";
import { MOUNT_OWNER } from "./place.js";

/** A file, directory or link as its mount has it. */
export interface MountedEntry {
  readonly name: Uint8Array;
  /** Type and permissions; a link without permissions may not be followed. */
  readonly mode: number;
  readonly size: number;
  /** Milliseconds since 1970. */
  readonly mtime: number;
  readonly ctime: number;
  /** The text of a link, 1 to 4095 bytes; null for anything else. */
  readonly target: Uint8Array | null;
}

/** Where the path leads: a directory that is still as its mount has it, or an error. */
export function mountedDirectory(s: Session): number {
  const inode = find(s, s.first, NO_FOLLOW);
  if (inode < 0) return inode;
  if (!isDirectory(s, inode)) return -ENOTDIR;
  return (s.words[inodeWord(s, inode) + I_MODE] & MOUNTED) === 0 ? -EBUSY : inode;
}

/** Puts entries `from` to `to` into a directory, and answers how many names it has; what a program has changed stays. */
export function putEntries(s: Session, entries: readonly MountedEntry[], from: number, to: number): number {
  const directory = mountedDirectory(s);
  for (let i = from; i < to && directory > 0; i++) {
    const error = putEntry(s, directory, entries[i] as MountedEntry);
    if (error < 0) return error;
  }
  return directory < 0 ? directory : s.words[inodeWord(s, directory) + I_COUNT];
}

function putEntry(s: Session, directory: number, entry: MountedEntry): number {
  const { name } = entry;
  const hash = hashOf(directory, name);
  const slot = findName(s, directory, hash, name, 0, name.length);
  const there = slot === 0 ? 0 : s.words[nameWord(s, slot) + N_INODE];
  if (there > 0 && (isOwn(s, there) || keep(s, there, entry))) return 0;
  // A directory has to be emptied first.
  if (there > 0 && isDirectory(s, there)) return -ENOTEMPTY;
  const inode = makeMounted(s, directory, entry);
  if (inode < 0) return inode;
  const link = (entry.mode & S_IFMT) === S_IFLNK;
  if (there > 0) {
    s.words[nameWord(s, slot) + N_INODE] = inode;
    settle(s, directory, inode, slot);
    if (link || isLink(s, there)) changeResolution(s);
    releaseLink(s, there);
    return 0;
  }
  const added = addName(s, directory, inode, hash, name, 0, name.length);
  if (added === 0) {
    dropInode(s, inode);
    return -ENOSPC;
  }
  settle(s, directory, inode, added);
  if (link) changeResolution(s);
  return 0;
}

function hashOf(directory: number, name: Uint8Array): number {
  let hash = hashSeed(directory);
  for (let i = 0; i < name.length; i++) hash = hashByte(hash, name[i] as number);
  return hash;
}

/** Whether a program has made or changed it. */
function isOwn(s: Session, inode: number): boolean {
  return (s.words[inodeWord(s, inode) + I_MODE] & MOUNTED) === 0;
}

/** Whether what is there is the entry, with the same content as before. */
function keep(s: Session, inode: number, { mode, size, mtime, ctime }: MountedEntry): boolean {
  const { words } = s;
  const word = inodeWord(s, inode);
  if ((words[word + I_MODE] & S_IFMT) !== (mode & S_IFMT)) return false;
  const directory = (mode & S_IFMT) === S_IFDIR;
  const before = [
    words[word + I_MTIME],
    words[word + I_MTIME + 1],
    words[word + I_CTIME],
    words[word + I_CTIME + 1],
  ];
  putTime(s, word + I_MTIME, mtime / 1000);
  putTime(s, word + I_CTIME, ctime / 1000);
  if (directory) {
    words[word + I_MODE] = (words[word + I_MODE] & ~0o777) | (mode & 0o777);
    return true;
  }
  return (
    fileSize(s, word) === size &&
    before[0] === words[word + I_MTIME] &&
    before[1] === words[word + I_MTIME + 1] &&
    before[2] === words[word + I_CTIME] &&
    before[3] === words[word + I_CTIME + 1]
  );
}

/** A new inode without a name, or an error. */
function makeMounted(
  s: Session,
  directory: number,
  { mode, size, mtime, ctime, target }: MountedEntry,
): number {
  const type = mode & S_IFMT;
  const sealed = s.words[inodeWord(s, directory) + I_MODE] & SEALED;
  const lazy = type === S_IFREG && size > 0 ? LAZY : 0;
  const inode = makeInode(s, (mode & (S_IFMT | 0o777)) | MOUNTED | sealed | lazy, MOUNT_OWNER, MOUNT_OWNER);
  if (inode === 0) return -ENOSPC;
  const word = inodeWord(s, inode);
  putTime(s, word + I_MTIME, mtime / 1000);
  putTime(s, word + I_CTIME, ctime / 1000);
  setFileSize(s, word, type === S_IFDIR ? DIRECTORY_SIZE : size);
  if (type === S_IFDIR) {
    s.words[word + I_PARENT] = directory;
    s.words[word + I_FILLED] = s.words[S_FILLED] - 1;
  }
  if (target !== null && !putTarget(s, word, target)) {
    dropInode(s, inode);
    return -ENOSPC;
  }
  return inode;
}

function putTarget(s: Session, word: number, target: Uint8Array): boolean {
  const block = mapNewBlock(s, word, 0, 0, true);
  if (block === 0) return false;
  copyBytes(s.bytes, blockByte(s, block), target, 0, target.length);
  setFileSize(s, word, target.length);
  return true;
}

/** Counts the name that an inode has got. */
function settle(s: Session, directory: number, inode: number, slot: number): void {
  const word = inodeWord(s, inode);
  if (!isDirectory(s, inode)) {
    s.words[word + I_LINKS] = 1;
    return;
  }
  s.words[word + I_LINKS] = 2;
  s.words[word + I_OWN_NAME] = slot;
  s.words[inodeWord(s, directory) + I_LINKS]++;
}

/** Says whether the directory has all of its names. */
export function setFilled(s: Session, filled: boolean): number {
  const directory = mountedDirectory(s);
  if (directory < 0) return directory;
  s.words[inodeWord(s, directory) + I_FILLED] = s.words[S_FILLED] - (filled ? 0 : 1);
  return 0;
}

/**
 * Takes away what its mount hasn't any more: a file, a link or an empty directory; 1 for a directory that
 * has to be emptied first. What a program has changed stays.
 */
export function dropEntry(s: Session): number {
  const { first } = s;
  const inode = find(s, first, NO_FOLLOW);
  if (inode < 0) return inode === -ENOENT ? 0 : inode;
  if (isOwn(s, inode) || first.slot === 0 || isMountPoint(s, inode)) return 0;
  const directory = isDirectory(s, inode);
  if (directory && s.words[inodeWord(s, inode) + I_COUNT] > 0) return 1;
  if (directory || isLink(s, inode)) changeResolution(s);
  removeName(s, first.slot);
  if (directory) releaseDirectory(s, first.parent, inode);
  else releaseLink(s, inode);
  return 0;
}
