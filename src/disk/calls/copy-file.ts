import { MathMin } from "../../primordials/primordials.js";
import { EBADF, EINVAL, EISDIR, EOPNOTSUPP } from "../../syscall/errno.js";
import { copyData } from "../copy-data.js";
import { openPath, truncateInode } from "../create.js";
import { CHUNK } from "../file-data.js";
import { I_MODE } from "../layout.js";
import { chmodInode } from "../metadata.js";
import {
  COPYFILE_EXCL,
  COPYFILE_EXISTING,
  COPYFILE_FICLONE_FORCE,
  COPYFILE_FIXED,
  COPYFILE_KEPT,
  IN_ATTRIB,
  IN_MODIFY,
  MODE_BITS,
  O_CREAT,
  O_EXCL,
  O_FIXED,
  O_RDONLY,
  O_WRONLY,
  S_IFMT,
  S_IFREG,
} from "../modes.js";
import { notifyFound, notifyOpened } from "../notify.js";
import { openedInode, openInode, openWord } from "../open-files.js";
import { encodePath } from "../path.js";
import type { Session } from "../session.js";
import type { Path } from "../types.js";
import { inodeWord, isDirectory } from "../volume.js";
import { close, open } from "./files.js";
import { unlink } from "./names.js";
import { changing } from "./section.js";

/** Copies a file's data and mode; holes stay holes. A target that could not be finished is removed. */
export function copyFile(s: Session, from: Path, to: Path, mode: number): number {
  if ((mode & COPYFILE_FICLONE_FORCE) !== 0) return -EOPNOTSUPP;
  const source = open(s, from, O_RDONLY, 0);
  if (source < 0) return source;
  const target = openTarget(s, source, to, targetFlags(mode));
  let result = target;
  if (target > 0) {
    result = copyAll(s, source, target);
    close(s, target);
    if (result < 0 && (mode & COPYFILE_KEPT) === 0) unlink(s, to);
  }
  close(s, source);
  return result;
}

function targetFlags(mode: number): number {
  const creates = (mode & COPYFILE_EXISTING) !== 0 ? 0 : O_CREAT;
  const fixed = (mode & COPYFILE_FIXED) !== 0 ? O_FIXED : 0;
  return creates | fixed | ((mode & COPYFILE_EXCL) !== 0 ? O_EXCL : 0);
}

/** Opens and empties the file to copy to; 0 if that is the source itself. */
function openTarget(s: Session, source: number, to: Path, flags: number): number {
  return encodePath(s.first, to) || changing(s, openTargetLocked, source, flags);
}

function openTargetLocked(s: Session, source: number, flags: number): number {
  const from = openedInode(s, source);
  if (from < 0) return from;
  if (isDirectory(s, from)) return -EISDIR;
  const mode = s.words[inodeWord(s, from) + I_MODE] & MODE_BITS;
  const inode = openPath(s, s.first, O_WRONLY | flags, mode);
  if (inode < 0) return inode;
  if (inode === from) return 0;
  if ((s.words[inodeWord(s, inode) + I_MODE] & S_IFMT) !== S_IFREG) return -EINVAL;
  const error = (flags & O_FIXED) !== 0 ? 0 : chmodInode(s, inode, mode);
  if (error < 0) return error;
  truncateInode(s, inode, 0);
  notifyFound(s, s.first, inode, IN_MODIFY);
  notifyFound(s, s.first, inode, IN_ATTRIB);
  return openInode(s, inode, O_WRONLY, s.first.slot);
}

function copyAll(s: Session, source: number, target: number): number {
  for (let position = 0; ; position += CHUNK) {
    const done = changing(s, copyLocked, source, target, position);
    if (done < CHUNK) return MathMin(done, 0);
  }
}

function copyLocked(s: Session, source: number, target: number, position: number): number {
  const from = openedInode(s, source);
  const to = openedInode(s, target);
  if (from < 0 || to < 0) return -EBADF;
  const done = copyData(s, from, to, position, CHUNK);
  if (done > 0) notifyOpened(s, openWord(s, target), IN_MODIFY);
  return done;
}
