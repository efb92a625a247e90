import { MathMin } from "../primordials/primordials.js";
import { ENOSPC } from "../syscall/errno.js";
import { mapNewBlock, mappedBlock } from "./block-map.js";
import { blockByte, copyBytes } from "./bytes.js";
import { sizeOf } from "./file-data.js";
import { setFileSize } from "./inodes.js";
import { BLOCK_SIZE } from "./layout.js";
import { inodeWord, type Volume } from "./volume.js";

/**
 * Copies the blocks of one file at `position` (a multiple of the block size, where the other file ends) to
 * that other file. Answers `length`, or less at the end of the first, or -ENOSPC.
 */
export function copyData(v: Volume, from: number, to: number, position: number, length: number): number {
  const source = inodeWord(v, from);
  const target = inodeWord(v, to);
  const left = sizeOf(v, source) - position;
  const wanted = MathMin(left, length);
  if (wanted <= 0) return 0;
  const first = position / BLOCK_SIZE;
  let near = first > 0 ? mappedBlock(v, target, first - 1) : 0;
  for (let i = 0; i * BLOCK_SIZE < wanted; i++) {
    const block = mappedBlock(v, source, first + i);
    if (block === 0) continue;
    near = mappedBlock(v, target, first + i) || mapNewBlock(v, target, first + i, near && near + 1, true);
    if (near === 0) return -ENOSPC;
    copyBytes(v.bytes, blockByte(v, near), v.bytes, blockByte(v, block), BLOCK_SIZE);
  }
  if (position + wanted > sizeOf(v, target)) setFileSize(v, target, position + wanted);
  return wanted;
}
