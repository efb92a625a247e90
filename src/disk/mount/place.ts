import { ENOENT, ENOTDIR } from "../../syscall/errno.js";
import {
  I_FILLED,
  I_GID,
  I_MODE,
  I_MOUNT,
  I_PARENT,
  I_UID,
  N_PARENT,
  ROOT,
  S_FILLED,
  S_INODE_TOP,
} from "../layout.js";
import { LAZY, MOUNT_POINT, MOUNTED, S_IFMT, S_IFREG, SEALED } from "../modes.js";
import { isMountPoint } from "../mounted.js";
import { nameWord } from "../names.js";
import { directoryHandle, type Session } from "../session.js";
import { changeResolution, inodeWord, isDirectory } from "../volume.js";
import { FOLLOW, find } from "../walk.js";
import { spell } from "../whereabouts.js";

/** Whom files of mounts belong to. */
export const MOUNT_OWNER = 1000;

/** Makes a directory the root of a mount; answers 0. */
export function mountHere(s: Session, id: number, sealed: boolean): number {
  const inode = find(s, s.first, FOLLOW);
  if (inode < 0) return inode;
  if (inode === ROOT || !isDirectory(s, inode)) return -ENOTDIR;
  const word = inodeWord(s, inode);
  s.words[word + I_MODE] |= MOUNTED | MOUNT_POINT | (sealed ? SEALED : 0);
  s.words[word + I_UID] = MOUNT_OWNER;
  s.words[word + I_GID] = MOUNT_OWNER;
  s.words[word + I_MOUNT] = id;
  s.words[word + I_FILLED] = s.words[S_FILLED] - 1;
  changeResolution(s);
  return 0;
}

/** What `Credentials.cwd` takes of the root of a mount, wherever it is; -ENOENT if there is none. */
export function findMount(s: Session, id: number): number {
  const { words } = s;
  for (let inode = ROOT + 1; inode <= words[S_INODE_TOP] && inode <= s.inodes; inode++) {
    const isRoot = isMountPoint(s, inode) && words[inodeWord(s, inode) + I_MOUNT] === id;
    if (isRoot && isDirectory(s, inode)) return directoryHandle(s, inode);
  }
  return -ENOENT;
}

/** From now on no directory of any mount is believed to have all of its names. */
export function doubtAll(s: Session): number {
  s.words[S_FILLED] = (s.words[S_FILLED] + 1) | 0;
  return 0;
}

/**
 * Where in its mount a directory is, or a file by its name's slot: the path from the root, which begins with a
 * slash, into `result`. Answers its length, and the mount's id in `s.missing`; 0 when nothing is missing there.
 */
export function placeOf(s: Session, inode: number, slot: number): number {
  if (hasAll(s, inode)) return 0;
  const directory = slot === 0 ? inode : s.words[nameWord(s, slot) + N_PARENT];
  let top = directory;
  for (let bound = s.inodes; !isMountPoint(s, top); bound--) {
    if (bound === 0 || top === ROOT || !isDirectory(s, top)) return -ENOENT;
    top = s.words[inodeWord(s, top) + I_PARENT];
  }
  s.missing = s.words[inodeWord(s, top) + I_MOUNT];
  return spell(s, directory, slot, top);
}

/** Whether a directory has all of its names, or a file its bytes: somebody else may have had them brought. */
function hasAll(s: Session, inode: number): boolean {
  const word = inodeWord(s, inode);
  const mode = s.words[word + I_MODE];
  if (!isDirectory(s, inode)) return (mode & LAZY) === 0;
  return (mode & MOUNTED) === 0 || s.words[word + I_FILLED] === s.words[S_FILLED];
}

/** Whether an inode is a file of a mount that has all of its bytes, and nobody needs them now. */
export function isSpare(s: Session, inode: number): boolean {
  const mode = s.words[inodeWord(s, inode) + I_MODE];
  return (mode & (S_IFMT | MOUNTED | LAZY)) === (S_IFREG | MOUNTED);
}
