import { MathMin } from "../primordials/primordials.js";
import { EACCES, EINVAL, EIO, ENAMETOOLONG, ENOENT, ENOTDIR } from "../syscall/errno.js";
import { mappedBlock } from "./block-map.js";
import { blockByte, copyBytes } from "./bytes.js";
import { sizeOf } from "./file-data.js";
import {
  I_LINKS,
  I_MODE,
  I_OWN_NAME,
  I_PARENT,
  N_INODE,
  N_PARENT,
  NAME_MAX,
  O_NAME,
  ROOT,
  S_NAME_TOP,
} from "./layout.js";
import { MAY_EXECUTE, S_IFLNK, S_IFMT } from "./modes.js";
import { nameLength, nameWord, readName } from "./names.js";
import { openedInode, openWord } from "./open-files.js";
import { PATH_MAX, type PathBuffer } from "./path.js";
import { permit } from "./permissions.js";
import { noteRead } from "./read-times.js";
import { directoryHandle, directoryOf, type Session } from "./session.js";
import { inodeWord, isDirectory } from "./volume.js";
import { FOLLOW, find, isBarred, NO_FOLLOW } from "./walk.js";

const SLASH = 47;

/** A link's text, into `result`; answers its length. */
export function readlinkPath(s: Session, p: PathBuffer): number {
  const inode = find(s, p, NO_FOLLOW);
  if (inode < 0) return inode;
  const word = inodeWord(s, inode);
  if ((s.words[word + I_MODE] & S_IFMT) !== S_IFLNK) return -EINVAL;
  if (isBarred(s, word)) return -EACCES;
  const length = sizeOf(s, word);
  const block = mappedBlock(s, word, 0);
  if (block === 0 || length > PATH_MAX) return -EIO;
  copyBytes(s.result, 0, s.bytes, blockByte(s, block), length);
  noteRead(s, inode);
  return length;
}

/** The path without links, into `result`; answers its length. */
export function realpathPath(s: Session, p: PathBuffer): number {
  const inode = find(s, p, FOLLOW);
  if (inode < 0) return inode;
  return isDirectory(s, inode) ? spell(s, inode, 0) : spell(s, p.parent, p.slot);
}

/** The path of a directory that a handle names, into `result`; answers its length. */
export function pathOfHandle(s: Session, handle: number): number {
  const inode = directoryOf(s, handle);
  return inode === 0 ? -ENOENT : spell(s, inode, 0);
}

/** The path of an open file, into `result`; -ENOENT when it has no name any more. */
export function pathOfOpened(s: Session, file: number): number {
  const inode = openedInode(s, file);
  if (inode < 0) return inode;
  if (isDirectory(s, inode)) return s.words[inodeWord(s, inode) + I_LINKS] > 0 ? spell(s, inode, 0) : -ENOENT;
  const known = s.words[openWord(s, file) + O_NAME];
  const slot = isNameOf(s, known, inode) ? known : findAnyName(s, inode);
  return slot === 0 ? -ENOENT : spell(s, s.words[nameWord(s, slot) + N_PARENT], slot);
}

function isNameOf(s: Session, slot: number, inode: number): boolean {
  if (!(slot > 0 && slot <= s.names)) return false;
  const word = nameWord(s, slot);
  return s.words[word + N_PARENT] > 0 && s.words[word + N_INODE] === inode;
}

/** Looks through all names: that is for files that were renamed while they were open. */
function findAnyName(s: Session, inode: number): number {
  if (s.words[inodeWord(s, inode) + I_LINKS] <= 0) return 0;
  const top = MathMin(s.words[S_NAME_TOP], s.names);
  for (let slot = 1; slot <= top; slot++) {
    if (isNameOf(s, slot, inode)) return slot;
  }
  return 0;
}

/** The path of a directory below `top`, and a name in it if there is one. Its pieces are put in from the end backwards. */
export function spell(s: Session, directory: number, slot: number, top = ROOT): number {
  const { result, words } = s;
  const end = PATH_MAX + 1 + NAME_MAX;
  let at = end;
  let name = slot;
  let inode = directory;
  for (;;) {
    if (name !== 0) {
      at -= nameLength(s, name) + 1;
      if (at < NAME_MAX) return -ENAMETOOLONG;
      result[at] = SLASH;
      readName(s, name, result, at + 1);
    }
    if (inode === top) break;
    const word = inodeWord(s, inode);
    name = words[word + I_OWN_NAME];
    if (name === 0) return -ENOENT;
    inode = words[word + I_PARENT];
  }
  if (at === end) result[--at] = SLASH;
  copyBytes(result, 0, result, at, end - at);
  return end - at;
}

/** What `Credentials.cwd` takes, of a directory that the caller may enter. */
export function directoryAt(s: Session, p: PathBuffer): number {
  const inode = find(s, p, FOLLOW);
  if (inode < 0) return inode;
  if (!isDirectory(s, inode)) return -ENOTDIR;
  const error = permit(s, inode, MAY_EXECUTE);
  return error < 0 ? error : directoryHandle(s, inode);
}
