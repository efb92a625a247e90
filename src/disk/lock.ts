import {
  AtomicsCompareExchange,
  AtomicsExchange,
  AtomicsLoad,
  AtomicsNotify,
  AtomicsStore,
  AtomicsWait,
  DateNow,
  MathMin,
} from "../primordials/primordials.js";
import { EBUSY } from "../syscall/errno.js";
import { S_ABANDONED, S_LOCK, S_WANTED } from "./layout.js";
import type { Session } from "./session.js";
import { probeStack } from "./stack-probe.js";

/*
 * One futex mutex guards the disk. Its word is 0, or the id of the thread that has it; the sign bit says
 * that others may be waiting. The id lets the kernel tell which dead thread left the lock taken.
 *
 * Whoever lets go of it can have it again before a waiter is awake. The kernel's patience ends, and it
 * ends a thread that keeps the lock: so it says when it waits, and others leave it the next turn.
 */

const CONTENDED = 0x80000000 | 0;
const ID = 0x7fffffff;
const SPINS = 64;
/** A waiter that was woken and then died took the wake-up with it: nobody waits for longer than this. */
const LONGEST_WAIT = 20;
/** How long the kernel is let go first, in milliseconds: it asks for no more at a time. */
const COURTESY = 5;

/** Answers 0, or -EBUSY when patience is over. The stack probe may throw. */
export function lock(s: Session): number {
  probeStack();
  const { words, ownerId } = s;
  const free = AtomicsLoad(words, S_WANTED) === 0 && AtomicsCompareExchange(words, S_LOCK, 0, ownerId) === 0;
  return free ? 0 : contend(s);
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
  if (patience === Infinity) {
    giveWay(words);
    return compete(s);
  }
  AtomicsStore(words, S_WANTED, 1);
  const result = compete(s);
  AtomicsStore(words, S_WANTED, 0);
  AtomicsNotify(words, S_WANTED);
  return result;
}

/** Once a turn and not for long: the word is no better than whoever can write it. */
function giveWay(words: Int32Array): void {
  if (AtomicsLoad(words, S_WANTED) !== 0) AtomicsWait(words, S_WANTED, 1, COURTESY);
}

function compete({ words, ownerId, patience }: Session): number {
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
      if (patience === Infinity) giveWay(words);
    }
  }
}

/** Takes the lock once the gate is open. Answers as `lock` does. */
export function enter(s: Session): number {
  for (;;) {
    const error = lock(s);
    if (error < 0 || AtomicsLoad(s.gate, s.gateIndex) === 0) return error;
    unlock(s);
    waitAtGate(s);
  }
}

/** Sleeps while the gate is closed, without the lock: for ever where this thread is to be terminated. */
export function waitAtGate(s: Session): void {
  for (;;) {
    const gate = AtomicsLoad(s.gate, s.gateIndex);
    if (gate === 0) return;
    AtomicsWait(s.gate, s.gateIndex, gate, 1000);
  }
}
