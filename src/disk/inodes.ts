import { unmapFrom } from "./block-map.js";
import {
  GENERATIONS,
  I_ATIME,
  I_BIRTHTIME,
  I_BLOCKS,
  I_CTIME,
  I_DIRECT,
  I_GENERATION,
  I_GID,
  I_LINKS,
  I_MODE,
  I_MTIME,
  I_NEXT_FREE,
  I_OPENS,
  I_SIZE,
  I_UID,
  I_WATCH,
  S_FREE_INODES,
  S_INODE_FREE_LIST,
  S_INODE_TOP,
  S_WATCHES,
} from "./layout.js";
import { IN_DELETE_SELF, IN_IGNORED, IN_ISDIR, S_IFCHR, S_IFDIR, S_IFMT, S_IFSOCK } from "./modes.js";
import { inodeWord, type Volume } from "./volume.js";
import { endWatches } from "./watches.js";

/** Answers a new inode without a name, or 0 if there is none left. Its mode, which makes it real, comes last. */
export function makeInode(v: Volume, mode: number, uid: number, gid: number): number {
  const { words } = v;
  const inode = takeInode(v);
  if (inode === 0) return 0;
  const word = inodeWord(v, inode);
  words[word + I_LINKS] = 0;
  words[word + I_UID] = uid;
  words[word + I_GID] = gid;
  v.doubles[(word + I_SIZE) >>> 1] = 0;
  words[word + I_OPENS] = 0;
  words[word + I_BLOCKS] = 0;
  for (let i = I_DIRECT; i < I_GENERATION; i++) words[word + i] = 0;
  words[word + I_WATCH] = 0;
  stamp(v, word, I_ATIME);
  stamp(v, word, I_MTIME);
  stamp(v, word, I_CTIME);
  stamp(v, word, I_BIRTHTIME);
  words[word + I_MODE] = mode;
  words[S_FREE_INODES]--;
  return inode;
}

function takeInode(v: Volume): number {
  const { words } = v;
  const head = words[S_INODE_FREE_LIST];
  if (head > 0 && head <= v.inodes && words[inodeWord(v, head) + I_MODE] === 0) {
    words[S_INODE_FREE_LIST] = words[inodeWord(v, head) + I_NEXT_FREE];
    return head;
  }
  const fresh = words[S_INODE_TOP] + 1;
  if (!(fresh > 0 && fresh <= v.inodes)) return 0;
  const word = inodeWord(v, fresh);
  words[word + I_MODE] = 0;
  words[word + I_GENERATION] = 0;
  words[S_INODE_TOP] = fresh;
  return fresh;
}

/** Frees the inode if it has neither a name nor an opener. */
export function dropInode(v: Volume, inode: number): void {
  const { words } = v;
  const word = inodeWord(v, inode);
  const mode = words[word + I_MODE];
  if (mode === 0 || words[word + I_LINKS] > 0 || words[word + I_OPENS] > 0) return;
  const directory = (mode & S_IFMT) === S_IFDIR;
  if (words[S_WATCHES] !== 0) {
    endWatches(v, inode, directory ? IN_DELETE_SELF | IN_ISDIR : IN_DELETE_SELF, IN_IGNORED);
  }
  words[word + I_MODE] = 0;
  if (hasBlocks(mode & S_IFMT)) unmapFrom(v, word, 0);
  words[word + I_GENERATION] = (words[word + I_GENERATION] + 1) & (GENERATIONS - 1);
  words[word + I_NEXT_FREE] = words[S_INODE_FREE_LIST];
  words[S_INODE_FREE_LIST] = inode;
  words[S_FREE_INODES]++;
}

function hasBlocks(type: number): boolean {
  return type !== S_IFDIR && type !== S_IFCHR && type !== S_IFSOCK;
}

/** Sets one of the times to that of the change under way. */
export function stamp(v: Volume, word: number, time: number): void {
  v.words[word + time] = v.nowLow;
  v.words[word + time + 1] = v.nowHigh;
}

export function fileSize(v: Volume, word: number): number {
  return v.doubles[(word + I_SIZE) >>> 1];
}

export function setFileSize(v: Volume, word: number, size: number): void {
  v.doubles[(word + I_SIZE) >>> 1] = size;
}
