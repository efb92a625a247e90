import { BigIntFrom, MathCeil, NumberIsNaN } from "../primordials/primordials.js";
import { EPERM } from "../syscall/errno.js";
import { freeBlocks } from "./blocks.js";
import { fileSize, stamp } from "./inodes.js";
import {
  BLOCK_SIZE,
  I_ATIME,
  I_BIRTHTIME,
  I_BLOCKS,
  I_CTIME,
  I_DEVICE,
  I_GID,
  I_LINKS,
  I_MODE,
  I_MTIME,
  I_UID,
  S_FREE_INODES,
} from "./layout.js";
import {
  IN_ATTRIB,
  IN_MODIFY,
  LAZY,
  MAY_EXECUTE,
  MAY_READ,
  MAY_WRITE,
  MODE_BITS,
  S_IFCHR,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
  S_ISGID,
  SEALED,
  SHOWN,
  TMPFS_MAGIC,
} from "./modes.js";
import { forfeitedBits, hasGroup, owns, permit, refusal } from "./permissions.js";
import type { Session } from "./session.js";
import { putTime, unpackNanos, unpackSeconds } from "./times.js";
import type { StatArray } from "./types.js";
import { inodeWord } from "./volume.js";

const DEVICE = 1;
/** Every other type of a file has one of these bits. */
const NO_SPECIAL = S_IFDIR | S_IFREG;
const STAT_FIELDS = 18;
const STATFS_FIELDS = 7;

/** Copies what stat answers into the session's scratch. `inode` may be an error, which it answers. */
export function takeStat(s: Session, inode: number): number {
  if (inode < 0) return inode;
  const { words, stat } = s;
  const word = inodeWord(s, inode);
  stat[0] = DEVICE;
  const mode = words[word + I_MODE];
  stat[1] = mode & SHOWN;
  stat[2] = words[word + I_LINKS];
  stat[3] = words[word + I_UID] >>> 0;
  stat[4] = words[word + I_GID] >>> 0;
  stat[5] = 0;
  stat[6] = BLOCK_SIZE;
  stat[7] = inode;
  stat[8] = fileSize(s, word);
  stat[9] = words[word + I_BLOCKS] * (BLOCK_SIZE / 512);
  // As many as it will have.
  if ((mode & LAZY) !== 0) stat[9] = MathCeil(stat[8] / BLOCK_SIZE) * (BLOCK_SIZE / 512);
  if ((stat[1] & NO_SPECIAL) === 0) {
    if ((stat[1] & S_IFMT) === S_IFCHR) stat[5] = words[word + I_DEVICE] & 0x7fffffff;
    // A pipe's memory is not the file's.
    stat[9] = 0;
  }
  takeTime(s, word + I_ATIME, 10);
  takeTime(s, word + I_MTIME, 12);
  takeTime(s, word + I_CTIME, 14);
  takeTime(s, word + I_BIRTHTIME, 16);
  return 0;
}

function takeTime(s: Session, place: number, field: number): void {
  const high = s.words[place + 1];
  s.stat[field] = unpackSeconds(s.words[place], high);
  s.stat[field + 1] = unpackNanos(high);
}

export function takeStatfs(s: Session, inode: number): number {
  if (inode < 0) return inode;
  const { stat } = s;
  const free = freeBlocks(s);
  stat[0] = TMPFS_MAGIC;
  stat[1] = BLOCK_SIZE;
  stat[2] = s.blocks;
  stat[3] = free;
  stat[4] = free;
  stat[5] = s.inodes;
  stat[6] = s.words[S_FREE_INODES];
  return 0;
}

/** Hands the scratch over, outside the lock. */
export function giveStat(s: Session, out: StatArray): void {
  give(s, out, STAT_FIELDS);
}

export function giveStatfs(s: Session, out: StatArray): void {
  give(s, out, STATFS_FIELDS);
}

