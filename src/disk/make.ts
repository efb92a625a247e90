import { MathMin } from "../primordials/primordials.js";
import { EEXIST, ENOENT, ENOSPC, EPERM, EXDEV } from "../syscall/errno.js";
import { mapNewBlock } from "./block-map.js";
import { freeBlocks } from "./blocks.js";
import { blockByte, copyBytes } from "./bytes.js";
import { enterName, makeNode } from "./create.js";
import { setFileSize, stamp } from "./inodes.js";
import { I_CTIME, I_LINKS, I_MODE } from "./layout.js";
import {
  IN_ATTRIB,
  IN_CREATE,
  MAY_READ,
  MAY_WRITE,
  MODE_BITS,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_ISGID,
  S_ISUID,
  S_IXGRP,
} from "./modes.js";
import { detach, fault, lacksBytes } from "./mounted.js";
import { notifyInode, notifyName } from "./notify.js";
import { LAST_NAME, PATH_START, type PathBuffer } from "./path.js";
import { isAcross, owns, permit, permitChange, refusal } from "./permissions.js";
import type { Session } from "./session.js";
import { changeResolution, inodeWord, isDirectory, isLink } from "./volume.js";
import { find, isRemoved, NO_FOLLOW, PARENT, walk } from "./walk.js";

export function mkdirPath(s: Session, p: PathBuffer, mode: number): number {
  const there = walk(s, p, PARENT);
  if (there !== 0) return there < 0 ? there : -EEXIST;
  // mkdir(2) takes the permission bits and the sticky bit.
  const made = makeNode(s, p, S_IFDIR | (mode & ~s.credentials.umask & MODE_BITS & 0o1777));
  return MathMin(made, 0);
}

/** Links may only be made to what is no directory; a link that is the last component is linked itself. */
export function linkPath(s: Session, from: PathBuffer, to: PathBuffer): number {
  const inode = find(s, from, NO_FOLLOW);
  if (inode < 0) return inode;
  const there = walk(s, to, PARENT);
  if (there < 0) return there;
  if (there !== 0) return -EEXIST;
  if (to.slash) return -ENOENT;
  if (isAcross(s, inode, to.parent)) return -EXDEV;
  if (!isSafeToLink(s, inode)) return refusal(s, inode);
  if (isRemoved(s, to.parent)) return -ENOENT;
  const error = permitChange(s, to.parent);
  if (error < 0) return error;
  if (isDirectory(s, inode)) return -EPERM;
  if (lacksBytes(s, inode)) return fault(s, inode, from.slot, from, from.end);
  const slot = enterName(s, to, inode);
  if (slot < 0) return slot;
  if (isLink(s, inode)) changeResolution(s);
  detach(s, inode);
  const word = inodeWord(s, inode);
  s.words[word + I_LINKS]++;
  stamp(s, word, I_CTIME);
  notifyInode(s, inode, IN_ATTRIB);
  notifyName(s, to, inode, IN_CREATE);
  return 0;
}

/** As Linux has it where hard links are protected: of another's file that one may read and write. */
function isSafeToLink(s: Session, inode: number): boolean {
  if (owns(s, inode)) return true;
  const mode = s.words[inodeWord(s, inode) + I_MODE];
  const group = S_ISGID | S_IXGRP;
  if ((mode & S_IFMT) !== S_IFREG || (mode & S_ISUID) !== 0 || (mode & group) === group) return false;
  return permit(s, inode, MAY_READ | MAY_WRITE) === 0;
}

/** `target` holds the link's text, encoded like a path. */
export function symlinkPath(s: Session, target: PathBuffer, p: PathBuffer): number {
  const there = walk(s, p, PARENT);
  if (there !== 0) return there < 0 ? there : -EEXIST;
  if (p.slash || p.last !== LAST_NAME) return -ENOENT;
  if (freeBlocks(s) === 0) return -ENOSPC;
  const inode = makeNode(s, p, S_IFLNK | 0o777);
  if (inode < 0) return inode;
  changeResolution(s);
  const word = inodeWord(s, inode);
  const block = mapNewBlock(s, word, 0, 0, true);
  if (block === 0) return -ENOSPC;
  const length = target.end - PATH_START;
  copyBytes(s.bytes, blockByte(s, block), target.bytes, PATH_START, length);
  setFileSize(s, word, length);
  return 0;
}
