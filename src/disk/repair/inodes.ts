import { MathFloor } from "../../primordials/primordials.js";
import { mappedBlock, unmapFrom } from "../block-map.js";
import { fileSize, setFileSize } from "../inodes.js";
import {
  DIRECTORY_SIZE,
  GENERATIONS,
  I_COUNT,
  I_DIRECT,
  I_GENERATION,
  I_GID,
  I_LINKS,
  I_MODE,
  I_NEXT_FREE,
  I_OPENS,
  I_OWN_NAME,
  I_PARENT,
  I_UID,
  I_WATCH,
  MAX_FILE_SIZE,
  ROOT,
  S_FREE_INODES,
  S_INODE_FREE_LIST,
  S_VIRTUAL,
} from "../layout.js";
import {
  LAZY,
  MOUNT_POINT,
  MOUNTED,
  S_IFCHR,
  S_IFDIR,
  S_IFIFO,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
  S_IFSOCK,
  SEALED,
  SHOWN,
} from "../modes.js";
import { PATH_MAX } from "../path.js";
import { inodeWord, isDirectory, type Volume } from "../volume.js";
import type { Findings } from "./findings.js";
import type { Pass } from "./pass.js";

/** What has files cannot be the directory whose files are virtual: they would be out of reach. */
export function checkVirtual({ v }: Pass): void {
  const { words } = v;
  const inode = words[S_VIRTUAL];
  const empty = isDirectory(v, inode) && inode !== ROOT && words[inodeWord(v, inode) + I_COUNT] === 0;
  if (!empty) words[S_VIRTUAL] = 0;
}

/** Frees inodes that can't be files, and puts impossible fields right. */
export function checkInodes({ v, findings, inodeTop }: Pass): void {
  for (let inode = 1; inode <= inodeTop; inode++) checkInode(v, inode, findings);
  const root = inodeWord(v, ROOT);
  if ((v.words[root + I_MODE] & S_IFMT) === S_IFDIR) return;
  findings.note("no root directory");
  v.words[root + I_MODE] = S_IFDIR | 0o755;
  v.words[root + I_UID] = 0;
  v.words[root + I_GID] = 0;
  for (let i = I_DIRECT; i < I_GENERATION; i++) v.words[root + i] = 0;
  setFileSize(v, root, DIRECTORY_SIZE);
}

function checkInode(v: Volume, inode: number, findings: Findings): void {
  const word = inodeWord(v, inode);
  const mode = v.words[word + I_MODE];
  v.words[word + I_GENERATION] &= GENERATIONS - 1;
  if (mode === 0) return;
  const type = mode & S_IFMT;
  if ((mode & ~(SHOWN | SEALED | MOUNTED | LAZY | MOUNT_POINT)) !== 0 || !isKind(v, word, type)) {
    findings.note(`inode ${inode}: no such kind of file`);
    v.words[word + I_MODE] = 0;
    return;
  }
  // Only a file lacks bytes, and only a directory has a mount.
  if (type !== S_IFREG) v.words[word + I_MODE] &= ~LAZY;
  if (type !== S_IFDIR) v.words[word + I_MODE] &= ~MOUNT_POINT;
  const size = fileSize(v, word);
  const right = type === S_IFDIR ? DIRECTORY_SIZE : hasSize(type) ? believed(size) : 0;
  if (size === right) return;
  findings.note(`inode ${inode}: impossible size`);
  setFileSize(v, word, right);
}

function hasSize(type: number): boolean {
  return type === S_IFREG || type === S_IFLNK;
}

function believed(size: number): number {
  return size >= 0 && size <= MAX_FILE_SIZE ? MathFloor(size) : 0;
}

function isKind(v: Volume, word: number, type: number): boolean {
  if (type === S_IFREG || type === S_IFDIR || type === S_IFIFO) return true;
  if (type === S_IFCHR || type === S_IFSOCK) return true;
  if (type !== S_IFLNK) return false;
  const size = fileSize(v, word);
  return size >= 1 && size <= PATH_MAX && MathFloor(size) === size && mappedBlock(v, word, 0) !== 0;
}

/** Sets link counts, and frees what has neither a name nor an opener. */
export function settleInodes({ v, findings, inodeTop }: Pass, links: Int32Array): void {
  const { words } = v;
  let free = v.inodes;
  let list = 0;
  for (let inode = inodeTop; inode > 0; inode--) {
    const word = inodeWord(v, inode);
    if (words[word + I_MODE] !== 0 && links[inode] === 0 && words[word + I_OPENS] === 0) {
      // Pipes between processes that have gone are nothing to tell of.
      if ((words[word + I_MODE] & S_IFMT) === S_IFIFO) unmapFrom(v, word, 0);
      else findings.note(`inode ${inode}: a file without a name`);
      words[word + I_MODE] = 0;
      words[word + I_GENERATION] = (words[word + I_GENERATION] + 1) & (GENERATIONS - 1);
    }
    if (words[word + I_MODE] === 0) {
      words[word + I_NEXT_FREE] = list;
      list = inode;
      continue;
    }
    free--;
    words[word + I_WATCH] = 0;
    if (words[word + I_LINKS] === links[inode]) continue;
    findings.note(`inode ${inode}: ${words[word + I_LINKS]} links, not ${links[inode]}`);
    words[word + I_LINKS] = links[inode];
  }
  words[inodeWord(v, ROOT) + I_PARENT] = ROOT;
  words[inodeWord(v, ROOT) + I_OWN_NAME] = 0;
  words[S_INODE_FREE_LIST] = list;
  words[S_FREE_INODES] = free;
}
