import { AtomicsAdd, AtomicsLoad, AtomicsNotify, AtomicsWait, MathMin } from "../primordials/primordials.js";
import { S_POLL, S_POLLERS } from "./layout.js";
import { waitAtGate } from "./lock.js";
import type { Session } from "./session.js";
import type { Volume } from "./volume.js";

/*
 * A thread that waits for one of several things does so on one word for all pipes and processes, which
 * changes only while somebody waits. Threads that die while they wait leave a count behind: that costs
 * later changes a little and harms nobody.
 */

/** How long a thread sleeps before it looks at its gate, in milliseconds. */
const LOOK = 1000;

export function beginWaiting(s: Session): void {
  AtomicsAdd(s.words, S_POLLERS, 1);
}

export function endWaiting(s: Session): void {
  AtomicsAdd(s.words, S_POLLERS, -1);
}

export function happened(s: Session): number {
  return AtomicsLoad(s.words, S_POLL);
}

export function waitForAny(s: Session, count: number, milliseconds: number): void {
  let left = milliseconds;
  for (;;) {
    waitAtGate(s);
    const part = MathMin(left, LOOK);
    if (AtomicsWait(s.words, S_POLL, count, part) !== "timed-out") return;
    left -= part;
    if (left <= 0) return;
  }
}

/** Tells everybody who waits for one of several. */
export function tellPollers(v: Volume): void {
  if (v.words[S_POLLERS] === 0) return;
  AtomicsAdd(v.words, S_POLL, 1);
  AtomicsNotify(v.words, S_POLL);
}

export function tellWaiting(s: Session): number {
  tellPollers(s);
  return 0;
}
