import { MathFloor } from "../primordials/primordials.js";
import type { DiskSize } from "./types.js";

/*
 * The disk is one run of memory, in this order (each region on its own pages):
 *
 *   superblock | open files | watches | block bitmap | name buckets | inodes | names | events | blocks
 *
 * Entry 0 of each table stays unused, so that 0 means "none" everywhere. Nothing relies on memory being
 * zero: the tables have high-water marks ("tops"), which keeps pages beyond them untouched.
 *
 * Primary data, which nothing could restore: inodes (type, mode, owner, size, times, block pointers),
 * names (directory, inode, text) and blocks. The rest (link counts, lists, buckets, bitmap, free lists,
 * counters) is derived, and `repair` makes it anew.
 */

export const BLOCK_SIZE = 4096;
export const BLOCK_WORDS = 1024;

export const MAGIC = 0x6b734453;
export const VERSION = 2;

/* Words of the superblock. */
export const S_MAGIC = 0;
export const S_VERSION = 1;
export const S_BLOCKS = 2;
export const S_INODES = 3;
/** The directory whose files are virtual, or 0. */
export const S_VIRTUAL = 4;
/** Counts what may change to which file a path leads by way of links, `..` or a moved directory. */
export const S_RESOLUTION = 8;
/** Mounted directories that have this number have all of their names. */
export const S_FILLED = 9;
/** Nonzero while the kernel knows of changes in mounts that the disk doesn't show yet. */
export const S_STALE = 10;
/** On a cache line of its own: 0, or the id of the thread that has the lock, negative if others wait. */
export const S_LOCK = 16;
/** 1 while the kernel waits for the lock: others let it go first. */
export const S_WANTED = 17;
export const S_FREE_BLOCKS = 32;
/** No word of the bitmap before this one has a free block. */
export const S_BITMAP_LOW = 33;
export const S_FREE_INODES = 34;
export const S_INODE_TOP = 35;
export const S_INODE_FREE_LIST = 36;
export const S_FREE_NAMES = 37;
export const S_NAME_TOP = 38;
export const S_NAME_FREE_LIST = 39;
export const S_OPEN_TOP = 40;
export const S_OPEN_FREE_LIST = 41;
/** How many buckets are in use, and the mask that covers them (linear hashing). */
export const S_BUCKETS = 42;
export const S_BUCKET_MASK = 43;
/** The names that a rename is moving from and to, while it does. */
export const S_RENAME_FROM = 44;
export const S_RENAME_TO = 45;
/** Nonzero after work under the lock was given up half done: whoever has the lock next repairs the disk. */
export const S_ABANDONED = 46;
/** How many blocks were freed, ever; it wraps. */
export const S_FREED = 54;
/** No memory beyond this block is touched for files: the highest that was in use since it was last discarded. */
export const S_BLOCK_TOP = 47;
/** Time of the last change: milliseconds (a double, as index of doubles) and nanoseconds in it. */
export const SD_CLOCK = 24;
export const S_CLOCK_TICK = 50;
/** How many watches there are: with none, no change of the disk looks further. */
export const S_WATCHES = 51;
export const S_WATCH_TOP = 52;
export const S_WATCH_FREE_LIST = 53;
/** Counts what happens to pipes and processes while somebody waits for one of several. */
export const S_POLL = 56;
/** How many threads wait so. */
export const S_POLLERS = 57;

/* Words of an inode (128 bytes; the first cache line is what stat needs). */
export const INODE_WORDS = 32;
/** 0 if the inode is free. */
export const I_MODE = 0;
export const I_LINKS = 1;
export const I_UID = 2;
export const I_GID = 3;
/** A double. */
export const I_SIZE = 4;
export const I_OPENS = 6;
export const I_BLOCKS = 7;
/** Times: low 32 bits of the seconds, then nanoseconds with two more bits of seconds on top. */
export const I_ATIME = 8;
export const I_MTIME = 10;
export const I_CTIME = 12;
export const I_BIRTHTIME = 14;
export const I_DIRECT = 16;
export const I_SINGLE = 28;
export const I_DOUBLE = 29;
/** Counts the lives of this inode, so that a working directory is not taken for its successor. */
export const I_GENERATION = 30;
export const I_NEXT_FREE = 31;
/** The first watch of an inode that is not free. */
export const I_WATCH = 31;
/* A directory has these where a file has its first block pointers. */
export const I_FIRST_NAME = 16;
export const I_LAST_NAME = 17;
export const I_COUNT = 18;
export const I_PARENT = 19;
/** The one name of the directory. */
export const I_OWN_NAME = 20;
/** Sequence number of the next name made in it. */
export const I_SEQUENCE = 21;
/** Of a mounted directory: see `S_FILLED`. */
export const I_FILLED = 22;
/** Of the root of a mount: which one. */
export const I_MOUNT = 23;
/** And a device has its number there, a socket that of who is bound to it. */
export const I_DEVICE = 16;

export const ROOT = 1;
export const GENERATIONS = 1 << 20;
export const DIRECT_BLOCKS = 12;
export const SINGLE_END = DIRECT_BLOCKS + BLOCK_WORDS;
export const MAP_BLOCKS = SINGLE_END + BLOCK_WORDS * BLOCK_WORDS;
export const MAX_FILE_SIZE = MAP_BLOCKS * BLOCK_SIZE;
export const DIRECTORY_SIZE = 4096;

