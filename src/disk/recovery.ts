import { seizeLock, unlock } from "./lock.js";
import { Findings } from "./repair/findings.js";
import { repair } from "./repair/repair.js";
import type { Session } from "./session.js";

/** Repairs what a thread left that died with the lock, while other threads wait for it. */
export function breakLock(s: Session, owner: number): number {
  if (!seizeLock(s, owner)) return 0;
  repair(s, true, new Findings(true));
  unlock(s);
  return 1;
}
