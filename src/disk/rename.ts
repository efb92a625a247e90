import {
  EBUSY,
  EEXIST,
  EINVAL,
  EISDIR,
  ENAMETOOLONG,
  ENOENT,
  ENOTDIR,
  ENOTEMPTY,
  ERESTART,
  EXDEV,
} from "../syscall/errno.js";
import { enterName, touchDirectory } from "./create.js";
import { stamp } from "./inodes.js";
import {
  I_COUNT,
  I_CTIME,
  I_LINKS,
  I_OPENS,
  I_OWN_NAME,
  I_PARENT,
  N_INODE,
  NAME_MAX,
  ROOT,
  S_RENAME_FROM,
  S_RENAME_TO,
  S_VIRTUAL,
} from "./layout.js";
import { IN_ATTRIB, IN_MOVE_SELF, IN_MOVED_FROM, IN_MOVED_TO, MAY_WRITE } from "./modes.js";
import { detach, fault, isMountedTree, isMountPoint, lacksBytes, lacksNames } from "./mounted.js";
import { nameWord, removeName } from "./names.js";
import { notifyInode, notifyName } from "./notify.js";
import { renameOpened } from "./open-files.js";
import { LAST_NAME, type PathBuffer } from "./path.js";
import { isAcross, permit, permitChange, permitRemoval } from "./permissions.js";
import { releaseDirectory, releaseLink } from "./remove.js";
import type { Session } from "./session.js";
import { changeResolution, inodeWord, isDirectory, isLink } from "./volume.js";
import { isRemoved, PARENT, walk } from "./walk.js";

/** What the caller has judged: the moved one is no directory, or is one; nothing may be replaced. */
export const RENAME_FILE = 1;
export const RENAME_TREE = 2;
export const RENAME_NEW = 4;

export function renamePath(s: Session, from: PathBuffer, to: PathBuffer, judged: number): number {
  const moved = walk(s, from, PARENT);
  if (moved < 0 && !isLastTooLong(from, moved)) return moved;
  const replaced = walk(s, to, PARENT);
  if (replaced < 0 && !isLastTooLong(to, replaced)) return replaced;
  if (isAcross(s, from.parent, to.parent)) return -EXDEV;
  if (from.last !== LAST_NAME || to.last !== LAST_NAME) return -EBUSY;
  if (moved <= 0) return moved === 0 ? -ENOENT : moved;
  if (replaced < 0) return replaced;
  const virtual = s.words[S_VIRTUAL];
  if (moved === virtual || (replaced === virtual && virtual !== 0)) return -EBUSY;
  if (isMountPoint(s, moved) || (replaced !== 0 && isMountPoint(s, replaced))) return -EBUSY;
  const error = refusal(s, from, to, moved, replaced);
  if (error < 0) return error;
  if (moved === replaced) return 0;
  return (
    misjudged(s, moved, replaced, judged) || unready(s, from, moved) || move(s, from, to, moved, replaced)
  );
}

/** Why what the caller judged is not what there is, or 0. */
function misjudged(s: Session, moved: number, replaced: number, judged: number): number {
  if ((judged & (isDirectory(s, moved) ? RENAME_FILE : RENAME_TREE)) !== 0) return -ERESTART;
  return replaced !== 0 && (judged & RENAME_NEW) !== 0 ? -EEXIST : 0;
}

/** Why what is mounted can't be moved, or not yet, or 0. */
function unready(s: Session, from: PathBuffer, moved: number): number {
  if (isMountedTree(s, moved)) return -EXDEV;
  if (lacksBytes(s, moved)) return fault(s, moved, from.slot, from, from.end);
  return 0;
}

/** As Linux does, both directories are looked for before either of the names in them. */
function isLastTooLong(p: PathBuffer, error: number): boolean {
  return error === -ENAMETOOLONG && p.error === 0 && p.next >= p.end && p.nameEnd - p.nameStart > NAME_MAX;
}

