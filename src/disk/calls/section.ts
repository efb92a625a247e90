import { lock, lockForChange, unlock } from "../lock.js";
import { encodePath, type PathBuffer } from "../path.js";
import type { Session } from "../session.js";
import type { Path } from "../types.js";

/*
 * Each call is: arguments and encoding, lock, work, unlock, results. These begin and end the locked part;
 * they answer 0 or a negative error, and only after 0 is the lock taken.
 */

export function enter(s: Session, path: Path): number {
  const error = encodePath(s.first, path);
  return error < 0 ? error : lock(s);
}

export function enterForChange(s: Session, path: Path): number {
  const error = encodePath(s.first, path);
  return error < 0 ? error : lockForChange(s);
}

export function enterWithTwo(s: Session, first: Path, second: Path): number {
  const error = encodeBoth(s.first, first, s.second, second);
  return error < 0 ? error : lockForChange(s);
}

function encodeBoth(p: PathBuffer, first: Path, q: PathBuffer, second: Path): number {
  const error = encodePath(p, first);
  return error < 0 ? error : encodePath(q, second);
}

export function leave(s: Session, result: number): number {
  unlock(s);
  return result;
}
