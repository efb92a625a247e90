import { AtomicsWaitAsync, NewUint8Array } from "../../primordials/primordials.js";
import { EACCES, EINVAL } from "../../syscall/errno.js";
import { dequeue, queueOf, queueWord } from "../event-queue.js";
import { Q_SIGNAL, QUEUE_BYTES } from "../layout.js";
import { MAY_READ } from "../modes.js";
import { encodePath } from "../path.js";
import { permit } from "../permissions.js";
import type { Session } from "../session.js";
import type { Path } from "../types.js";
import { FOLLOW, find } from "../walk.js";
import { addWatch, dropWatches, removeWatch } from "../watches.js";
import { locked } from "./section.js";

export function watch(s: Session, path: Path): number {
  const id = encodePath(s.first, path) || locked(s, watchFound);
  // Outside the lock, since it may fail for want of memory.
  if (id > 0) s.events ??= new NewUint8Array(QUEUE_BYTES);
  return id;
}

function watchFound(s: Session): number {
  const inode = find(s, s.first, FOLLOW);
  if (inode < 0) return inode;
  return permit(s, inode, MAY_READ) < 0 ? -EACCES : addWatch(s, s.ownerId, inode);
}

export function unwatch(s: Session, id: number): number {
  return locked(s, unwatchLocked, id);
}

function unwatchLocked(s: Session, id: number): number {
  return removeWatch(s, s.ownerId, id);
}

export function takeEvents(s: Session): number {
  return s.events === undefined ? 0 : locked(s, takeLocked, s.events);
}

function takeLocked(s: Session, target: Uint8Array): number {
  return dequeue(s, queueOf(s, s.ownerId), target);
}

/** Settles when there are events; null if there are some, or this thread has no watch. */
export function awaitEvents(s: Session): Promise<unknown> | null {
  const head = queueWord(s, queueOf(s, s.ownerId));
  if (head === 0) return null;
  const { async, value } = AtomicsWaitAsync(s.words, head + Q_SIGNAL, 0);
  return async ? value : null;
}

export function dropWatchesOf(s: Session, owner: number): number {
  return owner > 0 ? locked(s, dropLocked, owner) : -EINVAL;
}

function dropLocked(s: Session, owner: number): number {
  dropWatches(s, owner);
  return 0;
}
