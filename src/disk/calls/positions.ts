/** What an open file description has of its own: its position and flags. */
import { EBADF, EINVAL, ESPIPE } from "../../syscall/errno.js";
import { sizeOf } from "../file-data.js";
import { I_MODE, O_FLAGS } from "../layout.js";
import { O_APPEND, O_NONBLOCK, S_IFCHR, S_IFIFO, S_IFMT } from "../modes.js";
import { openedInode, openWord, positionOf, setPosition } from "../open-files.js";
import type { Session } from "../session.js";
import { inodeWord } from "../volume.js";
import { locked } from "./section.js";

const CURRENT = 1;
const END = 2;
const MAX_POSITION = 2 ** 53 - 1;
const changeable = O_APPEND | O_NONBLOCK;

export function seek(s: Session, file: number, offset: number, whence: number): number {
  return locked(s, seekLocked, file, offset, whence);
}

function seekLocked(s: Session, file: number, offset: number, whence: number): number {
  const word = openWord(s, file);
  const inode = openedInode(s, file);
  if (word === 0 || inode < 0) return -EBADF;
  const type = s.words[inodeWord(s, inode) + I_MODE] & S_IFMT;
  if (type === S_IFIFO) return -ESPIPE;
  if (type === S_IFCHR) return 0;
  const from = whence === CURRENT ? positionOf(s, word) : whence === END ? sizeOf(s, inodeWord(s, inode)) : 0;
  const position = from + offset;
  if (!(position >= 0 && position <= MAX_POSITION)) return -EINVAL;
  setPosition(s, word, position);
  return position;
}

export function setFlags(s: Session, file: number, flags: number): number {
  return locked(s, setFlagsLocked, file, flags);
}

function setFlagsLocked(s: Session, file: number, flags: number): number {
  const word = openWord(s, file);
  if (word === 0) return -EBADF;
  s.words[word + O_FLAGS] = (s.words[word + O_FLAGS] & ~changeable) | (flags & changeable);
  return 0;
}
