import { AtomicsExchange, AtomicsNotify, DateNow } from "../../primordials/primordials.js";
import { EIO, ENOSPC, ESTALE } from "../../syscall/errno.js";
import { S_ABANDONED, S_FILLED, S_LOCK } from "../layout.js";
import { enter, unlock } from "../lock.js";
import { fault } from "../mounted.js";
import { encodePath } from "../path.js";
import { Findings } from "../repair/findings.js";
import { repair } from "../repair/repair.js";
import type { Session } from "../session.js";
import { tick } from "../times.js";

/*
 * Each call is: arguments and encoding, lock, work, unlock, results. Work must not throw, and the stack
 * probe sees to it that there is stack enough; but a function that V8 has to compile first, deep in the
 * stack of a program, can still run out of it. Then the disk is abandoned: whoever has the lock next
 * repairs it.
 */

type Work<A extends unknown[]> = (s: Session, ...args: A) => number;

const NO_CLOCK = -1;
/** A call goes along one path or two: more than this has to be brought for none. */
const MOST_BROUGHT = 4096;

/** Does the work under the lock, and answers what it answers. */
export function locked<A extends unknown[]>(s: Session, work: Work<A>, ...args: A): number;
export function locked(
  s: Session,
  work: Work<unknown[]>,
  a?: unknown,
  b?: unknown,
  c?: unknown,
  d?: unknown,
  e?: unknown,
): number {
  return section(s, NO_CLOCK, work, a, b, c, d, e);
}

/** The same for work that changes the disk: it sets the time of the change too. */
export function changing<A extends unknown[]>(s: Session, work: Work<A>, ...args: A): number;
export function changing(
  s: Session,
  work: Work<unknown[]>,
  a?: unknown,
  b?: unknown,
  c?: unknown,
  d?: unknown,
  e?: unknown,
): number {
  return section(s, DateNow(), work, a, b, c, d, e);
}

function section(
  s: Session,
  clock: number,
  work: Work<unknown[]>,
  a: unknown,
  b: unknown,
  c: unknown,
  d: unknown,
  e: unknown,
): number {
  let result = attempt(s, clock, work, a, b, c, d, e);
  for (let tries = MOST_BROUGHT; result === -ESTALE; tries--) {
    // The lock is free meanwhile, and nothing has been done.
    const brought = s.bring === undefined || tries === 0 ? -EIO : s.bring(s.missing, s.missingName);
    if (brought <= 0) return brought || -EIO;
    encodePaths(s);
    result = attempt(s, clock, work, a, b, c, d, e);
  }
  if (result !== -ENOSPC || !makeRoom(s)) return result;
  encodePaths(s);
  return attempt(s, clock, work, a, b, c, d, e);
}

/** Whether a full disk had bytes that mounts can bring again. */
function makeRoom(s: Session): boolean {
  if (s.bring === undefined || s.words[S_FILLED] === 0) return false;
  fault(s, 0, 0, s.first, s.first.end);
  return s.bring(0, 0) > 0;
}

/** The paths of a call, which what was done in between has overwritten. */
function encodePaths(s: Session): void {
  encodePath(s.first, s.first.source);
  encodePath(s.second, s.second.source);
}

function attempt(
  s: Session,
  clock: number,
  work: Work<unknown[]>,
  a: unknown,
  b: unknown,
  c: unknown,
  d: unknown,
  e: unknown,
): number {
  const error = enter(s);
  if (error < 0) return error;
  try {
    if (s.words[S_ABANDONED] !== 0) repair(s, true, new Findings(true));
    if (clock !== NO_CLOCK) tick(s, clock);
    const result = work(s, a, b, c, d, e);
    unlock(s);
    return result;
  } catch (thrown) {
    // Only built-in functions here: they need no compiling.
    s.words[S_ABANDONED] = 1;
    if (AtomicsExchange(s.words, S_LOCK, 0) < 0) AtomicsNotify(s.words, S_LOCK, 1);
    throw thrown;
  }
}