/** Why the rename can't be, or 0. */
function refusal(s: Session, from: PathBuffer, to: PathBuffer, moved: number, replaced: number): number {
  const directory = isDirectory(s, moved);
  if (!directory && (from.slash || to.slash)) return -ENOTDIR;
  // In Linux's order: a directory into itself, then an ancestor as the target.
  if (directory && contains(s, moved, to.parent)) return -EINVAL;
  if (replaced !== 0 && isDirectory(s, replaced) && contains(s, replaced, from.parent)) return -ENOTEMPTY;
  if (moved === replaced) return 0;
  const error = permitRemoval(s, from.parent, moved);
  if (error < 0) return error;
  if (replaced === 0) {
    if (isRemoved(s, to.parent)) return -ENOENT;
    const unwritable = permitChange(s, to.parent);
    if (unwritable < 0) return unwritable;
  } else {
    const unremovable = replacementRefusal(s, to, replaced, directory);
    if (unremovable < 0) return unremovable;
  }
  const rewires = directory && from.parent !== to.parent;
  return rewires ? permit(s, moved, MAY_WRITE) : 0;
}

function replacementRefusal(s: Session, to: PathBuffer, replaced: number, directory: boolean): number {
  const error = permitRemoval(s, to.parent, replaced);
  if (error < 0) return error;
  if (isDirectory(s, replaced) !== directory) return directory ? -ENOTDIR : -EISDIR;
  if (!directory) return 0;
  if (lacksNames(s, replaced)) return fault(s, replaced, 0, to, to.end);
  return s.words[inodeWord(s, replaced) + I_COUNT] > 0 ? -ENOTEMPTY : 0;
}

/** Whether `directory` is `inner` or above it. */
function contains(s: Session, directory: number, inner: number): boolean {
  let at = inner;
  for (let bound = s.inodes; bound > 0; bound--) {
    if (at === directory) return true;
    if (at === ROOT) return false;
    at = s.words[inodeWord(s, at) + I_PARENT];
  }
  return true;
}

/**
 * The moved file gets its new name before it loses the old one, so nothing is lost if the thread dies
 * in between; the superblock's note then lets `repair` finish the rename.
 */
function move(s: Session, from: PathBuffer, to: PathBuffer, moved: number, replaced: number): number {
  const { words } = s;
  // A new name leads nowhere at first, so that the one word below commits either kind of rename.
  const slot = replaced === 0 ? enterName(s, to, 0) : to.slot;
  if (slot < 0) return slot;
  const leads = isDirectory(s, moved) || isLink(s, moved) || (replaced !== 0 && isLink(s, replaced));
  if (leads) changeResolution(s);
  words[S_RENAME_FROM] = from.slot;
  words[S_RENAME_TO] = slot;
  words[nameWord(s, slot) + N_INODE] = moved;
  touchDirectory(s, to.parent);
  removeName(s, from.slot);
  words[S_RENAME_FROM] = 0;
  words[S_RENAME_TO] = 0;
  touchDirectory(s, from.parent);
  detach(s, moved);
  stamp(s, inodeWord(s, moved), I_CTIME);
  if (isDirectory(s, moved)) rewire(s, from.parent, to.parent, moved, slot);
  else if (words[inodeWord(s, moved) + I_OPENS] > 0) renameOpened(s, moved, from.slot, slot);
  notifyName(s, from, moved, IN_MOVED_FROM);
  notifyName(s, to, moved, IN_MOVED_TO);
  if (replaced !== 0) notifyInode(s, replaced, IN_ATTRIB);
  notifyInode(s, moved, IN_MOVE_SELF);
  if (replaced !== 0) {
    if (isDirectory(s, replaced)) releaseDirectory(s, to.parent, replaced);
    else releaseLink(s, replaced);
  }
  return 0;
}

/** Tells a moved directory where it is now. */
function rewire(s: Session, from: number, to: number, moved: number, slot: number): void {
  const word = inodeWord(s, moved);
  s.words[word + I_OWN_NAME] = slot;
  if (from === to) return;
  s.words[word + I_PARENT] = to;
  const above = inodeWord(s, from) + I_LINKS;
  if (s.words[above] > 2) s.words[above]--;
  s.words[inodeWord(s, to) + I_LINKS]++;
}
