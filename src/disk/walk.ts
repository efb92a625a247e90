import { EACCES, EISDIR, ELOOP, ENAMETOOLONG, ENOENT, ENOTDIR, EREMOTE, ERESTART } from "../syscall/errno.js";
import { mappedBlock } from "./block-map.js";
import { hashByte, hashSeed } from "./buckets.js";
import { blockByte, copyBytes } from "./bytes.js";
import { sizeOf } from "./file-data.js";
import { I_LINKS, I_MODE, I_PARENT, N_INODE, NAME_MAX, ROOT, S_RESOLUTION, S_VIRTUAL } from "./layout.js";
import { MAY_EXECUTE, MODE_BITS, S_IFDIR, S_IFLNK, S_IFMT } from "./modes.js";
import { fault, lacksNames } from "./mounted.js";
import { findName, nameWord } from "./names.js";
import {
  LAST_DOT,
  LAST_DOT_DOT,
  LAST_NAME,
  LAST_ROOT,
  MAX_LINKS,
  PATH_MAX,
  PATH_START,
  type PathBuffer,
} from "./path.js";
import { permit } from "./permissions.js";
import { noteRead } from "./read-times.js";
import { directoryOf, type Session } from "./session.js";
import { inodeWord } from "./volume.js";

/** What to do with a symbolic link that is the last component. */
export type LastLink = typeof FOLLOW | typeof NO_FOLLOW | typeof PARENT | typeof CREATE | typeof CREATE_HERE;
export const FOLLOW = 0;
/** The link itself, unless slashes follow it. */
export const NO_FOLLOW = 1;
/** The link itself: the call is about the name (to make, remove or move it). */
export const PARENT = 2;
/** As `FOLLOW` and `NO_FOLLOW`, for a file that may be made: slashes after it are an error. */
export const CREATE = 3;
export const CREATE_HERE = 4;

const SLASH = 47;
const DOT = 46;

/**
 * Goes along the path in `p`, which `encodePath` filled. Answers the inode, or 0 if only the last
 * component is missing (then `p` says where it would be), or a negative error.
 */
export function walk(s: Session, p: PathBuffer, lastLink: LastLink): number {
  let at = PATH_START;
  let directory = startOf(s, p);
  if (directory < 0) return directory;
  for (let links = 0; links <= MAX_LINKS; ) {
    at = skipSlashes(p, at);
    const last = endOfWalk(s, p, directory, at);
    if (last !== 0) return last;
    const inode = step(s, p, directory, at, lastLink);
    if (inode < 0) return inode;
    const type = inode === 0 ? 0 : s.words[inodeWord(s, inode) + I_MODE] & S_IFMT;
    if (p.next >= p.end && !followsLast(p, type, lastLink)) return arrive(s, p, inode, lastLink);
    at = goOn(s, p, inode, type);
    if (at < 0) return at;
    if (type === S_IFDIR) directory = inode;
    else {
      links++;
      if (p.bytes[at] === SLASH) directory = ROOT;
    }
  }
  return -ELOOP;
}

function startOf(s: Session, p: PathBuffer): number {
  if (p.error < 0) return p.error;
  if (s.judged && s.resolution !== s.words[S_RESOLUTION]) return -ERESTART;
  if (p.bytes[PATH_START] === SLASH) return ROOT;
  const { cwd } = s.credentials;
  if (s.judged && s.judgedFrom !== cwd) return -ERESTART;
  return directoryOf(s, cwd) || -ENOENT;
}

/** What the walk answers if it has nowhere to go on from `directory`, else 0. */
function endOfWalk(s: Session, p: PathBuffer, directory: number, at: number): number {
  if (at >= p.end) return arriveAtRoot(p, directory);
  return s.leaves && directory === s.words[S_VIRTUAL] ? leave(s, p, at) : 0;
}

/** The rest of the path is not the disk's to walk. */
export function leave(s: Session, p: PathBuffer, at: number): number {
  s.remote = p;
  s.remoteAt = at;
  return -EREMOTE;
}

/** What `leave` has left, into `result`; answers its length. */
export function takeRemote(s: Session): number {
  const { remote, remoteAt } = s;
  const length = remote.end - remoteAt;
  copyBytes(s.result, 0, remote.bytes, remoteAt, length);
  return length;
}

