import { EINVAL, EMFILE, ENOSPC } from "../syscall/errno.js";
import { emptyQueue, enqueue, queueOf, queueWord, takeQueue } from "./event-queue.js";
import {
  I_WATCH,
  Q_OWNER,
  QUEUES,
  S_WATCH_FREE_LIST,
  S_WATCH_TOP,
  S_WATCHES,
  W_ID,
  W_INODE,
  W_NEXT,
  W_QUEUE,
  WATCH_WORDS,
  WATCHES,
} from "./layout.js";
import { inodeWord, type Volume } from "./volume.js";

/*
 * Who wants to hear of what happens to which file. Each inode has a list of its watches, of which a queue
 * has one at most; so no list is longer than there are queues, and no walk goes further.
 */

/** An id is the entry's number and, above these bits, the count of its lives. */
const ENTRY_BITS = 14;
const ENTRY = (1 << ENTRY_BITS) - 1;
const LIVES = 0x7fffffff >>> ENTRY_BITS;
const NOTHING = new Uint8Array(0);

/** The first word of an entry. A number that is none's gives the unused entry 0. */
export function watchWord(v: Volume, watch: number): number {
  return v.watchBase + (watch > 0 && watch <= WATCHES ? watch : 0) * WATCH_WORDS;
}

/** Has a thread's queue get the events of an inode, and answers the watch's id. */
export function addWatch(v: Volume, owner: number, inode: number): number {
  const { words } = v;
  const queue = queueOf(v, owner) || takeQueue(v, owner);
  if (queue === 0) return -EMFILE;
  const first = inodeWord(v, inode) + I_WATCH;
  let watch = words[first];
  for (let bound = QUEUES; watch > 0 && bound > 0; bound--) {
    const word = watchWord(v, watch);
    if (words[word + W_QUEUE] === queue) return words[word + W_ID] & 0x7fffffff;
    watch = words[word + W_NEXT];
  }
  watch = takeEntry(v);
  if (watch === 0) return -ENOSPC;
  const word = watchWord(v, watch);
  const lives = (words[word + W_ID] >>> ENTRY_BITS) + 1;
  words[word + W_ID] = ((lives & LIVES) << ENTRY_BITS) | watch;
  words[word + W_INODE] = inode;
  words[word + W_NEXT] = words[first];
  words[word + W_QUEUE] = queue;
  words[first] = watch;
  words[S_WATCHES]++;
  return words[word + W_ID];
}

function takeEntry(v: Volume): number {
  const { words } = v;
  const head = words[S_WATCH_FREE_LIST];
  if (head > 0 && head <= WATCHES && words[watchWord(v, head) + W_QUEUE] === 0) {
    words[S_WATCH_FREE_LIST] = words[watchWord(v, head) + W_NEXT];
    return head;
  }
  const fresh = words[S_WATCH_TOP] + 1;
  if (!(fresh > 0 && fresh <= WATCHES)) return 0;
  words[watchWord(v, fresh) + W_ID] = 0;
  words[S_WATCH_TOP] = fresh;
  return fresh;
}

/** Ends one of a thread's watches. */
export function removeWatch(v: Volume, owner: number, id: number): number {
  const watch = id & ENTRY;
  const word = watchWord(v, watch);
  const queue = v.words[word + W_QUEUE];
  if (queue === 0 || v.words[word + W_ID] !== id || v.words[queueWord(v, queue) + Q_OWNER] !== owner)
    return -EINVAL;
  unlist(v, watch);
  freeEntry(v, watch);
  return 0;
}

function unlist(v: Volume, watch: number): void {
  const { words } = v;
  let link = inodeWord(v, words[watchWord(v, watch) + W_INODE]) + I_WATCH;
  for (let bound = QUEUES; bound > 0 && words[link] > 0 && words[link] !== watch; bound--)
    link = watchWord(v, words[link]) + W_NEXT;
  if (words[link] === watch) words[link] = words[watchWord(v, watch) + W_NEXT];
}

function freeEntry(v: Volume, watch: number): void {
  const { words } = v;
  const word = watchWord(v, watch);
  words[word + W_QUEUE] = 0;
  words[word + W_NEXT] = words[S_WATCH_FREE_LIST];
  words[S_WATCH_FREE_LIST] = watch;
  if (words[S_WATCHES] > 0) words[S_WATCHES]--;
}

/** Tells all watches of an inode of an event. */
export function tell(
  v: Volume,
  inode: number,
  mask: number,
  name: Uint8Array,
  start: number,
  length: number,
): void {
  const { words } = v;
  let watch = words[inodeWord(v, inode) + I_WATCH];
  for (let bound = QUEUES; watch > 0 && bound > 0; bound--) {
    const word = watchWord(v, watch);
    enqueue(v, words[word + W_QUEUE], words[word + W_ID], mask, name, start, length);
    watch = words[word + W_NEXT];
  }
}

/** Ends all watches of an inode, which is about to be freed, with two events that say so. */
export function endWatches(v: Volume, inode: number, deleted: number, ignored: number): void {
  const { words } = v;
  const first = inodeWord(v, inode) + I_WATCH;
  for (let bound = QUEUES; words[first] > 0 && bound > 0; bound--) {
    const watch = words[first];
    const word = watchWord(v, watch);
    const queue = words[word + W_QUEUE];
    enqueue(v, queue, words[word + W_ID], deleted, NOTHING, 0, 0);
    enqueue(v, queue, words[word + W_ID], ignored, NOTHING, 0, 0);
    words[first] = words[word + W_NEXT];
    if (queue !== 0) freeEntry(v, watch);
  }
  words[first] = 0;
}

/** Ends all watches of a thread, and takes its queue back. */
export function dropWatches(v: Volume, owner: number): void {
  const { words } = v;
  const queue = queueOf(v, owner);
  if (queue === 0) return;
  const top = words[S_WATCH_TOP];
  for (let watch = 1; watch <= top && watch <= WATCHES; watch++) {
    if (words[watchWord(v, watch) + W_QUEUE] !== queue) continue;
    unlist(v, watch);
    freeEntry(v, watch);
  }
  emptyQueue(v, queue);
  words[queueWord(v, queue) + Q_OWNER] = 0;
}
