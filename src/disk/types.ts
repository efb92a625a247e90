/** Where the disk lies: `byteOffset` is page-aligned in memory, and a multiple of 16 in the buffer. */
export interface DiskMemory {
  readonly buffer: SharedArrayBuffer;
  readonly byteOffset: number;
  readonly byteLength: number;
}

/** What a disk holds at most: bytes of file data (in blocks of 4 KiB) and files. */
export interface DiskSize {
  readonly bytes: number;
  readonly inodes: number;
}

/** The thread that takes the lock. */
export interface LockOwner {
  /** 1 to 2^31 - 1, of this thread alone. */
  readonly id: number;
  /**
   * A nonzero word at `gateIndex` holds this thread, for ever where it is to die: it changes nothing meanwhile. It may still
   * die with the lock in its hand, so `Disk.breakLock` is due after every thread's end.
   */
  readonly gate: Int32Array;
  readonly gateIndex: number;
}

/** Who asks. The holder may change it between calls. */
export interface Credentials {
  uid: number;
  gid: number;
  umask: number;
  /** A directory as `Disk.resolveDirectory` answers it; 1 is the root. */
  cwd: number;
}

/**
 * Brings the names of a mounted directory, or the bytes of a mounted file, of which `name` is the name's slot;
 * for inode 0 makes room on a full disk.
 * Above 0 where it is there now, or a negative error.
 */
export type Bring = (inode: number, name: number) => number;

export interface DiskOptions {
  /** Milliseconds after which a method that can't have the lock answers -EBUSY; without it, it waits. */
  readonly patience?: number;
  /** Methods answer -EREMOTE for what is in the virtual directory, and `remote()` tells what that is. */
  readonly leaves?: boolean;
  /** Without it, what a mount has brought is all that there is. */
  readonly bring?: Bring;
}

/** A string is encoded as UTF-8. */
export type Path = string | Uint8Array;

/** 18 elements, in the order of Node's fs binding. */
export type StatArray = Float64Array | BigInt64Array;

/** What `Disk.readEntries` found; the names' bytes are in `Disk.result`. */
export interface DirectoryEntries {
  count: number;
  readonly inodes: Uint32Array;
  /** DT_REG 8, DT_DIR 4, DT_LNK 10, … */
  readonly types: Uint8Array;
  readonly nameStart: Uint32Array;
  readonly nameEnd: Uint32Array;
}

export interface CheckReport {
  /** How many things were put right. */
  readonly repaired: number;
  /** What they were, the first 20. */
  readonly problems: readonly string[];
  /** Nothing could be kept: the disk was made anew. */
  readonly formatted: boolean;
}
