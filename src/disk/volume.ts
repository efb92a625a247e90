import {
  BLOCK_SIZE,
  type Geometry,
  geometryOf,
  I_MODE,
  INODE_WORDS,
  MAGIC,
  S_BLOCKS,
  S_INODES,
  S_MAGIC,
  S_RESOLUTION,
  S_VERSION,
  VERSION,
} from "./layout.js";
import { S_IFDIR, S_IFLNK, S_IFMT } from "./modes.js";
import type { DiskMemory } from "./types.js";

/**
 * The views of the disk's memory and its geometry, which is copied out of the memory once: other threads
 * may be hostile, so whatever is read from the memory later is checked against these numbers before it
 * is used as an index or a bound.
 */
export class Volume {
  readonly words: Int32Array;
  readonly doubles: Float64Array;
  readonly bytes: Uint8Array;
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
  readonly dataWordBase: number;
  /** The time of the change under way, as an inode keeps it. */
  nowLow = 0;
  nowHigh = 0;

  constructor(memory: DiskMemory, geometry: Geometry) {
    const { buffer, byteOffset } = memory;
    const { byteLength } = geometry;
    this.words = new Int32Array(buffer, byteOffset, byteLength / 4);
    this.doubles = new Float64Array(buffer, byteOffset, byteLength / 8);
    this.bytes = new Uint8Array(buffer, byteOffset, byteLength);
    this.blocks = geometry.blocks;
    this.inodes = geometry.inodes;
    this.names = geometry.names;
    this.bucketSlots = geometry.bucketSlots;
    this.openBase = geometry.openBase;
    this.watchBase = geometry.watchBase;
    this.queueBase = geometry.queueBase;
    this.eventBase = geometry.eventBase;
    this.bitmapBase = geometry.bitmapBase;
    this.bucketBase = geometry.bucketBase;
    this.inodeBase = geometry.inodeBase;
    this.nameBase = geometry.nameBase;
    this.dataBase = geometry.dataBase;
    this.dataWordBase = geometry.dataBase / 4;
  }
}

/** The geometry that the superblock states, or `null` if it states none that fits the memory. */
export function readGeometry(memory: DiskMemory): Geometry | null {
  if (memory.byteLength < BLOCK_SIZE) return null;
  const head = new Int32Array(memory.buffer, memory.byteOffset, 16);
  if (head[S_MAGIC] !== MAGIC || head[S_VERSION] !== VERSION) return null;
  const geometry = geometryOf(head[S_BLOCKS] as number, head[S_INODES] as number);
  return geometry !== null && geometry.byteLength <= memory.byteLength ? geometry : null;
}

/** The first word of an inode. A number that is none's gives the unused inode 0, which is always free. */
export function inodeWord(v: Volume, inode: number): number {
  return v.inodeBase + (inode > 0 && inode <= v.inodes ? inode : 0) * INODE_WORDS;
}

export function isLink(v: Volume, inode: number): boolean {
  return (v.words[inodeWord(v, inode) + I_MODE] & S_IFMT) === S_IFLNK;
}

/** Says that paths may lead elsewhere from now on: a link came or went, or a directory moved. */
export function changeResolution(v: Volume): void {
  v.words[S_RESOLUTION] = (v.words[S_RESOLUTION] + 1) | 0;
}

export function isDirectory(v: Volume, inode: number): boolean {
  return (v.words[inodeWord(v, inode) + I_MODE] & S_IFMT) === S_IFDIR;
}
