import { MathImul } from "../primordials/primordials.js";
import {
  FIRST_BUCKETS,
  N_CHAIN,
  N_HASH,
  NAME_WORDS,
  S_BUCKET_MASK,
  S_BUCKETS,
  S_FREE_NAMES,
} from "./layout.js";
import type { Volume } from "./volume.js";

/*
 * One hash over all names of the disk. It grows by linear hashing: with every name too many one bucket
 * is split in two, so that no call pays for all, and a disk with few names touches few pages.
 */

/** Where the hash of a name in a directory starts; `hashByte` takes it on. */
export function hashSeed(directory: number): number {
  return MathImul(directory, 0x9e3779b1);
}

export function hashByte(hash: number, byte: number): number {
  return MathImul(hash ^ byte, 0x01000193);
}

function bucketOf(v: Volume, hash: number): number {
  const mixed = hash ^ (hash >>> 15);
  const mask = v.words[S_BUCKET_MASK];
  const bucket = mixed & mask & (v.bucketSlots - 1);
  return v.bucketBase + (bucket < v.words[S_BUCKETS] ? bucket : bucket & (mask >>> 1));
}

/** The first slot of the bucket. */
export function bucketStart(v: Volume, hash: number): number {
  return v.words[bucketOf(v, hash)];
}

export function bucketInsert(v: Volume, slot: number, hash: number): void {
  const { words } = v;
  const bucket = bucketOf(v, hash);
  words[v.nameBase + slot * NAME_WORDS + N_CHAIN] = words[bucket];
  words[bucket] = slot;
  if (v.names - words[S_FREE_NAMES] > words[S_BUCKETS]) split(v);
}

export function bucketRemove(v: Volume, slot: number, hash: number): void {
  const { words } = v;
  let link = bucketOf(v, hash);
  for (let bound = v.names; bound > 0; bound--) {
    const at = words[link];
    if (!(at > 0 && at <= v.names)) return;
    const chain = v.nameBase + at * NAME_WORDS + N_CHAIN;
    if (at === slot) {
      words[link] = words[chain];
      return;
    }
    link = chain;
  }
}

/** Takes one more bucket into use, with its share of the names of an older one. */
function split(v: Volume): void {
  const { words } = v;
  const fresh = words[S_BUCKETS];
  if (!(fresh >= FIRST_BUCKETS && fresh < v.bucketSlots)) return;
  if (fresh > words[S_BUCKET_MASK]) words[S_BUCKET_MASK] = words[S_BUCKET_MASK] * 2 + 1;
  const mask = words[S_BUCKET_MASK];
  const old = v.bucketBase + (fresh & (mask >>> 1) & (v.bucketSlots - 1));
  let slot = words[old];
  words[old] = 0;
  words[v.bucketBase + fresh] = 0;
  words[S_BUCKETS] = fresh + 1;
  for (let bound = v.names; slot > 0 && slot <= v.names && bound > 0; bound--) {
    const word = v.nameBase + slot * NAME_WORDS;
    const next = words[word + N_CHAIN];
    const bucket = bucketOf(v, words[word + N_HASH]);
    words[word + N_CHAIN] = words[bucket];
    words[bucket] = slot;
    slot = next;
  }
}

export function resetBuckets(v: Volume): void {
  for (let i = 0; i < FIRST_BUCKETS; i++) v.words[v.bucketBase + i] = 0;
  v.words[S_BUCKETS] = FIRST_BUCKETS;
  v.words[S_BUCKET_MASK] = FIRST_BUCKETS - 1;
}
