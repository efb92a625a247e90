import { ECONNREFUSED, EEXIST, EINVAL, ENOENT, ENOSPC, ENOTDIR, EPERM } from "../syscall/errno.js";
import { makeNode } from "./create.js";
import { dropInode, makeInode } from "./inodes.js";
import { I_DEVICE, I_MODE, S_VIRTUAL } from "./layout.js";
import {
  MAY_WRITE,
  MODE_BITS,
  O_RDONLY,
  O_WRONLY,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
} from "./modes.js";
import { closeFile, joinEnds, openInode } from "./open-files.js";
import { LAST_NAME, type PathBuffer } from "./path.js";
import { permit } from "./permissions.js";
import { joinPipe, pipeRefusal } from "./pipe.js";
import type { Session } from "./session.js";
import { inodeWord, isDirectory } from "./volume.js";
import { FOLLOW, find, NO_FOLLOW, PARENT, walk } from "./walk.js";

/** Makes a file, a pipe, a socket or a device, as the type in `mode` says. */
export function mknodPath(s: Session, p: PathBuffer, mode: number, device: number): number {
  const type = (mode & S_IFMT) === 0 ? S_IFREG : mode & S_IFMT;
  if (type !== S_IFREG && type !== S_IFIFO && type !== S_IFSOCK && type !== S_IFCHR)
    return type === S_IFDIR ? -EPERM : -EINVAL;
  const there = walk(s, p, PARENT);
  if (there !== 0) return there < 0 ? there : -EEXIST;
  if (p.slash || p.last !== LAST_NAME) return -ENOENT;
  if (type === S_IFCHR && s.credentials.uid !== 0) return -EPERM;
  const inode = makeNode(s, p, type | (mode & ~s.credentials.umask & MODE_BITS));
  if (inode < 0) return inode;
  if (type === S_IFCHR || type === S_IFSOCK) s.words[inodeWord(s, inode) + I_DEVICE] = device;
  return 0;
}

/** Has an existing directory be the one whose files are virtual. */
export function makeVirtual(s: Session, p: PathBuffer): number {
  const inode = find(s, p, NO_FOLLOW);
  if (inode < 0) return inode;
  if (!isDirectory(s, inode)) return -ENOTDIR;
  s.words[S_VIRTUAL] = inode;
  return 0;
}

/** Makes a pipe without a name, and opens both its ends: first the one to read from. */
export function makePipe(s: Session, ends: Int32Array, flags: number): number {
  const inode = makeInode(s, S_IFIFO | 0o600, s.credentials.uid, s.credentials.gid);
  if (inode === 0) return -ENOSPC;
  const refusal = pipeRefusal(s, inode, O_RDONLY, 0);
  const reading = refusal < 0 ? refusal : openInode(s, inode, O_RDONLY | flags, 0);
  if (reading < 0) {
    dropInode(s, inode);
    return reading;
  }
  joinPipe(s, reading, inode, O_RDONLY);
  const writing = openInode(s, inode, O_WRONLY | flags, 0);
  if (writing < 0) {
    closeFile(s, reading);
    return writing;
  }
  joinPipe(s, writing, inode, O_WRONLY);
  ends[0] = reading;
  ends[1] = writing;
  return 0;
}

/** Makes two ends without a name, of which each reads what is written at the other. */
export function makePair(s: Session, ends: Int32Array): number {
  const made = makePipe(s, ends, 0);
  if (made < 0) return made;
  const reading = ends[0] as number;
  const writing = ends[1] as number;
  const more = makePipe(s, ends, 0);
  if (more < 0) {
    closeFile(s, reading);
    closeFile(s, writing);
    return more;
  }
  joinEnds(s, reading, ends[1] as number);
  joinEnds(s, ends[0] as number, writing);
  ends[1] = ends[0] as number;
  ends[0] = reading;
  return 0;
}

/** The number of who is bound to a socket's name; -ECONNREFUSED for any other file. */
export function socketNumber(s: Session, p: PathBuffer): number {
  const inode = find(s, p, FOLLOW);
  if (inode < 0) return inode;
  const word = inodeWord(s, inode);
  const error = permit(s, inode, MAY_WRITE);
  if (error < 0) return error;
  return (s.words[word + I_MODE] & S_IFMT) === S_IFSOCK
    ? s.words[word + I_DEVICE] & 0x7fffffff
    : -ECONNREFUSED;
}
