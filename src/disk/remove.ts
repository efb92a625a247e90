import { EBUSY, EINVAL, EISDIR, ENOTDIR, ENOTEMPTY } from "../syscall/errno.js";
import { touchDirectory } from "./create.js";
import { dropInode, stamp } from "./inodes.js";
import { I_COUNT, I_CTIME, I_LINKS, I_OWN_NAME, S_VIRTUAL } from "./layout.js";
import { IN_ATTRIB, IN_DELETE, IN_ISDIR } from "./modes.js";
import { fault, isMountPoint, lacksNames } from "./mounted.js";
import { removeName } from "./names.js";
import { notifyInode, notifyName } from "./notify.js";
import { LAST_DOT, LAST_DOT_DOT, LAST_NAME, LAST_ROOT, type PathBuffer } from "./path.js";
import { permitRemoval } from "./permissions.js";
import type { Session } from "./session.js";
import { changeResolution, inodeWord, isDirectory, isLink } from "./volume.js";
import { find, PARENT } from "./walk.js";

export function unlinkPath(s: Session, p: PathBuffer): number {
  const inode = find(s, p, PARENT);
  if (inode < 0) return inode;
  if (p.last !== LAST_NAME) return -EISDIR;
  if (p.slash) return isDirectory(s, inode) ? -EISDIR : -ENOTDIR;
  const error = permitRemoval(s, p.parent, inode);
  if (error < 0) return error;
  if (isDirectory(s, inode)) return -EISDIR;
  if (isLink(s, inode)) changeResolution(s);
  removeName(s, p.slot);
  touchDirectory(s, p.parent);
  notifyInode(s, inode, IN_ATTRIB);
  releaseLink(s, inode);
  notifyName(s, p, inode, IN_DELETE);
  return 0;
}

/** Takes one from a file's links, whose name has gone. */
export function releaseLink(s: Session, inode: number): void {
  const word = inodeWord(s, inode);
  if (s.words[word + I_LINKS] > 0) s.words[word + I_LINKS]--;
  stamp(s, word, I_CTIME);
  dropInode(s, inode);
}

export function rmdirPath(s: Session, p: PathBuffer): number {
  const inode = find(s, p, PARENT);
  if (inode < 0) return inode;
  if (p.last === LAST_DOT) return -EINVAL;
  if (p.last === LAST_DOT_DOT) return -ENOTEMPTY;
  if (p.last === LAST_ROOT || inode === s.words[S_VIRTUAL]) return -EBUSY;
  if (isMountPoint(s, inode)) return -EBUSY;
  const error = permitRemoval(s, p.parent, inode);
  if (error < 0) return error;
  if (!isDirectory(s, inode)) return -ENOTDIR;
  if (lacksNames(s, inode)) return fault(s, inode, 0, p, p.end);
  if (s.words[inodeWord(s, inode) + I_COUNT] > 0) return -ENOTEMPTY;
  removeName(s, p.slot);
  touchDirectory(s, p.parent);
  releaseDirectory(s, p.parent, inode);
  notifyName(s, p, inode, IN_DELETE | IN_ISDIR);
  return 0;
}

/** Removes a directory whose name has gone from its parent. */
export function releaseDirectory(s: Session, parent: number, inode: number): void {
  const word = inodeWord(s, inode);
  const above = inodeWord(s, parent) + I_LINKS;
  if (s.words[above] > 2) s.words[above]--;
  s.words[word + I_LINKS] = 0;
  s.words[word + I_OWN_NAME] = 0;
  stamp(s, word, I_CTIME);
  dropInode(s, inode);
}
