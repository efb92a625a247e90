import { MathMax } from "../primordials/primordials.js";
import { freeBlocks, giveBlock, takeBlock } from "./blocks.js";
import { validBlock, zeroInBlock } from "./bytes.js";
import {
  BLOCK_SIZE,
  BLOCK_WORDS,
  DIRECT_BLOCKS,
  I_BLOCKS,
  I_DIRECT,
  I_DOUBLE,
  I_SINGLE,
  MAP_BLOCKS,
  SINGLE_END,
} from "./layout.js";
import type { Volume } from "./volume.js";

/*
 * Which block has which part of a file: 12 pointers in the inode, a block of 1024 more, and a block of
 * 1024 such blocks. A pointer of 0 is a hole. `word` is the inode's first word.
 */

/** Where a block's pointers are, as words. */
export function pointerBase(v: Volume, block: number): number {
  return v.dataWordBase + block * BLOCK_WORDS;
}

/** The block at `index` of the file, or 0. */
export function mappedBlock(v: Volume, word: number, index: number): number {
  if (index < DIRECT_BLOCKS) return validBlock(v, v.words[word + I_DIRECT + index]);
  const table = tableFor(v, word, index);
  if (table === 0) return 0;
  const slot = index < SINGLE_END ? index - DIRECT_BLOCKS : (index - SINGLE_END) & (BLOCK_WORDS - 1);
  return validBlock(v, v.words[pointerBase(v, table) + slot]);
}

/** The block of pointers that covers `index` (not a direct one), or 0. */
function tableFor(v: Volume, word: number, index: number): number {
  if (index < SINGLE_END) return validBlock(v, v.words[word + I_SINGLE]);
  const outer = validBlock(v, v.words[word + I_DOUBLE]);
  if (outer === 0) return 0;
  return validBlock(v, v.words[pointerBase(v, outer) + ((index - SINGLE_END) >>> 10)]);
}

/**
 * Puts a new block at `index`, which is a hole, and answers it, or 0 if the disk is full (then nothing
 * has changed). The block is zeroed unless `raw`, before anything points to it.
 */
export function mapNewBlock(v: Volume, word: number, index: number, wanted: number, raw: boolean): number {
  const { words } = v;
  if (index >= MAP_BLOCKS || freeBlocks(v) < 1 + missingTables(v, word, index)) return 0;
  const block = takeBlock(v, wanted);
  if (block === 0) return 0;
  if (!raw) zeroInBlock(v, block, 0, BLOCK_SIZE);
  words[word + I_BLOCKS]++;
  if (index < DIRECT_BLOCKS) {
    words[word + I_DIRECT + index] = block;
    return block;
  }
  let table: number;
  let slot: number;
  if (index < SINGLE_END) {
    table = pointerBlock(v, word, word + I_SINGLE);
    slot = index - DIRECT_BLOCKS;
  } else {
    const outer = pointerBlock(v, word, word + I_DOUBLE);
    table = outer === 0 ? 0 : pointerBlock(v, word, pointerBase(v, outer) + ((index - SINGLE_END) >>> 10));
    slot = (index - SINGLE_END) & (BLOCK_WORDS - 1);
  }
  if (table === 0) {
    // The count of free blocks was wrong: only a hostile thread can make it so.
    words[word + I_BLOCKS]--;
    giveBlock(v, block);
    return 0;
  }
  words[pointerBase(v, table) + slot] = block;
  return block;
}

function missingTables(v: Volume, word: number, index: number): number {
  if (index < DIRECT_BLOCKS || tableFor(v, word, index) !== 0) return 0;
  return index >= SINGLE_END && validBlock(v, v.words[word + I_DOUBLE]) === 0 ? 2 : 1;
}

/** The block of pointers at `place`; made if there is none. */
function pointerBlock(v: Volume, word: number, place: number): number {
  const there = validBlock(v, v.words[place]);
  if (there !== 0) return there;
  const block = takeBlock(v, 0);
  if (block === 0) return 0;
  zeroInBlock(v, block, 0, BLOCK_SIZE);
  v.words[place] = block;
  v.words[word + I_BLOCKS]++;
  return block;
}

/** Frees the file's blocks from `first` on. */
export function unmapFrom(v: Volume, word: number, first: number): void {
  for (let i = first; i < DIRECT_BLOCKS; i++) dropPointer(v, word, word + I_DIRECT + i);
  if (v.words[word + I_SINGLE] !== 0) dropTable(v, word, word + I_SINGLE, first - DIRECT_BLOCKS);
  if (v.words[word + I_DOUBLE] !== 0) dropTables(v, word, first - SINGLE_END);
}

function dropPointer(v: Volume, word: number, place: number): void {
  const block = validBlock(v, v.words[place]);
  v.words[place] = 0;
  if (block === 0) return;
  giveBlock(v, block);
  v.words[word + I_BLOCKS]--;
}

/** Frees what the table at `place` points to from `first` on, and the table itself if nothing is left. */
function dropTable(v: Volume, word: number, place: number, first: number): void {
  const table = validBlock(v, v.words[place]);
  if (table !== 0 && first < BLOCK_WORDS) {
    const base = pointerBase(v, table);
    for (let i = MathMax(first, 0); i < BLOCK_WORDS; i++) {
      if (v.words[base + i] !== 0) dropPointer(v, word, base + i);
    }
  }
  if (first <= 0) dropPointer(v, word, place);
}

function dropTables(v: Volume, word: number, first: number): void {
  const outer = validBlock(v, v.words[word + I_DOUBLE]);
  if (outer !== 0) {
    const base = pointerBase(v, outer);
    for (let i = first > 0 ? first >>> 10 : 0; i < BLOCK_WORDS; i++) {
      if (v.words[base + i] !== 0) dropTable(v, word, base + i, first - i * BLOCK_WORDS);
    }
  }
  if (first <= 0) dropPointer(v, word, word + I_DOUBLE);
}
