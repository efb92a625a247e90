import { DateNow } from "../primordials/primordials.js";
import { resetBuckets } from "./buckets.js";
import { emptyQueue, queueWord } from "./event-queue.js";
import { makeInode, setFileSize } from "./inodes.js";
import {
  DIRECTORY_SIZE,
  type Geometry,
  geometryFor,
  I_LINKS,
  I_PARENT,
  MAGIC,
  Q_OWNER,
  QUEUES,
  ROOT,
  S_BLOCKS,
  S_FREE_BLOCKS,
  S_FREE_INODES,
  S_FREE_NAMES,
  S_INODES,
  S_MAGIC,
  S_VERSION,
  VERSION,
} from "./layout.js";
import { S_IFDIR } from "./modes.js";
import { tick } from "./times.js";
import type { DiskMemory, DiskSize } from "./types.js";
import { inodeWord, Volume } from "./volume.js";

const SUPERBLOCK_WORDS = 1024;

/** How many bytes of memory a disk of this size takes. */
export function diskMemorySize(size: DiskSize): number {
  return geometryFor(size).byteLength;
}

/** Makes an empty disk, whatever is in the memory. Throws a RangeError if the memory is too small. */
export function formatDisk(memory: DiskMemory, size: DiskSize): void {
  formatAs(memory, geometryFor(size));
}

export function formatAs(memory: DiskMemory, geometry: Geometry): Volume {
  if (memory.byteLength < geometry.byteLength) throw new RangeError("The disk does not fit its memory");
  const v = new Volume(memory, geometry);
  const { words } = v;
  for (let i = 0; i < SUPERBLOCK_WORDS; i++) words[i] = 0;
  words[S_BLOCKS] = geometry.blocks;
  words[S_INODES] = geometry.inodes;
  words[S_FREE_BLOCKS] = geometry.blocks;
  words[S_FREE_INODES] = geometry.inodes;
  words[S_FREE_NAMES] = geometry.names;
  for (let i = 0; i <= geometry.blocks >>> 5; i++) {
    // Only written where it must be: fresh memory stays untouched.
    if (words[v.bitmapBase + i] !== 0) words[v.bitmapBase + i] = 0;
  }
  resetBuckets(v);
  for (let queue = 1; queue <= QUEUES; queue++) {
    emptyQueue(v, queue);
    words[queueWord(v, queue) + Q_OWNER] = 0;
  }
  tick(v, DateNow());
  makeRoot(v);
  words[S_VERSION] = VERSION;
  words[S_MAGIC] = MAGIC;
  return v;
}

function makeRoot(v: Volume): void {
  makeInode(v, S_IFDIR | 0o755, 0, 0);
  const word = inodeWord(v, ROOT);
  setFileSize(v, word, DIRECTORY_SIZE);
  v.words[word + I_LINKS] = 2;
  v.words[word + I_PARENT] = ROOT;
}
