import { MathMin } from "../primordials/primordials.js";
import { bucketInsert, bucketRemove, bucketStart } from "./buckets.js";
import {
  HEAD_TEXT,
  I_COUNT,
  I_FIRST_NAME,
  I_LAST_NAME,
  I_SEQUENCE,
  M_NEXT,
  M_TEXT_BYTE,
  MORE_TEXT,
  MORE_TEXT_SIZE,
  N_CHAIN,
  N_HASH,
  N_INODE,
  N_LENGTH,
  N_MORE,
  N_NEXT,
  N_PARENT,
  N_PREVIOUS,
  N_SEQUENCE,
  N_TEXT_BYTE,
  NAME_MAX,
  NAME_WORDS,
  S_FREE_NAMES,
  S_NAME_FREE_LIST,
  S_NAME_TOP,
} from "./layout.js";
import { inodeWord, type Volume } from "./volume.js";

/** The first word of a slot. A number that is none's gives the unused slot 0. */
export function nameWord(v: Volume, slot: number): number {
  return v.nameBase + (slot > 0 && slot <= v.names ? slot : 0) * NAME_WORDS;
}

/** A name's length as far as it is believed. */
export function nameLength(v: Volume, slot: number): number {
  const length = v.words[nameWord(v, slot) + N_LENGTH];
  return length > 0 && length <= NAME_MAX ? length : 0;
}

/** Answers the slot of a name in a directory, or 0. */
export function findName(
  v: Volume,
  directory: number,
  hash: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): number {
  const { words } = v;
  let slot = bucketStart(v, hash);
  for (let bound = v.names; slot > 0 && slot <= v.names && bound > 0; bound--) {
    const word = v.nameBase + slot * NAME_WORDS;
    if (
      words[word + N_HASH] === hash &&
      words[word + N_PARENT] === directory &&
      words[word + N_LENGTH] === length &&
      sameText(v, word, bytes, start, length)
    ) {
      return slot;
    }
    slot = words[word + N_CHAIN];
  }
  return 0;
}

function sameText(v: Volume, word: number, bytes: Uint8Array, start: number, length: number): boolean {
  const text = word * 4 + N_TEXT_BYTE;
  const head = MathMin(length, HEAD_TEXT);
  for (let i = 0; i < head; i++) if (v.bytes[text + i] !== bytes[start + i]) return false;
  let slot = v.words[word + N_MORE];
  for (let done = head; done < length; done += MORE_TEXT_SIZE) {
    const more = nameWord(v, slot);
    const part = MathMin(length - done, MORE_TEXT_SIZE);
    for (let i = 0; i < part; i++) {
      if (v.bytes[more * 4 + M_TEXT_BYTE + i] !== bytes[start + done + i]) return false;
    }
    slot = v.words[more + M_NEXT];
  }
  return true;
}

/** Copies a name's text to `target`, which has room for it, and answers its length. */
export function readName(v: Volume, slot: number, target: Uint8Array, at: number): number {
  const word = nameWord(v, slot);
  const length = nameLength(v, slot);
  const head = MathMin(length, HEAD_TEXT);
  for (let i = 0; i < head; i++) target[at + i] = v.bytes[word * 4 + N_TEXT_BYTE + i];
  let more = v.words[word + N_MORE];
  for (let done = head; done < length; done += MORE_TEXT_SIZE) {
    const next = nameWord(v, more);
    const part = MathMin(length - done, MORE_TEXT_SIZE);
    for (let i = 0; i < part; i++) target[at + done + i] = v.bytes[next * 4 + M_TEXT_BYTE + i];
    more = v.words[next + M_NEXT];
  }
  return length;
}

function slotsFor(length: number): number {
  return length <= HEAD_TEXT ? 1 : 1 + (((length - HEAD_TEXT + MORE_TEXT_SIZE - 1) / MORE_TEXT_SIZE) | 0);
}

/**
 * Gives `inode` a name in `directory`, and answers the slot, or 0 if the table is full (then nothing has
 * changed). The parent, which makes the name real, is written last.
 */
export function addName(
  v: Volume,
  directory: number,
  inode: number,
  hash: number,
  bytes: Uint8Array,
  start: number,
  length: number,
): number {
  const { words } = v;
  if (words[S_FREE_NAMES] < slotsFor(length)) return 0;
  const slot = takeSlot(v);
  if (slot === 0) return 0;
  const word = nameWord(v, slot);
  const head = MathMin(length, HEAD_TEXT);
  for (let i = 0; i < head; i++) v.bytes[word * 4 + N_TEXT_BYTE + i] = bytes[start + i];
  words[word + N_LENGTH] = length;
  words[word + N_HASH] = hash;
  words[word + N_INODE] = inode;
  words[word + N_MORE] = 0;
  if (length > head && !addMore(v, word, bytes, start + head, length - head)) {
    giveSlots(v, slot);
    return 0;
  }
  words[word + N_PARENT] = directory;
  attach(v, slot);
  return slot;
}

