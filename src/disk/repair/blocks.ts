import { MathFloor, NewInt32Array } from "../../primordials/primordials.js";
import { pointerBase } from "../block-map.js";
import { validBlock } from "../bytes.js";
import { sizeOf } from "../file-data.js";
import { setFileSize } from "../inodes.js";
import {
  BLOCK_SIZE,
  BLOCK_WORDS,
  DIRECT_BLOCKS,
  I_BLOCKS,
  I_DIRECT,
  I_DOUBLE,
  I_MODE,
  I_SINGLE,
  S_BITMAP_LOW,
  S_FREE_BLOCKS,
  SINGLE_END,
} from "../layout.js";
import { S_IFIFO, S_IFLNK, S_IFMT, S_IFREG } from "../modes.js";
import { PIPE_BLOCKS } from "../pipe.js";
import { inodeWord, type Volume } from "../volume.js";
import type { Findings } from "./findings.js";
import type { Pass } from "./pass.js";
import { emptyClosedPipes } from "./pipes.js";

/** Which blocks are in use, as found so far. */
class Claims {
  readonly v: Volume;
  readonly findings: Findings;
  readonly used: Int32Array;
  total = 0;
  /** Of the inode that is being gone through. */
  count = 0;
  inode = 0;

  constructor(v: Volume, findings: Findings) {
    this.v = v;
    this.findings = findings;
    this.used = new NewInt32Array((v.blocks >>> 5) + 1);
  }
}

/** Drops block pointers that lead nowhere, to another's block or beyond a file's end; makes the bitmap anew. */
export function checkBlocks(pass: Pass): void {
  const { v, findings, inodeTop } = pass;
  const claims = new Claims(v, findings);
  emptyClosedPipes(pass);
  // A link has to have its block, so links come first.
  claimAll(claims, inodeTop, S_IFLNK);
  claimAll(claims, inodeTop, S_IFREG);
  claimAll(claims, inodeTop, S_IFIFO);
  let wrong = 0;
  for (let i = 0; i <= v.blocks >>> 5; i++) {
    if (v.words[v.bitmapBase + i] === claims.used[i]) continue;
    v.words[v.bitmapBase + i] = claims.used[i];
    wrong++;
  }
  const free = v.blocks - claims.total;
  if (wrong > 0 || v.words[S_FREE_BLOCKS] !== free) findings.note("blocks neither free nor in use");
  v.words[S_FREE_BLOCKS] = free;
  v.words[S_BITMAP_LOW] = 0;
}

function claimAll(c: Claims, inodeTop: number, type: number): void {
  const { v, findings } = c;
  for (let inode = 1; inode <= inodeTop; inode++) {
    const word = inodeWord(v, inode);
    if ((v.words[word + I_MODE] & S_IFMT) !== type) continue;
    c.inode = inode;
    c.count = 0;
    claimFile(c, word, blocksOf(v, word, type));
    if (type === S_IFLNK && c.count === 0) {
      findings.note(`inode ${inode}: a link whose text is lost becomes an empty file`);
      v.words[word + I_MODE] = S_IFREG | 0o644;
      setFileSize(v, word, 0);
    }
    if (v.words[word + I_BLOCKS] === c.count) continue;
    findings.note(`inode ${inode}: wrong count of blocks`);
    v.words[word + I_BLOCKS] = c.count;
  }
}

/** As many blocks may a file have. */
function blocksOf(v: Volume, word: number, type: number): number {
  return type === S_IFIFO ? PIPE_BLOCKS : MathFloor((sizeOf(v, word) + BLOCK_SIZE - 1) / BLOCK_SIZE);
}

/** `end` is the number of blocks that the file's size covers. */
function claimFile(c: Claims, word: number, end: number): void {
  for (let i = 0; i < DIRECT_BLOCKS; i++) claim(c, word + I_DIRECT + i, i < end);
  claimTable(c, word + I_SINGLE, end - DIRECT_BLOCKS);
  const outer = claim(c, word + I_DOUBLE, end > SINGLE_END);
  if (outer === 0) return;
  const base = pointerBase(c.v, outer);
  for (let i = 0; i < BLOCK_WORDS; i++) claimTable(c, base + i, end - SINGLE_END - i * BLOCK_WORDS);
}

function claimTable(c: Claims, place: number, end: number): void {
  const table = claim(c, place, end > 0);
  if (table === 0) return;
  const base = pointerBase(c.v, table);
  for (let i = 0; i < BLOCK_WORDS; i++) claim(c, base + i, i < end);
}

/** Answers the block that the pointer at `place` leads to, or 0 after dropping a wrong one. */
function claim(c: Claims, place: number, inside: boolean): number {
  const stated = c.v.words[place];
  if (stated === 0) return 0;
  const block = validBlock(c.v, stated);
  const bit = 1 << (block & 31);
  if (block === 0 || !inside || (c.used[block >>> 5] & bit) !== 0) {
    c.findings.note(`inode ${c.inode}: wrong pointer to block ${stated}`);
    c.v.words[place] = 0;
    return 0;
  }
  c.used[block >>> 5] |= bit;
  c.count++;
  c.total++;
  return block;
}