/** Where the walk goes on after a component that is not the end of it. */
function goOn(s: Session, p: PathBuffer, inode: number, type: number): number {
  if (type === S_IFDIR) return p.next;
  if (inode === 0) return -ENOENT;
  return type === S_IFLNK ? expand(s, p, inode) : -ENOTDIR;
}

function skipSlashes(p: PathBuffer, from: number): number {
  let at = from;
  while (at < p.end && p.bytes[at] === SLASH) at++;
  return at;
}

/** Looks up the component that begins at `start`, and notes it in `p`. Answers its inode, or 0. */
function step(s: Session, p: PathBuffer, directory: number, start: number, lastLink: LastLink): number {
  const { bytes, end } = p;
  let at = start;
  let hash = hashSeed(directory);
  while (at < end && bytes[at] !== SLASH) hash = hashByte(hash, bytes[at++]);
  const length = at - start;
  p.parent = directory;
  p.nameStart = start;
  p.nameEnd = at;
  p.hash = hash;
  p.next = skipSlashes(p, at);
  p.slash = p.next > at;
  p.slot = 0;
  p.last = lastOf(bytes, start, length);
  if (permit(s, directory, MAY_EXECUTE) < 0) return -EACCES;
  if (p.slash && p.next >= end && lastLink >= CREATE && p.last === LAST_NAME) return -EISDIR;
  if (length > NAME_MAX) return -ENAMETOOLONG;
  if (p.last === LAST_DOT) return directory;
  if (p.last === LAST_DOT_DOT) return validInode(s, s.words[inodeWord(s, directory) + I_PARENT]);
  if (lacksNames(s, directory)) return fault(s, directory, 0, p, start);
  const slot = findName(s, directory, hash, bytes, start, length);
  if (slot === 0) return 0;
  p.slot = slot;
  return validInode(s, s.words[nameWord(s, slot) + N_INODE]);
}

function lastOf(bytes: Uint8Array, start: number, length: number): number {
  if (bytes[start] !== DOT || length > 2) return LAST_NAME;
  if (length === 1) return LAST_DOT;
  return bytes[start + 1] === DOT ? LAST_DOT_DOT : LAST_NAME;
}

function validInode(s: Session, inode: number): number {
  return inode > 0 && inode <= s.inodes ? inode : 0;
}

function followsLast(p: PathBuffer, type: number, lastLink: LastLink): boolean {
  if (type !== S_IFLNK) return false;
  return lastLink === FOLLOW || lastLink === CREATE || (p.slash && lastLink === NO_FOLLOW);
}

function arrive(s: Session, p: PathBuffer, inode: number, lastLink: LastLink): number {
  p.inode = inode;
  if (inode === 0) return 0;
  const word = inodeWord(s, inode);
  const mode = s.words[word + I_MODE];
  // A name that leads to no inode: only a hostile thread can have made it.
  if (mode === 0) return -ENOENT;
  if (p.slash && lastLink !== PARENT && (mode & S_IFMT) !== S_IFDIR) return -ENOTDIR;
  return inode;
}

function arriveAtRoot(p: PathBuffer, directory: number): number {
  p.parent = directory;
  p.nameStart = 0;
  p.nameEnd = 0;
  p.slot = 0;
  p.inode = directory;
  p.last = LAST_ROOT;
  p.slash = true;
  return directory;
}

/** Puts a link's target in front of the rest of the path, and answers where it begins. */
function expand(s: Session, p: PathBuffer, link: number): number {
  const word = inodeWord(s, link);
  const length = sizeOf(s, word);
  const block = mappedBlock(s, word, 0);
  const rest = p.nameEnd;
  if (isBarred(s, word)) return -EACCES;
  if (length === 0 || length > PATH_MAX || block === 0 || rest < length) return -ENOENT;
  copyBytes(p.bytes, rest - length, s.bytes, blockByte(s, block), length);
  noteRead(s, link);
  return rest - length;
}

/** Whether a link leads out of a mount, to where nobody may follow it. */
export function isBarred(s: Session, word: number): boolean {
  return (s.words[word + I_MODE] & MODE_BITS) === 0;
}

/** As `walk`, for calls that need the file to be there. */
export function find(s: Session, p: PathBuffer, lastLink: LastLink): number {
  const inode = walk(s, p, lastLink);
  return inode === 0 ? -ENOENT : inode;
}

/** Whether nothing may be made in the directory any more, since it has been removed. */
export function isRemoved(s: Session, directory: number): boolean {
  return s.words[inodeWord(s, directory) + I_LINKS] <= 0;
}
