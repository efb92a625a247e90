import { NumberIsNaN } from "../../primordials/primordials.js";
import { EBADF, EISDIR, ENOENT, ENOSPC } from "../../syscall/errno.js";
import { unmapFrom } from "../block-map.js";
import { resize, sizeOf, writeData } from "../file-data.js";
import { I_CTIME, I_LINKS, I_MODE, I_MTIME, I_OPENS, S_INODE_TOP } from "../layout.js";
import { LAZY, MOUNTED, O_RDONLY, S_IFMT, S_IFREG } from "../modes.js";
import { closeFile, openedInode, openInode } from "../open-files.js";
import type { Session } from "../session.js";
import { putTime } from "../times.js";
import { inodeWord } from "../volume.js";
import { find, NO_FOLLOW } from "../walk.js";
import { isSpare } from "./place.js";

/** Inodes that are looked at under one lock. */
const BATCH = 4096;

/** Opens a file whose bytes are to be put; 0 if they are there, or the file is a program's own by now. */
export function beginContent(s: Session): number {
  const inode = find(s, s.first, NO_FOLLOW);
  if (inode < 0) return inode;
  const word = inodeWord(s, inode);
  const mode = s.words[word + I_MODE];
  if ((mode & S_IFMT) !== S_IFREG) return -EISDIR;
  if ((mode & (MOUNTED | LAZY)) !== (MOUNTED | LAZY)) return 0;
  unmapFrom(s, word, 0);
  return openInode(s, inode, O_RDONLY, s.first.slot);
}

/** Puts bytes at a place of it. Nobody reads them before they are all there. */
export function putContent(s: Session, file: number, bytes: Uint8Array, position: number): number {
  const inode = openedInode(s, file);
  if (inode < 0) return inode;
  const done = writeData(s, inode, bytes, 0, bytes.length, position);
  return done >= 0 && done < bytes.length ? -ENOSPC : done;
}

/** Closes it. All bytes are there where `size` says how many; else the file stays without. */
export function endContent(
  s: Session,
  file: number,
  size: number | null,
  mtime: number,
  ctime: number,
): number {
  const inode = openedInode(s, file);
  if (inode < 0) return -EBADF;
  const word = inodeWord(s, inode);
  if (size === null) unmapFrom(s, word, 0);
  else {
    resize(s, inode, size);
    if (!NumberIsNaN(mtime)) putTime(s, word + I_MTIME, mtime / 1000);
    if (!NumberIsNaN(ctime)) putTime(s, word + I_CTIME, ctime / 1000);
    s.words[word + I_MODE] &= ~LAZY;
  }
  return closeFile(s, file);
}

/** Puts all bytes of a file at once; 0 if they are there, or it is a program's own by now. */
export function putWhole(s: Session, bytes: Uint8Array, mtime: number, ctime: number): number {
  const file = beginContent(s);
  if (file <= 0) return file;
  const put = putContent(s, file, bytes, 0);
  const closed = endContent(s, file, put < 0 ? null : bytes.length, mtime, ctime);
  return put < 0 ? put : closed;
}

/**
 * Drops the bytes of files that can be brought again, of some inodes from `from` on. Answers the inode to go
 * on with, -ENOENT at the end.
 */
export function forgetContents(s: Session, from: number): number {
  const { words } = s;
  const end = from + BATCH;
  for (let inode = from; inode < end; inode++) {
    if (inode > words[S_INODE_TOP] || inode > s.inodes) return -ENOENT;
    const word = inodeWord(s, inode);
    const used = words[word + I_OPENS] > 0 || words[word + I_LINKS] !== 1 || sizeOf(s, word) === 0;
    if (used || !isSpare(s, inode)) continue;
    words[word + I_MODE] |= LAZY;
    unmapFrom(s, word, 0);
  }
  return end;
}
