import { AtomicsWait, AtomicsWaitAsync, PromisePrototypeThen } from "../primordials/primordials.js";
import { waitAtGate } from "./lock.js";
import type { Session } from "./session.js";

/** How long a thread sleeps before it looks at its gate, in milliseconds. */
const LOOK = 1000;

/** Sleeps until the word has changed that the last call waits for. Others may change it for nothing. */
export function waitHere(s: Session): void {
  const { words, waitPlace, waitValue } = s;
  for (;;) {
    waitAtGate(s);
    if (AtomicsWait(words, waitPlace, waitValue, LOOK) !== "timed-out") return;
  }
}

/** Calls back when the word has changed, from a promise's reaction; false says that it has already. */
export function waitLater(s: Session, changed: () => void): boolean {
  const { async, value } = AtomicsWaitAsync(s.words, s.waitPlace, s.waitValue);
  if (async) PromisePrototypeThen(value, changed);
  return async;
}
