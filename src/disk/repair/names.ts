import { NewFloat64Array, NewUint8Array } from "../../primordials/primordials.js";
import { hashByte, hashSeed } from "../buckets.js";
import {
  HEAD_TEXT,
  I_MODE,
  M_NEXT,
  MORE_TEXT,
  MORE_TEXT_SIZE,
  N_CHAIN,
  N_HASH,
  N_INODE,
  N_LENGTH,
  N_MORE,
  N_PARENT,
  N_SEQUENCE,
  NAME_MAX,
  ROOT,
  S_FREE_NAMES,
  S_NAME_FREE_LIST,
  S_RENAME_FROM,
  S_RENAME_TO,
} from "../layout.js";
import { nameLength, nameWord, readName, removeName } from "../names.js";
import { inodeWord, isDirectory, type Volume } from "../volume.js";
import type { Findings } from "./findings.js";
import { type NameOrder, orderKey } from "./name-order.js";
import type { Pass } from "./pass.js";

const SLASH = 47;
const DOT = 46;
const text = new NewUint8Array(NAME_MAX + 1);

export function dropName(v: Volume, slot: number, findings: Findings, why: string): void {
  findings.note(`name ${slot}: ${why}`);
  v.words[nameWord(v, slot) + N_PARENT] = 0;
}

/** A rename that had given the file its new name takes the old one away. */
export function finishRename({ v, findings }: Pass): void {
  const from = v.words[S_RENAME_FROM];
  const to = v.words[S_RENAME_TO];
  if (!(from > 0 && from <= v.names && to > 0 && to <= v.names) || from === to) return;
  const source = nameWord(v, from);
  const target = nameWord(v, to);
  if (!(v.words[source + N_PARENT] > 0) || !(v.words[target + N_PARENT] > 0)) return;
  if (v.words[source + N_INODE] === v.words[target + N_INODE]) dropName(v, from, findings, "renamed by half");
}

/** Drops names that can't be right; answers those that may be, for `linkNames`. */
export function checkNames({ v, findings, inodeTop, nameTop }: Pass): NameOrder {
  const claimed = new NewUint8Array(v.names + 1);
  const keys = new NewFloat64Array(nameTop);
  let count = 0;
  for (let slot = 1; slot <= nameTop; slot++) {
    const word = nameWord(v, slot);
    const parent = v.words[word + N_PARENT];
    if (parent === 0 || parent === MORE_TEXT) continue;
    const fault = claimText(v, word, claimed, nameTop) ? faultOf(v, slot, inodeTop) : "broken text";
    if (fault !== "") dropName(v, slot, findings, fault);
    else keys[count++] = orderKey(v.words[word + N_SEQUENCE], slot);
  }
  return { keys, count };
}

/** Makes the slots that a name's text goes on in its own, unless one is another's, and ends the text there. */
function claimText(v: Volume, head: number, claimed: Uint8Array, nameTop: number): boolean {
  const length = v.words[head + N_LENGTH];
  let link = head + N_MORE;
  if (!(length > 0 && length <= NAME_MAX)) return false;
  for (let done = HEAD_TEXT; done < length; done += MORE_TEXT_SIZE) {
    const slot = v.words[link];
    if (!(slot > 0 && slot <= nameTop) || claimed[slot] !== 0) return false;
    const word = nameWord(v, slot);
    if (v.words[word + N_PARENT] !== MORE_TEXT) return false;
    claimed[slot] = 1;
    link = word + M_NEXT;
  }
  v.words[link] = 0;
  return true;
}

function faultOf(v: Volume, slot: number, inodeTop: number): string {
  const word = nameWord(v, slot);
  const parent = v.words[word + N_PARENT];
  const inode = v.words[word + N_INODE];
  if (!(parent > 0 && parent <= inodeTop) || !isDirectory(v, parent)) return "in no directory";
  if (!(inode > 0 && inode <= inodeTop) || inode === ROOT) return "of no file";
  if (v.words[inodeWord(v, inode) + I_MODE] === 0) return "of no file";
  const length = readName(v, slot, text, 0);
  let hash = hashSeed(parent);
  for (let i = 0; i < length; i++) {
    if (text[i] === 0 || text[i] === SLASH) return "a byte that no name has";
    hash = hashByte(hash, text[i]);
  }
  if (text[0] === DOT && (length === 1 || (length === 2 && text[1] === DOT))) return "a dot";
  v.words[word + N_HASH] = hash;
  return "";
}

export function dropUnreachedNames({ v, findings, nameTop }: Pass, links: Int32Array): void {
  for (let slot = 1; slot <= nameTop; slot++) {
    const parent = v.words[nameWord(v, slot) + N_PARENT];
    if (parent <= 0 || links[parent] > 0) continue;
    findings.note(`name ${slot}: in a directory that nothing leads to`);
    removeName(v, slot);
  }
}

/** Every slot that is no name's goes to the free list. */
export function listFreeNames({ v, nameTop }: Pass): void {
  const { words } = v;
  const used = new NewUint8Array(v.names + 1);
  for (let slot = 1; slot <= nameTop; slot++) {
    const word = nameWord(v, slot);
    if (words[word + N_PARENT] <= 0) continue;
    used[slot] = 1;
    let more = words[word + N_MORE];
    for (let done = HEAD_TEXT; done < nameLength(v, slot); done += MORE_TEXT_SIZE) {
      if (more > 0 && more <= v.names) used[more] = 1;
      more = words[nameWord(v, more) + M_NEXT];
    }
  }
  let free = v.names - nameTop;
  let list = 0;
  for (let slot = nameTop; slot > 0; slot--) {
    if (used[slot] !== 0) continue;
    words[nameWord(v, slot) + N_PARENT] = 0;
    words[nameWord(v, slot) + N_CHAIN] = list;
    list = slot;
    free++;
  }
  words[S_NAME_FREE_LIST] = list;
  words[S_FREE_NAMES] = free;
}
