import { hashByte, hashSeed, resetBuckets } from "../buckets.js";
import {
  HEAD_TEXT,
  I_COUNT,
  I_FIRST_NAME,
  I_LAST_NAME,
  I_MODE,
  I_SEQUENCE,
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
  S_INODE_TOP,
  S_NAME_FREE_LIST,
  S_NAME_TOP,
  S_RENAME_FROM,
  S_RENAME_TO,
} from "../layout.js";
import { attach, enlist, findName, nameLength, nameWord, readName, removeName } from "../names.js";
import { inodeWord, isDirectory, type Volume } from "../volume.js";
import type { Findings } from "./findings.js";

const SLASH = 47;
const DOT = 46;
/** More than there are slots: orders slots by sequence number first. */
const SLOTS = 1 << 21;

const text = new Uint8Array(NAME_MAX + 1);

function drop(v: Volume, slot: number, findings: Findings, why: string): void {
  findings.note(`name ${slot}: ${why}`);
  v.words[nameWord(v, slot) + N_PARENT] = 0;
}

/** A rename that had given the file its new name takes the old one away. */
export function finishRename(v: Volume, findings: Findings): void {
  const from = v.words[S_RENAME_FROM];
  const to = v.words[S_RENAME_TO];
  if (!(from > 0 && from <= v.names && to > 0 && to <= v.names) || from === to) return;
  const source = nameWord(v, from);
  const target = nameWord(v, to);
  if (!(v.words[source + N_PARENT] > 0) || !(v.words[target + N_PARENT] > 0)) return;
  if (v.words[source + N_INODE] === v.words[target + N_INODE]) drop(v, from, findings, "renamed by half");
}

/** Drops names that can't be right; answers the slots of the rest in the order of their making. */
export function checkNames(v: Volume, findings: Findings): Int32Array {
  const top = v.words[S_NAME_TOP];
  const claimed = new Uint8Array(v.names + 1);
  const order = new Float64Array(v.names);
  let count = 0;
  for (let slot = 1; slot <= top && slot <= v.names; slot++) {
    const word = nameWord(v, slot);
    const parent = v.words[word + N_PARENT];
    if (parent === 0 || parent === MORE_TEXT) continue;
    const fault = claimText(v, word, claimed) ? faultOf(v, slot) : "broken text";
    if (fault !== "") drop(v, slot, findings, fault);
    else order[count++] = (v.words[word + N_SEQUENCE] >>> 0) * SLOTS + slot;
  }
  const sorted = order.subarray(0, count).sort();
  const slots = new Int32Array(count);
  for (let i = 0; i < count; i++) slots[i] = sorted[i] % SLOTS;
  return slots;
}

/** Makes the slots that a name's text goes on in its own, unless one is another's. */
function claimText(v: Volume, head: number, claimed: Uint8Array): boolean {
  const length = v.words[head + N_LENGTH];
  let slot = v.words[head + N_MORE];
  if (!(length > 0 && length <= NAME_MAX)) return false;
  for (let done = HEAD_TEXT; done < length; done += MORE_TEXT_SIZE) {
    if (!(slot > 0 && slot <= v.words[S_NAME_TOP] && slot <= v.names) || claimed[slot] !== 0) return false;
    const word = nameWord(v, slot);
    if (v.words[word + N_PARENT] !== MORE_TEXT) return false;
    claimed[slot] = 1;
    slot = v.words[word + M_NEXT];
  }
  return true;
}

function faultOf(v: Volume, slot: number): string {
  const word = nameWord(v, slot);
  const parent = v.words[word + N_PARENT];
  const inode = v.words[word + N_INODE];
  const top = v.words[S_INODE_TOP];
  if (!(parent > 0 && parent <= top) || !isDirectory(v, parent)) return "in no directory";
  if (!(inode > 0 && inode <= top) || inode === ROOT) return "of no file";
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

/** Makes the buckets and the directories' lists anew. */
export function linkNames(v: Volume, slots: Int32Array, live: boolean, findings: Findings): void {
  const { words } = v;
  resetBuckets(v);
  words[S_FREE_NAMES] = v.names - slots.length;
  for (let inode = 1; inode <= words[S_INODE_TOP] && inode <= v.inodes; inode++) {
    if (!isDirectory(v, inode)) continue;
    const word = inodeWord(v, inode);
    words[word + I_FIRST_NAME] = 0;
    words[word + I_LAST_NAME] = 0;
    words[word + I_COUNT] = 0;
    // Listings under way go by the sequence numbers.
    if (!live) words[word + I_SEQUENCE] = 0;
  }
  for (let i = 0; i < slots.length; i++) {
    const slot = slots[i];
    const word = nameWord(v, slot);
    const length = readName(v, slot, text, 0);
    if (findName(v, words[word + N_PARENT], words[word + N_HASH], text, 0, length) !== 0) {
      drop(v, slot, findings, "twice in its directory");
    } else if (live) enlist(v, slot);
    else attach(v, slot);
  }
}

export function dropUnreachedNames(
  v: Volume,
  slots: Int32Array,
  links: Int32Array,
  findings: Findings,
): void {
  for (let i = 0; i < slots.length; i++) {
    const parent = v.words[nameWord(v, slots[i]) + N_PARENT];
    if (parent === 0 || links[parent] > 0) continue;
    findings.note(`name ${slots[i]}: in a directory that nothing leads to`);
    removeName(v, slots[i]);
  }
}

/** Every slot that is no name's goes to the free list. */
export function listFreeNames(v: Volume): void {
  const { words } = v;
  const used = new Uint8Array(v.names + 1);
  for (let slot = 1; slot <= words[S_NAME_TOP] && slot <= v.names; slot++) {
    const word = nameWord(v, slot);
    if (words[word + N_PARENT] <= 0) continue;
    used[slot] = 1;
    let more = words[word + N_MORE];
    for (let done = HEAD_TEXT; done < nameLength(v, slot); done += MORE_TEXT_SIZE) {
      if (more > 0 && more <= v.names) used[more] = 1;
      more = words[nameWord(v, more) + M_NEXT];
    }
  }
  let free = v.names - words[S_NAME_TOP];
  let list = 0;
  for (let slot = words[S_NAME_TOP]; slot > 0; slot--) {
    if (used[slot] !== 0) continue;
    words[nameWord(v, slot) + N_PARENT] = 0;
    words[nameWord(v, slot) + N_CHAIN] = list;
    list = slot;
    free++;
  }
  words[S_NAME_FREE_LIST] = list;
  words[S_FREE_NAMES] = free;
}