function give(s: Session, out: StatArray, fields: number): void {
  if (typeof out[0] === "number") {
    for (let i = 0; i < fields; i++) out[i] = s.stat[i];
    return;
  }
  for (let i = 0; i < fields; i++) {
    const value = s.stat[i];
    // A size that a hostile thread has made a fraction or NaN is no BigInt.
    out[i] = BigIntFrom(
      value >= -0x1fffffffffffff && value <= 0x1fffffffffffff && value % 1 === 0 ? value : 0,
    );
  }
}

export function accessInode(s: Session, inode: number, mode: number): number {
  return (mode & (MAY_READ | MAY_WRITE | MAY_EXECUTE)) === 0 ? 0 : permit(s, inode, mode & 7);
}

export function chmodInode(s: Session, inode: number, mode: number): number {
  if (!owns(s, inode)) return refusal(s, inode);
  const word = inodeWord(s, inode);
  const allowed = hasGroup(s, s.words[word + I_GID]) ? MODE_BITS : MODE_BITS & ~S_ISGID;
  s.words[word + I_MODE] = (s.words[word + I_MODE] & (S_IFMT | SEALED)) | (mode & allowed);
  stamp(s, word, I_CTIME);
  return IN_ATTRIB;
}

/** -1 (or 2^32 - 1) leaves an id as it is. */
export function chownInode(s: Session, inode: number, uid: number, gid: number): number {
  const { words } = s;
  const word = inodeWord(s, inode);
  const newUid = uid | 0;
  const newGid = gid | 0;
  const mode = words[word + I_MODE];
  const dropped = (mode & S_IFMT) === S_IFDIR ? 0 : forfeitedBits(s, word);
  if (!mayChown(s, inode, newUid, newGid) || (dropped !== 0 && !owns(s, inode))) return refusal(s, inode);
  words[word + I_MODE] = mode & ~dropped;
  if (newUid !== -1) words[word + I_UID] = newUid;
  if (newGid !== -1) words[word + I_GID] = newGid;
  stamp(s, word, I_CTIME);
  return newUid === -1 && newGid === -1 ? 0 : IN_ATTRIB;
}

/** Makes a file or directory the superuser's, which nobody else can change or change back. */
export function sealInode(s: Session, inode: number): number {
  if (s.credentials.uid !== 0) return -EPERM;
  const { words } = s;
  const word = inodeWord(s, inode);
  words[word + I_MODE] |= SEALED;
  words[word + I_UID] = 0;
  words[word + I_GID] = 0;
  stamp(s, word, I_CTIME);
  return IN_ATTRIB;
}

/** Who is not the superuser may give a file of its own to a group of its own. */
function mayChown(s: Session, inode: number, uid: number, gid: number): boolean {
  if (s.credentials.uid === 0 || (uid === -1 && gid === -1)) return true;
  if (!owns(s, inode)) return false;
  const word = inodeWord(s, inode);
  if (uid !== -1 && uid !== s.words[word + I_UID]) return false;
  return gid === -1 || gid === s.words[word + I_GID] || hasGroup(s, gid);
}

/** Seconds with a fraction; NaN leaves a time as it is, Infinity means now. */
export function utimesInode(s: Session, inode: number, atime: number, mtime: number): number {
  if (!owns(s, inode)) {
    const now = atime === Infinity && mtime === Infinity;
    const error = now ? permit(s, inode, MAY_WRITE) : refusal(s, inode);
    if (error < 0) return error;
  }
  const word = inodeWord(s, inode);
  stamp(s, word, I_CTIME);
  setTime(s, word, I_ATIME, atime);
  setTime(s, word, I_MTIME, mtime);
  if (NumberIsNaN(mtime)) return 0;
  return NumberIsNaN(atime) ? IN_MODIFY : IN_ATTRIB;
}

function setTime(s: Session, word: number, time: number, value: number): void {
  if (value === Infinity) stamp(s, word, time);
  else if (!NumberIsNaN(value)) putTime(s, word + time, value);
}
