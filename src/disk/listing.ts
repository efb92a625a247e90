import { EBADF, ENOTDIR } from "../syscall/errno.js";
import { I_FIRST_NAME, I_MODE, N_INODE, N_NEXT, N_PARENT, N_SEQUENCE, NAME_MAX, O_HINT } from "./layout.js";
import { fault, lacksNames } from "./mounted.js";
import { nameWord, readName } from "./names.js";
import { openedInode, openWord } from "./open-files.js";
import { noteRead } from "./read-times.js";
import { RESULT_SIZE, type Session } from "./session.js";
import { inodeWord, isDirectory } from "./volume.js";

/** As many entries are listed under one lock, of those that the arrays hold. */
const BATCH = 512;
const TYPE_SHIFT = 12;

/**
 * Lists a directory's next names. A cookie is the sequence number of the last one listed: names are kept
 * in that order, so that what others make or remove meanwhile neither hides nor repeats the rest.
 */
export function readEntries(s: Session, file: number, cookie: number): number {
  const directory = openedInode(s, file);
  if (directory < 0) return -EBADF;
  if (!isDirectory(s, directory)) return -ENOTDIR;
  if (lacksNames(s, directory)) return fault(s, directory, 0, s.first, s.first.end);
  const { words, entries, result } = s;
  const open = openWord(s, file);
  let slot = nextAfter(s, directory, words[open + O_HINT], cookie);
  let count = 0;
  let end = 0;
  let last = 0;
  s.cookie = cookie;
  while (slot > 0 && slot <= s.names && count < BATCH && end + NAME_MAX <= RESULT_SIZE) {
    const word = nameWord(s, slot);
    if (words[word + N_PARENT] !== directory) break;
    const inode = words[word + N_INODE];
    entries.inodes[count] = inode;
    entries.types[count] = (words[inodeWord(s, inode) + I_MODE] >>> TYPE_SHIFT) & 15;
    entries.nameStart[count] = end;
    end += readName(s, slot, result, end);
    entries.nameEnd[count] = end;
    s.cookie = words[word + N_SEQUENCE] >>> 0;
    last = slot;
    slot = words[word + N_NEXT];
    count++;
  }
  entries.count = count;
  noteRead(s, directory);
  if (last !== 0) words[open + O_HINT] = last;
  return count;
}

/** The first name after the cookie: next to the last one listed, if that is still there. */
function nextAfter(s: Session, directory: number, hint: number, cookie: number): number {
  const { words } = s;
  const first = words[inodeWord(s, directory) + I_FIRST_NAME];
  if (cookie === 0) return first;
  if (hint > 0 && hint <= s.names) {
    const word = nameWord(s, hint);
    if (words[word + N_PARENT] === directory && words[word + N_SEQUENCE] >>> 0 === cookie)
      return words[word + N_NEXT];
  }
  let slot = first;
  for (let bound = s.names; slot > 0 && slot <= s.names && bound > 0; bound--) {
    const word = nameWord(s, slot);
    if (words[word + N_SEQUENCE] >>> 0 > cookie) return slot;
    slot = words[word + N_NEXT];
  }
  return 0;
}
