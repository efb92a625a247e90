import { MathMin } from "../primordials/primordials.js";
import { BLOCK_SIZE, S_BLOCK_TOP, S_FREED } from "./layout.js";
import type { Session } from "./session.js";
import type { Volume } from "./volume.js";

/** A shorter run is not worth a system call. */
const SHORTEST = 16;
/** As many blocks are given back under one lock. */
const LONGEST = 256;

/** Gives the memory of a part of the disk back to the system: it reads as zeros then. */
export type Discard = (offset: number, length: number) => void;

/**
 * Discards the first run of free blocks from `from` on, while nobody can take one of them. Answers the
 * block to go on with, 0 at the end. `freed` is what `S_FREED` was when all this began at block 1.
 */
export function discardRun(s: Session, from: number, freed: number, discard: Discard): number {
  const top = MathMin(s.words[S_BLOCK_TOP], s.blocks);
  let start = from;
  for (let block = from; block <= top; block++) {
    // Nothing is free where all bits of a word are set.
    if ((block & 31) === 0 && s.words[s.bitmapBase + (block >>> 5)] === -1) block += 31;
    else if (isFree(s, block)) {
      if (block + 1 - start < LONGEST) continue;
      give(s, start, block + 1, discard);
      return block + 1;
    } else if (block - start >= SHORTEST) {
      give(s, start, block, discard);
      return block + 1;
    }
    start = block + 1;
  }
  if (top + 1 - start > 0) give(s, start, top + 1, discard);
  // Unless somebody had blocks meanwhile, nothing beyond the last one in use is touched any more.
  if (s.words[S_FREED] === freed) s.words[S_BLOCK_TOP] = lastInUse(s, top);
  return 0;
}

function lastInUse(v: Volume, top: number): number {
  let block = top;
  while (block > 0 && isFree(v, block)) block--;
  return block;
}

function isFree(v: Volume, block: number): boolean {
  return (v.words[v.bitmapBase + (block >>> 5)] & (1 << (block & 31))) === 0;
}

function give(v: Volume, start: number, end: number, discard: Discard): void {
  discard(v.dataBase + start * BLOCK_SIZE, (end - start) * BLOCK_SIZE);
}
