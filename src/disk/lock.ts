import {
  AtomicsCompareExchange,
  AtomicsExchange,
  AtomicsLoad,
  AtomicsNotify,
  AtomicsWait,
  DateNow,
  MathMin,
} from "../primordials/primordials.js";
import { EBUSY } from "../syscall/errno.js";
import { S_ABANDONED, S_LOCK } from "./layout.js";
import type { Session } from "./session.js";
import { probeStack } from "./stack-probe.js";

/*
 * One futex mutex guards the disk. Its word is 0, or the id of the thread that has it; the sign bit says
 * that others may be waiting. The id lets the kernel tell which dead thread left the lock taken.
 */

const CONTENDED = 0x80000000 | 0;
const ID = 0x7fffffff;
const SPINS = 64;
/** A waiter that was woken and then died took the wake-up with it: nobody waits for longer than this. */
const LONGEST_WAIT = 20;

/** Answers 0, or -EBUSY when patience is over. The stack probe may throw. */
export function lock(s: Session): number {
  probeStack();
  return AtomicsCompareExchange(s.words, S_LOCK, 0, s.ownerId) === 0 ? 0 : contend(s);
}

export function unlock(s: Session): void {
  if (AtomicsExchange(s.words, S_LOCK, 0) < 0) AtomicsNotify(s.words, S_LOCK, 1);
}

/** The id of the thread that has the lock, or 0. */
export function lockHolder(s: Session): number {
  return AtomicsLoad(s.words, S_LOCK) & ID;
}

/** Takes the lock over from a thread that died with it. */
export function seizeLock(s: Session, from: number): boolean {
  for (let tries = 0; tries < 8; tries++) {
    const seen = AtomicsLoad(s.words, S_LOCK);
    if (seen === 0 || (seen & ID) !== from) return false;
    if (AtomicsCompareExchange(s.words, S_LOCK, seen, s.ownerId | CONTENDED) === seen) return true;
  }
  return false;
}

function contend(s: Session): number {
  const { words, ownerId, patience } = s;
  if ((AtomicsLoad(words, S_LOCK) & ID) === ownerId) {
    // This thread's own work under the lock was interrupted, as the timeout of `vm` does, and no
    // handler of ours ran.
    words[S_ABANDONED] = 1;
    return 0;
  }
  for (let spin = 0; spin < SPINS; spin++) {
    if (AtomicsLoad(words, S_LOCK) === 0 && AtomicsCompareExchange(words, S_LOCK, 0, ownerId) === 0) return 0;
  }
  const start = DateNow();
  for (;;) {
    const seen = AtomicsLoad(words, S_LOCK);
    // Whoever has waited leaves the word contended, since more may be waiting behind.
    if (seen === 0 && AtomicsCompareExchange(words, S_LOCK, 0, ownerId | CONTENDED) === 0) return 0;
    const left = patience - (DateNow() - start);
    if (left <= 0) return -EBUSY;
    const marked = seen | CONTENDED;
    if (seen !== 0 && (seen === marked || AtomicsCompareExchange(words, S_LOCK, seen, marked) === seen)) {
      AtomicsWait(words, S_LOCK, marked, MathMin(left, LONGEST_WAIT));
    }
  }
}

/** This thread is to be terminated: it gives the lock back and never runs again. */
export function park(s: Session): void {
  unlock(s);
  for (;;) AtomicsWait(s.gate, s.gateIndex, AtomicsLoad(s.gate, s.gateIndex), 1000);
}
