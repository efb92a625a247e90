import { BufferPrototypeCopy } from "../primordials/primordials.js";
import { BLOCK_SIZE } from "./layout.js";
import type { Volume } from "./volume.js";

/** Below this a loop is faster than the way to native code. */
const LOOP = 32;
const ZEROS = new Uint8Array(BLOCK_SIZE);

/** Both ranges must lie within their arrays. Allocates nothing. */
export function copyBytes(
  target: Uint8Array,
  to: number,
  source: Uint8Array,
  from: number,
  length: number,
): void {
  if (length >= LOOP) BufferPrototypeCopy(source, target, to, from, from + length);
  else for (let i = 0; i < length; i++) target[to + i] = source[from + i];
}

/** Zeroes a part of a block. (`fill` on shared memory takes five times as long.) */
export function zeroInBlock(v: Volume, block: number, from: number, to: number): void {
  copyBytes(v.bytes, blockByte(v, block) + from, ZEROS, 0, to - from);
}

export function blockByte(v: Volume, block: number): number {
  return v.dataBase + block * BLOCK_SIZE;
}

/** Makes what was read from memory a block's number, or 0. */
export function validBlock(v: Volume, block: number): number {
  return block > 0 && block <= v.blocks ? block : 0;
}
