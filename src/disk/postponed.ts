import { AtomicsAdd, AtomicsNotify } from "../primordials/primordials.js";
import type { Session } from "./session.js";

/*
 * Whoever writes to a pipe that the same thread waits for at another end need not wake itself: the place is
 * noted, for as long as the session's owner says that it looks there afterwards, and the word stays as it is.
 */

/** Places that can be noted at a time. */
export const MOST_POSTPONED = 32;

/** Notes a place of which nobody but this thread has to hear; false where it has to be told. */
export function postpone(s: Session, place: number): boolean {
  if (!s.postpones || s.postponedCount === MOST_POSTPONED) return false;
  s.postponed[s.postponedCount++] = place;
  return true;
}

/** Tells this thread of what was noted after all, in the way of any other. */
export function tellPostponed(s: Session): void {
  while (s.postponedCount > 0) {
    const place = s.postponed[--s.postponedCount] as number;
    AtomicsAdd(s.words, place, 1);
    AtomicsNotify(s.words, place);
  }
}
