import { AtomicsExchange, AtomicsNotify } from "../primordials/primordials.js";
import { copyBytes } from "./bytes.js";
import {
  E_LENGTH,
  E_MASK,
  E_WATCH,
  EVENT_WORDS,
  Q_LAST,
  Q_LENGTH,
  Q_OWNER,
  Q_SIGNAL,
  QUEUE_BYTES,
  QUEUE_WORDS,
  QUEUES,
} from "./layout.js";
import type { Volume } from "./volume.js";

/*
 * A queue holds the events that its thread has not taken yet, one after the other. As inotify's, it takes
 * an event that is like the last one for the same, and when it is full it loses what comes.
 */

const LARGEST = EVENT_WORDS * 4 + 256;

/** The first word of a queue's head, or 0 if `queue` is none. */
export function queueWord(v: Volume, queue: number): number {
  return queue > 0 && queue <= QUEUES ? v.queueBase + queue * QUEUE_WORDS : 0;
}

/** The first byte of a queue's events. */
function firstByte(v: Volume, queue: number): number {
  return v.eventBase * 4 + queue * QUEUE_BYTES;
}

/** The queue that belongs to a thread, or 0. */
export function queueOf(v: Volume, owner: number): number {
  for (let queue = 1; queue <= QUEUES; queue++) {
    if (v.words[v.queueBase + queue * QUEUE_WORDS + Q_OWNER] === owner) return queue;
  }
  return 0;
}

/** Gives a thread a queue of its own; 0 if there is none left. */
export function takeQueue(v: Volume, owner: number): number {
  const queue = queueOf(v, 0);
  if (queue === 0) return 0;
  emptyQueue(v, queue);
  v.words[queueWord(v, queue) + Q_OWNER] = owner;
  return queue;
}

export function emptyQueue(v: Volume, queue: number): void {
  const head = queueWord(v, queue);
  v.words[head + Q_LENGTH] = 0;
  v.words[head + Q_LAST] = 0;
  v.words[head + Q_SIGNAL] = 0;
}

/** Puts an event into a queue. A length of 0 is an event without a name. */
export function enqueue(
  v: Volume,
  queue: number,
  watch: number,
  mask: number,
  name: Uint8Array,
  start: number,
  length: number,
): void {
  const { words } = v;
  const head = queueWord(v, queue);
  if (head === 0) return;
  const filled = words[head + Q_LENGTH];
  if (!isFill(filled)) {
    emptyQueue(v, queue);
    return;
  }
  const base = firstByte(v, queue);
  if (filled > 0 && isLast(v, base, words[head + Q_LAST], watch, mask, name, start, length)) return;
  const next = filled + EVENT_WORDS * 4 + ((length + 3) & ~3);
  if (next > QUEUE_BYTES) return;
  const word = (base + filled) >>> 2;
  words[word + E_WATCH] = watch;
  words[word + E_MASK] = mask;
  words[word + E_LENGTH] = length;
  copyBytes(v.bytes, base + filled + EVENT_WORDS * 4, name, start, length);
  words[head + Q_LAST] = filled;
  words[head + Q_LENGTH] = next;
  signal(v, head);
}

function isFill(filled: number): boolean {
  return filled >= 0 && filled <= QUEUE_BYTES && (filled & 3) === 0;
}

function isLast(
  v: Volume,
  base: number,
  last: number,
  watch: number,
  mask: number,
  name: Uint8Array,
  start: number,
  length: number,
): boolean {
  if (!isFill(last) || last + LARGEST > QUEUE_BYTES) return false;
  const word = (base + last) >>> 2;
  const { words, bytes } = v;
  if (words[word + E_WATCH] !== watch || words[word + E_MASK] !== mask || words[word + E_LENGTH] !== length)
    return false;
  const text = base + last + EVENT_WORDS * 4;
  for (let i = 0; i < length; i++) if (bytes[text + i] !== name[start + i]) return false;
  return true;
}

/** Wakes the queue's thread, if it waits. */
export function signal(v: Volume, head: number): void {
  if (AtomicsExchange(v.words, head + Q_SIGNAL, 1) === 0) AtomicsNotify(v.words, head + Q_SIGNAL);
}

/** Moves all of a queue's events to `target`, which has room for them, and answers how many bytes they are. */
export function dequeue(v: Volume, queue: number, target: Uint8Array): number {
  const head = queueWord(v, queue);
  if (head === 0) return 0;
  const filled = v.words[head + Q_LENGTH];
  const length = isFill(filled) ? filled : 0;
  copyBytes(target, 0, v.bytes, firstByte(v, queue), length);
  emptyQueue(v, queue);
  return length;
}
