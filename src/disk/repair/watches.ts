import { emptyQueue, queueWord, signal } from "../event-queue.js";
import {
  I_MODE,
  I_WATCH,
  Q_OWNER,
  QUEUES,
  S_WATCH_FREE_LIST,
  S_WATCH_TOP,
  S_WATCHES,
  W_INODE,
  W_NEXT,
  W_QUEUE,
  WATCHES,
} from "../layout.js";
import { inodeWord, type Volume } from "../volume.js";
import { watchWord } from "../watches.js";
import type { Pass } from "./pass.js";

/**
 * Lists the watches of each inode anew, of which `settleInodes` left none; unless live, there are none.
 * Events that have not been taken are lost. A thread that had one may have died while it told another, so
 * all are woken.
 */
export function checkWatches({ v, live, inodeTop }: Pass): void {
  const { words } = v;
  for (let queue = 1; queue <= QUEUES; queue++) {
    const head = queueWord(v, queue);
    emptyQueue(v, queue);
    if (!live) words[head + Q_OWNER] = 0;
    else if (words[head + Q_OWNER] !== 0) signal(v, head);
  }
  const stated = words[S_WATCH_TOP];
  const top = !live ? 0 : stated >= 0 && stated <= WATCHES ? stated : WATCHES;
  let count = 0;
  let free = 0;
  for (let watch = top; watch > 0; watch--) {
    const word = watchWord(v, watch);
    const inode = words[word + W_INODE];
    const first = inodeWord(v, inode) + I_WATCH;
    if (
      inode > 0 &&
      inode <= inodeTop &&
      isOwned(v, words[word + W_QUEUE]) &&
      isNew(v, inode, words[word + W_QUEUE])
    ) {
      words[word + W_NEXT] = words[first];
      words[first] = watch;
      count++;
      continue;
    }
    words[word + W_QUEUE] = 0;
    words[word + W_NEXT] = free;
    free = watch;
  }
  words[S_WATCHES] = count;
  words[S_WATCH_TOP] = top;
  words[S_WATCH_FREE_LIST] = free;
}

function isOwned(v: Volume, queue: number): boolean {
  const head = queueWord(v, queue);
  return head !== 0 && v.words[head + Q_OWNER] !== 0;
}

/** Whether the inode is there and the queue does not watch it yet. */
function isNew(v: Volume, inode: number, queue: number): boolean {
  const { words } = v;
  const word = inodeWord(v, inode);
  if (words[word + I_MODE] === 0) return false;
  let watch = words[word + I_WATCH];
  for (let bound = QUEUES; watch > 0 && bound > 0; bound--) {
    if (words[watchWord(v, watch) + W_QUEUE] === queue) return false;
    watch = words[watchWord(v, watch) + W_NEXT];
  }
  return true;
}
