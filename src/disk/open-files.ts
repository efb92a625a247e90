import { EBADF, ENFILE, ENOTCONN } from "../syscall/errno.js";
import { dropInode } from "./inodes.js";
import {
  I_MODE,
  I_OPENS,
  O_FLAGS,
  O_HINT,
  O_INODE,
  O_NAME,
  O_PEER,
  O_POSITION,
  O_REFS,
  OPEN_FILES,
  OPEN_WORDS,
  S_OPEN_FREE_LIST,
  S_OPEN_TOP,
} from "./layout.js";
import { O_ACCMODE, O_RDONLY, O_WRONLY, S_IFIFO, S_IFMT } from "./modes.js";
import { leavePipe } from "./pipe.js";
import { inodeWord, type Volume } from "./volume.js";

const MAX_POSITION = 2 ** 53 - 1;

/* Open file descriptions: what the descriptors of all guest processes refer to. */

/** The first word of an entry, or 0 if `file` is no open file. */
export function openWord(v: Volume, file: number): number {
  if (!(file > 0 && file <= OPEN_FILES && file <= v.words[S_OPEN_TOP])) return 0;
  const word = v.openBase + file * OPEN_WORDS;
  return v.words[word + O_REFS] > 0 ? word : 0;
}

/** Opens an inode by the name in `slot`. The count of references, which makes the entry real, comes last. */
export function openInode(v: Volume, inode: number, flags: number, slot: number): number {
  const { words } = v;
  const file = takeEntry(v);
  if (file === 0) return -ENFILE;
  const word = v.openBase + file * OPEN_WORDS;
  words[inodeWord(v, inode) + I_OPENS]++;
  words[word + O_INODE] = inode;
  words[word + O_FLAGS] = flags;
  words[word + O_NAME] = slot;
  words[word + O_HINT] = 0;
  v.doubles[(word + O_POSITION) >>> 1] = 0;
  words[word + O_REFS] = 1;
  return file;
}

function takeEntry(v: Volume): number {
  const { words } = v;
  const head = words[S_OPEN_FREE_LIST];
  if (head > 0 && head <= OPEN_FILES && words[v.openBase + head * OPEN_WORDS + O_REFS] === 0) {
    words[S_OPEN_FREE_LIST] = words[v.openBase + head * OPEN_WORDS + O_HINT];
    return head;
  }
  const fresh = words[S_OPEN_TOP] + 1;
  if (!(fresh > 0 && fresh <= OPEN_FILES)) return 0;
  words[v.openBase + fresh * OPEN_WORDS + O_REFS] = 0;
  words[S_OPEN_TOP] = fresh;
  return fresh;
}

/** Drops a reference; with the last one the file is closed, and goes if it has no name left. */
export function closeFile(v: Volume, file: number): number {
  const { words } = v;
  const word = openWord(v, file);
  if (word === 0) return -EBADF;
  if (--words[word + O_REFS] > 0) return 0;
  const peer = peerOf(v, file);
  forget(v, file, word);
  const other = openWord(v, peer);
  if (other !== 0 && --words[other + O_REFS] === 0) forget(v, peer, other);
  return 0;
}

/** The open file that writes to this one go to: itself, unless the two are an end of a pair. */
export function writingEnd(v: Volume, file: number): number {
  return peerOf(v, file) || file;
}

/** Makes a reading and a writing end one; the writing end's reference is the other's from now on. */
export function joinEnds(v: Volume, reading: number, writing: number): void {
  v.words[openWord(v, reading) + O_PEER] = writing;
}

/** Ends what an end of a pair can write: the other reads to its end. -ENOTCONN for anything else. */
export function endWriting(v: Volume, file: number): number {
  const word = openWord(v, file);
  const peer = word === 0 ? 0 : peerOf(v, file);
  const other = openWord(v, peer);
  if (other === 0) return -ENOTCONN;
  v.words[word + O_PEER] = 0;
  if (--v.words[other + O_REFS] === 0) forget(v, peer, other);
  return 0;
}

/** 0 for what is no end of a pair. Read of an entry that may just have lost its last reference. */
function peerOf(v: Volume, file: number): number {
  if (!(file > 0 && file <= OPEN_FILES)) return 0;
  const word = v.openBase + file * OPEN_WORDS;
  const inode = v.words[word + O_INODE];
  if (!(inode > 0 && inode <= v.inodes)) return 0;
  const pipe = (v.words[inodeWord(v, inode) + I_MODE] & S_IFMT) === S_IFIFO;
  return pipe ? v.words[word + O_PEER] : 0;
}

/** Frees the entry of a file without references. */
function forget(v: Volume, file: number, word: number): void {
  const { words } = v;
  words[word + O_HINT] = words[S_OPEN_FREE_LIST];
  words[S_OPEN_FREE_LIST] = file;
  const inode = words[word + O_INODE];
  const target = inodeWord(v, inode);
  if (words[target + I_OPENS] > 0) words[target + I_OPENS]--;
  if ((words[target + I_MODE] & S_IFMT) === S_IFIFO) leavePipe(v, inode, words[word + O_FLAGS]);
  if (words[target + I_MODE] !== 0) dropInode(v, inode);
}

export function addReference(v: Volume, file: number): number {
  const word = openWord(v, file);
  if (word === 0) return -EBADF;
  v.words[word + O_REFS]++;
  return file;
}

/** The inode of an open file, or -EBADF. */
export function openedInode(v: Volume, file: number): number {
  const word = openWord(v, file);
  if (word === 0) return -EBADF;
  const inode = v.words[word + O_INODE];
  return inode > 0 && inode <= v.inodes ? inode : -EBADF;
}

export function canRead(v: Volume, word: number): boolean {
  return (v.words[word + O_FLAGS] & O_ACCMODE) !== O_WRONLY;
}

export function canWrite(v: Volume, word: number): boolean {
  return (v.words[word + O_FLAGS] & O_ACCMODE) !== O_RDONLY;
}

/** The position as far as it is believed. */
export function positionOf(v: Volume, word: number): number {
  const position = v.doubles[(word + O_POSITION) >>> 1];
  return position > 0 && position <= MAX_POSITION ? position : 0;
}

export function setPosition(v: Volume, word: number, position: number): void {
  v.doubles[(word + O_POSITION) >>> 1] = position;
}

/** Has the openers of an inode know it by its new name. */
export function renameOpened(v: Volume, inode: number, from: number, to: number): void {
  const { words } = v;
  for (let file = 1; file <= words[S_OPEN_TOP] && file <= OPEN_FILES; file++) {
    const word = v.openBase + file * OPEN_WORDS;
    if (words[word + O_INODE] === inode && words[word + O_NAME] === from) words[word + O_NAME] = to;
  }
}
