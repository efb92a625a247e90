import { MathFloor, MathMax, MathMin, TypedArrayPrototypeFill } from "../primordials/primordials.js";
import { EFBIG, ENOSPC } from "../syscall/errno.js";
import { mapNewBlock, mappedBlock, unmapFrom } from "./block-map.js";
import { blockByte, copyBytes, zeroInBlock } from "./bytes.js";
import { fileSize, setFileSize } from "./inodes.js";
import { BLOCK_SIZE, MAX_FILE_SIZE } from "./layout.js";
import { inodeWord, type Volume } from "./volume.js";

/*
 * Reading and writing a file's bytes. What a block has beyond the end of its file is anything: it is
 * zeroed when the file grows over it. New data comes before the size that shows it.
 */

/** As much is copied under one lock. */
export const CHUNK = 1 << 20;

/** A file's size as far as it is believed. */
export function sizeOf(v: Volume, word: number): number {
  const size = fileSize(v, word);
  return size > 0 && size <= MAX_FILE_SIZE ? MathFloor(size) : 0;
}

/** Answers how many bytes were read, fewer at the end of the file. */
export function readData(
  v: Volume,
  inode: number,
  target: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  const word = inodeWord(v, inode);
  const left = sizeOf(v, word) - position;
  const wanted = MathMin(left, length);
  let done = 0;
  while (done < wanted) {
    const index = MathFloor((position + done) / BLOCK_SIZE);
    const skip = position + done - index * BLOCK_SIZE;
    const block = mappedBlock(v, word, index);
    const room = runLength(v, word, index, block, skip + wanted - done) - skip;
    const part = MathMin(room, wanted - done);
    if (block === 0) TypedArrayPrototypeFill(target, 0, offset + done, offset + done + part);
    else copyBytes(target, offset + done, v.bytes, blockByte(v, block) + skip, part);
    done += part;
  }
  return MathMax(done, 0);
}

/** How many bytes from the start of `block` on lie in one run (of blocks, or of holes). */
function runLength(v: Volume, word: number, index: number, block: number, wanted: number): number {
  let count = 1;
  while (count * BLOCK_SIZE < wanted && mappedBlock(v, word, index + count) === (block && block + count))
    count++;
  return count * BLOCK_SIZE;
}

/** Answers how many bytes were written (fewer when the disk is full), or -ENOSPC or -EFBIG if none could be. */
export function writeData(
  v: Volume,
  inode: number,
  source: Uint8Array,
  offset: number,
  length: number,
  position: number,
): number {
  const word = inodeWord(v, inode);
  if (length === 0) return 0;
  if (position >= MAX_FILE_SIZE) return -EFBIG;
  const wanted = position + length > MAX_FILE_SIZE ? MAX_FILE_SIZE - position : length;
  const size = sizeOf(v, word);
  if (position > size) zeroTail(v, word, size, position);
  let done = 0;
  while (done < wanted) {
    const part = writeRun(v, word, source, offset + done, wanted - done, position + done, size);
    if (part === 0) break;
    done += part;
  }
  if (done === 0) return -ENOSPC;
  if (position + done > size) setFileSize(v, word, position + done);
  return done;
}

/** Writes what fits the run of blocks at `position`; 0 if there is no block to be had. */
function writeRun(
  v: Volume,
  word: number,
  source: Uint8Array,
  offset: number,
  length: number,
  position: number,
  size: number,
): number {
  const index = MathFloor(position / BLOCK_SIZE);
  const skip = position - index * BLOCK_SIZE;
  let block = mappedBlock(v, word, index);
  if (block === 0) {
    const before = index > 0 ? mappedBlock(v, word, index - 1) : 0;
    block = mapNewBlock(v, word, index, before === 0 ? 0 : before + 1, skip === 0 && position >= size);
    if (block === 0) return 0;
  }
  let room = BLOCK_SIZE - skip;
  for (let count = 1; room < length; count++, room += BLOCK_SIZE) {
    if (nextBlock(v, word, index + count, block + count, size) !== block + count) break;
  }
  const part = MathMin(room, length);
  copyBytes(v.bytes, blockByte(v, block) + skip, source, offset, part);
  return part;
}

/** The block at `index`, made if it is a hole. Beyond the size it is covered or not seen: no need of zeros. */
function nextBlock(v: Volume, word: number, index: number, wanted: number, size: number): number {
  const there = mappedBlock(v, word, index);
  return there !== 0 ? there : mapNewBlock(v, word, index, wanted, index * BLOCK_SIZE >= size);
}

/** Zeroes what the last block has between the end of the file and `position`. */
function zeroTail(v: Volume, word: number, size: number, position: number): void {
  const index = MathFloor(size / BLOCK_SIZE);
  const from = size - index * BLOCK_SIZE;
  if (from === 0) return;
  const block = mappedBlock(v, word, index);
  if (block === 0) return;
  const to = position - index * BLOCK_SIZE;
  zeroInBlock(v, block, from, MathMin(to, BLOCK_SIZE));
}

/** Makes a file shorter, or longer by a hole. */
export function resize(v: Volume, inode: number, length: number): void {
  const word = inodeWord(v, inode);
  const size = sizeOf(v, word);
  if (length > size) zeroTail(v, word, size, length);
  setFileSize(v, word, length);
  if (length < size) unmapFrom(v, word, MathFloor((length + BLOCK_SIZE - 1) / BLOCK_SIZE));
}
