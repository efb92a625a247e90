import { MathClz32, MathMax, MathMin } from "../primordials/primordials.js";
import { S_BITMAP_LOW, S_BLOCK_TOP, S_FREE_BLOCKS, S_FREED } from "./layout.js";
import type { Volume } from "./volume.js";

/*
 * Free blocks are zero bits. The search begins at the block that the file would like (the one after its
 * last), else at the lowest free one: that keeps files in runs, and a nearly empty disk dense.
 */

/** Answers a block, marked as used, or 0 if there is none. */
export function takeBlock(v: Volume, wanted: number): number {
  const { words } = v;
  if (wanted > 0 && wanted <= v.blocks && take(v, wanted)) return wanted;
  const end = v.blocks >>> 5;
  const low = words[S_BITMAP_LOW];
  for (let index = low >= 0 && low <= end ? low : 0; index <= end; index++) {
    const free = ~words[v.bitmapBase + index];
    // Block 0 is none, and the last word has bits of blocks that are not there.
    const usable = index === 0 ? free & ~1 : free;
    if (usable === 0) continue;
    const block = index * 32 + 31 - MathClz32(usable & -usable);
    if (block > v.blocks) break;
    words[S_BITMAP_LOW] = index;
    if (take(v, block)) return block;
  }
  words[S_BITMAP_LOW] = end;
  return 0;
}

function take(v: Volume, block: number): boolean {
  const word = v.bitmapBase + (block >>> 5);
  const bit = 1 << (block & 31);
  if ((v.words[word] & bit) !== 0) return false;
  v.words[word] |= bit;
  v.words[S_FREE_BLOCKS]--;
  if (v.words[S_BLOCK_TOP] < block) v.words[S_BLOCK_TOP] = block;
  return true;
}

export function giveBlock(v: Volume, block: number): void {
  const index = block >>> 5;
  const word = v.bitmapBase + index;
  const bit = 1 << (block & 31);
  if ((v.words[word] & bit) === 0) return;
  v.words[word] &= ~bit;
  v.words[S_FREE_BLOCKS]++;
  v.words[S_FREED]++;
  if (v.words[S_BITMAP_LOW] > index) v.words[S_BITMAP_LOW] = index;
}

export function freeBlocks(v: Volume): number {
  const free = v.words[S_FREE_BLOCKS];
  return MathMin(MathMax(free, 0), v.blocks);
}
