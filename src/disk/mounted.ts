import { ESTALE } from "../syscall/errno.js";
import { I_FILLED, I_MODE, S_FILLED, S_STALE } from "./layout.js";
import { LAZY, MOUNT_POINT, MOUNTED, S_IFDIR, S_IFMT } from "./modes.js";
import type { PathBuffer } from "./path.js";
import type { Session } from "./session.js";
import { inodeWord, type Volume } from "./volume.js";

/*
 * What is mounted is brought by the host when somebody asks for it: the names of a directory and the bytes
 * of a file. A call that lacks something gives up under the lock with nothing done, has it brought without
 * the lock, and begins again: see `section`. Kernel and repair see what there is.
 *
 * What a program changes (where a mount lets it) is the machine's own from then on.
 */

/** Whether names of the directory may be missing. */
export function lacksNames(s: Session, directory: number): boolean {
  const word = inodeWord(s, directory);
  const mode = s.words[word + I_MODE];
  if ((mode & MOUNTED) === 0 || s.bring === undefined) return false;
  return s.words[S_STALE] !== 0 || s.words[word + I_FILLED] !== s.words[S_FILLED];
}

/** Whether the file's bytes are missing. */
export function lacksBytes(s: Session, inode: number): boolean {
  return (s.words[inodeWord(s, inode) + I_MODE] & LAZY) !== 0;
}

/** The answer of a call that lacks something; `p` has what is left of its path, from `at` on. */
export function fault(s: Session, inode: number, name: number, p: PathBuffer, at: number): number {
  s.missing = inode;
  s.missingName = name;
  s.remote = p;
  s.remoteAt = at;
  return -ESTALE;
}

/** Notes that a file or directory isn't any more as its mount has it. */
export function detach(v: Volume, inode: number): void {
  const word = inodeWord(v, inode);
  if ((v.words[word + I_MODE] & MOUNTED) !== 0) v.words[word + I_MODE] &= ~MOUNTED;
}

/** Whether it is a directory whose names a mount brings where it is: elsewhere nobody would know them. */
export function isMountedTree(v: Volume, inode: number): boolean {
  const mode = v.words[inodeWord(v, inode) + I_MODE];
  return (mode & MOUNTED) !== 0 && (mode & S_IFMT) === S_IFDIR;
}

export function isMountPoint(v: Volume, inode: number): boolean {
  return (v.words[inodeWord(v, inode) + I_MODE] & MOUNT_POINT) !== 0;
}