/* Words of a name (64 bytes). The text begins in the head and goes on in more slots. */
export const NAME_WORDS = 16;
/** The directory; 0 if the slot is free, `MORE_TEXT` if it goes on with another's text. */
export const N_PARENT = 0;
export const N_INODE = 1;
export const N_HASH = 2;
/** The next of the bucket, or of the free list. */
export const N_CHAIN = 3;
export const N_PREVIOUS = 4;
export const N_NEXT = 5;
export const N_LENGTH = 6;
export const N_MORE = 7;
export const N_SEQUENCE = 8;
export const N_TEXT_BYTE = 36;
export const HEAD_TEXT = 28;
export const MORE_TEXT = -1;
export const M_NEXT = 1;
export const M_TEXT_BYTE = 8;
export const MORE_TEXT_SIZE = 56;
export const NAME_MAX = 255;

/* Words of an open file (32 bytes). */
export const OPEN_WORDS = 8;
/** 0 if the entry is free. */
export const O_REFS = 0;
export const O_INODE = 1;
export const O_FLAGS = 2;
/** Where a listing goes on, or the next of the free list. */
export const O_HINT = 3;
/** A double. */
export const O_POSITION = 4;
/** Of the reading end of a pipe: the open file that writes to it go to, of another pipe, or 0. */
export const O_PEER = 4;
/** The name that it was opened by, as far as that still stands. */
export const O_NAME = 6;
export const OPEN_FILES = 16384;

/* Words of a watch (16 bytes): that one queue gets the events of one inode. */
export const WATCH_WORDS = 4;
/** The queue, or 0 if the entry is free. */
export const W_QUEUE = 0;
export const W_INODE = 1;
/** The entry's number, and above it the count of its lives. */
export const W_ID = 2;
/** The next watch of the inode, or the next of the free list. */
export const W_NEXT = 3;
export const WATCHES = 8192;

/* Words of a queue of events, which is one thread's. Its events are in memory of their own. */
export const QUEUE_WORDS = 16;
/** The thread; 0 if the queue is free. */
export const Q_OWNER = 0;
/** 1 while there are events: what the thread waits on. */
export const Q_SIGNAL = 1;
/** Bytes of events, and where the last of them begins. */
export const Q_LENGTH = 2;
export const Q_LAST = 3;
export const QUEUES = 64;
export const QUEUE_BYTES = 131072;

/* Words of an event; the bytes of a name follow, filled up to whole words. */
export const E_WATCH = 0;
export const E_MASK = 1;
export const E_LENGTH = 2;
export const EVENT_WORDS = 3;

export const FIRST_BUCKETS = 64;

/** Sizes and places. `…Base` is the word where entry 0 of a table is; `dataBase` the byte of block 0. */
export interface Geometry {
  readonly blocks: number;
  readonly inodes: number;
  readonly names: number;
  readonly bucketSlots: number;
  readonly openBase: number;
  readonly watchBase: number;
  readonly queueBase: number;
  readonly eventBase: number;
  readonly bitmapBase: number;
  readonly bucketBase: number;
  readonly inodeBase: number;
  readonly nameBase: number;
  readonly dataBase: number;
  readonly byteLength: number;
}

const MAX_BLOCKS = 1 << 20;
const MAX_INODES = 1 << 20;

function pages(bytes: number): number {
  return MathFloor((bytes + BLOCK_SIZE - 1) / BLOCK_SIZE) * BLOCK_SIZE;
}

function inRange(value: number, most: number): boolean {
  return value >= 1 && value <= most && MathFloor(value) === value;
}

/** `null` if no disk can have these counts. */
export function geometryOf(blocks: number, inodes: number): Geometry | null {
  if (!inRange(blocks, MAX_BLOCKS) || !inRange(inodes, MAX_INODES)) return null;
  const names = inodes * 2;
  let bucketSlots = FIRST_BUCKETS;
  while (bucketSlots < inodes) bucketSlots *= 2;
  const open = BLOCK_SIZE;
  const watch = open + pages((OPEN_FILES + 1) * OPEN_WORDS * 4);
  const queue = watch + pages((WATCHES + 1) * WATCH_WORDS * 4);
  const bitmap = queue + pages((QUEUES + 1) * QUEUE_WORDS * 4);
  const bucket = bitmap + pages(((blocks >>> 5) + 1) * 4);
  const inode = bucket + pages(bucketSlots * 4);
  const name = inode + pages((inodes + 1) * INODE_WORDS * 4);
  const event = name + pages((names + 1) * NAME_WORDS * 4);
  const data = event + QUEUES * QUEUE_BYTES;
  return {
    blocks,
    inodes,
    names,
    bucketSlots,
    openBase: open / 4,
    watchBase: watch / 4,
    queueBase: queue / 4,
    // Queue 0 is none.
    eventBase: (event - QUEUE_BYTES) / 4,
    bitmapBase: bitmap / 4,
    bucketBase: bucket / 4,
    inodeBase: inode / 4,
    nameBase: name / 4,
    // Block 0 is none, so block 1 is the first of the region.
    dataBase: data - BLOCK_SIZE,
    byteLength: data + blocks * BLOCK_SIZE,
  };
}

/** The counts that a size asks for. */
export function geometryFor(size: DiskSize): Geometry {
  const geometry = geometryOf(MathFloor(size.bytes / BLOCK_SIZE), size.inodes);
  if (geometry === null) throw new RangeError("A disk holds 4 KiB to 4 GiB of data and 1 to 1048576 files");
  return geometry;
}
