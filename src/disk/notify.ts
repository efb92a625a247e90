import { I_OWN_NAME, I_PARENT, N_INODE, N_PARENT, NAME_MAX, O_INODE, O_NAME, S_WATCHES } from "./layout.js";
import { IN_ISDIR } from "./modes.js";
import { nameWord, readName } from "./names.js";
import { LAST_NAME, type PathBuffer } from "./path.js";
import { inodeWord, isDirectory, type Volume } from "./volume.js";
import { tell } from "./watches.js";

/*
 * Tells the watches of a change, under the lock in which it was made. As inotify does: what happens to a
 * name, to the directory of the name; what happens to a file, to the directory through whose name it was
 * come by, and then to the file itself.
 */

const NOTHING = new Uint8Array(0);
const scratch = new Uint8Array(NAME_MAX + 1);

function isUnwatched(v: Volume): boolean {
  return v.words[S_WATCHES] === 0;
}

function kindOf(v: Volume, inode: number): number {
  return isDirectory(v, inode) ? IN_ISDIR : 0;
}

/** A name was made, removed or moved. `inode` is what it leads to. */
export function notifyName(v: Volume, p: PathBuffer, inode: number, mask: number): void {
  if (isUnwatched(v)) return;
  tell(v, p.parent, mask | kindOf(v, inode), p.bytes, p.nameStart, p.nameEnd - p.nameStart);
}

/** Something happened to the inode alone. */
export function notifyInode(v: Volume, inode: number, mask: number): void {
  if (isUnwatched(v)) return;
  tell(v, inode, mask | kindOf(v, inode), NOTHING, 0, 0);
}

/** A file that was found by its path has changed. */
export function notifyFound(v: Volume, p: PathBuffer, inode: number, mask: number): void {
  if (isUnwatched(v)) return;
  if (isDirectory(v, inode)) notifyDirectory(v, inode, mask);
  else {
    if (p.last === LAST_NAME) notifyName(v, p, inode, mask);
    notifyInode(v, inode, mask);
  }
}

/** An open file has changed. `word` is its entry's. */
export function notifyOpened(v: Volume, word: number, mask: number): void {
  if (isUnwatched(v)) return;
  const inode = v.words[word + O_INODE];
  if (isDirectory(v, inode)) notifyDirectory(v, inode, mask);
  else {
    const slot = v.words[word + O_NAME];
    const name = nameWord(v, slot);
    if (v.words[name + N_INODE] === inode) notifySlot(v, v.words[name + N_PARENT], slot, mask);
    notifyInode(v, inode, mask);
  }
}

function notifyDirectory(v: Volume, inode: number, mask: number): void {
  const word = inodeWord(v, inode);
  notifySlot(v, v.words[word + I_PARENT], v.words[word + I_OWN_NAME], mask | IN_ISDIR);
  notifyInode(v, inode, mask);
}

function notifySlot(v: Volume, parent: number, slot: number, mask: number): void {
  if (slot !== 0 && parent > 0) tell(v, parent, mask, scratch, 0, readName(v, slot, scratch, 0));
}
