import { EEXIST, EINVAL, EISDIR, ELOOP, ENOENT, ENOSPC, ENOTDIR } from "../syscall/errno.js";
import { resize } from "./file-data.js";
import { dropInode, makeInode, setFileSize, stamp } from "./inodes.js";
import {
  DIRECTORY_SIZE,
  I_CTIME,
  I_GID,
  I_LINKS,
  I_MODE,
  I_MTIME,
  I_OWN_NAME,
  I_PARENT,
  S_VIRTUAL,
} from "./layout.js";
import {
  IN_CREATE,
  MAY_READ,
  MAY_WRITE,
  MODE_BITS,
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_ISGID,
  S_IXGRP,
} from "./modes.js";
import { detach, fault, lacksBytes } from "./mounted.js";
import { addName } from "./names.js";
import { notifyName } from "./notify.js";
import type { PathBuffer } from "./path.js";
import { forfeitedBits, hasGroup, permit, permitChange } from "./permissions.js";
import type { Session } from "./session.js";
import { inodeWord } from "./volume.js";
import { CREATE, CREATE_HERE, FOLLOW, isRemoved, NO_FOLLOW, walk } from "./walk.js";

/** Gives `inode` the name that a walk found missing, and answers its slot, or a negative error. */
export function enterName(s: Session, p: PathBuffer, inode: number): number {
  const slot = addName(s, p.parent, inode, p.hash, p.bytes, p.nameStart, p.nameEnd - p.nameStart);
  if (slot === 0) return -ENOSPC;
  touchDirectory(s, p.parent);
  return slot;
}

/** Notes that a directory's names have changed. */
export function touchDirectory(s: Session, directory: number): void {
  const word = inodeWord(s, directory);
  detach(s, directory);
  stamp(s, word, I_MTIME);
  stamp(s, word, I_CTIME);
}

/** Makes a file, directory or link where a walk found nothing. `mode` has the type; answers the inode. */
export function makeNode(s: Session, p: PathBuffer, mode: number): number {
  // Nothing can be made where names lead nowhere.
  if (isRemoved(s, p.parent) || p.parent === s.words[S_VIRTUAL]) return -ENOENT;
  const error = permitChange(s, p.parent);
  if (error < 0) return error;
  const parent = inodeWord(s, p.parent);
  const directory = (mode & S_IFMT) === S_IFDIR;
  const inherits = (s.words[parent + I_MODE] & S_ISGID) !== 0;
  const gid = inherits ? s.words[parent + I_GID] : s.credentials.gid;
  const inode = makeInode(s, inherits ? inheritedMode(s, mode, gid) : mode, s.credentials.uid, gid);
  if (inode === 0) return -ENOSPC;
  const word = inodeWord(s, inode);
  if (directory) {
    s.words[word + I_PARENT] = p.parent;
    setFileSize(s, word, DIRECTORY_SIZE);
  }
  const slot = enterName(s, p, inode);
  p.slot = slot;
  if (slot < 0) {
    dropInode(s, inode);
    return slot;
  }
  s.words[word + I_LINKS] = directory ? 2 : 1;
  if (directory) {
    s.words[word + I_OWN_NAME] = slot;
    s.words[parent + I_LINKS]++;
  }
  notifyName(s, p, inode, IN_CREATE);
  return inode;
}

/** The mode of what is made in a directory that passes its group on. */
function inheritedMode(s: Session, mode: number, gid: number): number {
  if ((mode & S_IFMT) === S_IFDIR) return mode | S_ISGID;
  return (mode & S_IXGRP) !== 0 && !hasGroup(s, gid) ? mode & ~S_ISGID : mode;
}

/**
 * Finds or makes the file that `open` is about, and answers its inode. `O_TRUNC` is left to the caller,
 * which may be about to overwrite the file in place.
 */
export function openPath(s: Session, p: PathBuffer, flags: number, mode: number): number {
  if ((flags & O_CREAT) !== 0) return openOrCreate(s, p, flags, mode);
  const inode = walk(s, p, (flags & O_NOFOLLOW) !== 0 ? NO_FOLLOW : FOLLOW);
  if (inode === 0) return -ENOENT;
  return inode < 0 ? inode : openWhole(s, p, inode, flags);
}

/** As `openExisting`, of a file whose bytes a mount may have to bring first. */
function openWhole(s: Session, p: PathBuffer, inode: number, flags: number): number {
  const opened = openExisting(s, inode, flags);
  return opened > 0 && lacksBytes(s, inode) ? fault(s, inode, p.slot, p, p.end) : opened;
}

function openOrCreate(s: Session, p: PathBuffer, flags: number, mode: number): number {
  if ((flags & O_DIRECTORY) !== 0) return -EINVAL;
  const inode = walk(s, p, (flags & (O_NOFOLLOW | O_EXCL)) !== 0 ? CREATE_HERE : CREATE);
  if (inode < 0) return inode;
  if (inode !== 0) {
    if ((flags & O_EXCL) !== 0) return -EEXIST;
    return openWhole(s, p, inode, flags);
  }
  return makeNode(s, p, S_IFREG | (mode & ~s.credentials.umask & MODE_BITS));
}

/** Whether what is open or there already may be opened so: the inode, or an error. */
export function openExisting(s: Session, inode: number, flags: number): number {
  const type = s.words[inodeWord(s, inode) + I_MODE] & S_IFMT;
  if (type === S_IFLNK) return (flags & O_DIRECTORY) !== 0 ? -ENOTDIR : -ELOOP;
  const access = flags & O_ACCMODE;
  if (type === S_IFDIR) {
    if (access !== O_RDONLY || (flags & (O_CREAT | O_TRUNC)) !== 0) return -EISDIR;
  } else if ((flags & O_DIRECTORY) !== 0) return -ENOTDIR;
  const reads = access === O_WRONLY ? 0 : MAY_READ;
  const writes = access === O_RDONLY && (flags & O_TRUNC) === 0 ? 0 : MAY_WRITE;
  const error = permit(s, inode, reads | writes);
  return error < 0 ? error : inode;
}

/** Whether `O_TRUNC` is about the file that `openPath` has just answered: one that it made has lost nothing. */
export function isTruncated(p: PathBuffer, flags: number): boolean {
  return (flags & O_TRUNC) !== 0 && p.inode !== 0;
}

/** Sets a file's length, and its times even if that is the old one. */
export function truncateInode(s: Session, inode: number, length: number): void {
  resize(s, inode, length);
  touchFile(s, inode);
}

/** Notes that a file's data has changed. */
export function touchFile(s: Session, inode: number): void {
  const word = inodeWord(s, inode);
  if (s.credentials.uid !== 0) s.words[word + I_MODE] &= ~forfeitedBits(s, word);
  detach(s, inode);
  stamp(s, word, I_MTIME);
  stamp(s, word, I_CTIME);
}