function addMore(v: Volume, head: number, bytes: Uint8Array, start: number, length: number): boolean {
  const { words } = v;
  let link = head + N_MORE;
  for (let done = 0; done < length; done += MORE_TEXT_SIZE) {
    const slot = takeSlot(v);
    if (slot === 0) return false;
    const word = nameWord(v, slot);
    const part = MathMin(length - done, MORE_TEXT_SIZE);
    for (let i = 0; i < part; i++) v.bytes[word * 4 + M_TEXT_BYTE + i] = bytes[start + done + i];
    words[word + M_NEXT] = 0;
    words[word + N_PARENT] = MORE_TEXT;
    words[link] = slot;
    link = word + M_NEXT;
  }
  return true;
}

/** Puts a name, which has its parent and hash, last in its directory. */
export function attach(v: Volume, slot: number): void {
  const { words } = v;
  const word = nameWord(v, slot);
  const directory = inodeWord(v, words[word + N_PARENT]);
  words[directory + I_SEQUENCE]++;
  words[word + N_SEQUENCE] = words[directory + I_SEQUENCE];
  enlist(v, slot);
}

/** Enters a name at the end of its directory's list, and into the buckets. */
export function enlist(v: Volume, slot: number): void {
  const { words } = v;
  const word = nameWord(v, slot);
  const directory = inodeWord(v, words[word + N_PARENT]);
  const last = words[directory + I_LAST_NAME];
  words[word + N_PREVIOUS] = last;
  words[word + N_NEXT] = 0;
  words[last === 0 ? directory + I_FIRST_NAME : nameWord(v, last) + N_NEXT] = slot;
  words[directory + I_LAST_NAME] = slot;
  words[directory + I_COUNT]++;
  bucketInsert(v, slot, words[word + N_HASH]);
}

/** Takes a name away. */
export function removeName(v: Volume, slot: number): void {
  const { words } = v;
  const word = nameWord(v, slot);
  const directory = inodeWord(v, words[word + N_PARENT]);
  words[word + N_PARENT] = 0;
  bucketRemove(v, slot, words[word + N_HASH]);
  const previous = words[word + N_PREVIOUS];
  const next = words[word + N_NEXT];
  words[previous === 0 ? directory + I_FIRST_NAME : nameWord(v, previous) + N_NEXT] = next;
  words[next === 0 ? directory + I_LAST_NAME : nameWord(v, next) + N_PREVIOUS] = previous;
  words[directory + I_COUNT]--;
  giveSlots(v, slot);
}

function takeSlot(v: Volume): number {
  const { words } = v;
  const head = words[S_NAME_FREE_LIST];
  let slot = 0;
  if (head > 0 && head <= v.names && words[nameWord(v, head) + N_PARENT] === 0) {
    slot = head;
    words[S_NAME_FREE_LIST] = words[nameWord(v, head) + N_CHAIN];
  } else {
    const fresh = words[S_NAME_TOP] + 1;
    if (!(fresh > 0 && fresh <= v.names)) return 0;
    words[nameWord(v, fresh) + N_PARENT] = 0;
    words[S_NAME_TOP] = fresh;
    slot = fresh;
  }
  words[S_FREE_NAMES]--;
  return slot;
}

/** Frees the slots of a name, the head first. */
function giveSlots(v: Volume, head: number): void {
  let more = v.words[nameWord(v, head) + N_MORE];
  giveSlot(v, head);
  for (let bound = NAME_MAX; more > 0 && more <= v.names && bound > 0; bound--) {
    const word = nameWord(v, more);
    if (v.words[word + N_PARENT] !== MORE_TEXT) return;
    const next = v.words[word + M_NEXT];
    giveSlot(v, more);
    more = next;
  }
}

function giveSlot(v: Volume, slot: number): void {
  const word = nameWord(v, slot);
  v.words[word + N_PARENT] = 0;
  v.words[word + N_CHAIN] = v.words[S_NAME_FREE_LIST];
  v.words[S_NAME_FREE_LIST] = slot;
  v.words[S_FREE_NAMES]++;
}
