import { tellPostponed } from "../disk/postponed.js";
import type { Session } from "../disk/session.js";
import { AtomicsWaitAsync, PromisePrototypeThen } from "../primordials/primordials.js";
import { hasCompletions, later } from "./bindings/completions.js";
import { internalBinding, primordials } from "./internals.js";
import { onNextTick, runTicks } from "./ticks.js";

const { ArrayPrototypePush, SafeMap } = primordials;
const { immediateInfo } = internalBinding("timers");
const IMMEDIATES = 0;

/** What one turn of the loop may lead to within the thread before the loop goes on. */
const MOST = 16;

type Callback = () => void;

/** Who waits for one word of the disk. */
interface Waiters {
  readonly place: number;
  callbacks: Callback[];
  /** A promise will settle when the word changes. */
  armed: boolean;
}

/**
 * Calls back when something has happened that a call on the disk had to wait for: from the poll phase of the
 * loop, outside of any other callback, with ticks and promises after each, as libuv's callbacks have it.
 *
 * Other threads wake this one through a promise. Its reaction is a microtask, in which no other would run:
 * so it only notes what is to be called, and a tick calls it.
 *
 * What this thread does itself to a pipe that it waits for needs no way through the system. It is called back
 * in the same turn, unless the loop has something to do that would come before.
 */
export class WakeUps {
  readonly #session: Session;
  readonly #waiters: Map<number, Waiters> = new SafeMap();
  #due: Callback[] = [];
  #next = 0;
  /** A tick is to come, or has come and calls. */
  #ticking = false;

  constructor(session: Session) {
    this.#session = session;
  }

  /** False when what the last call waits for has happened already. */
  waitLater(callback: Callback): boolean {
    const { words, waitPlace, waitValue } = this.#session;
    let waiters = this.#waiters.get(waitPlace);
    if (waiters === undefined) {
      waiters = { place: waitPlace, callbacks: [], armed: false };
      this.#waiters.set(waitPlace, waiters);
    }
    if (!waiters.armed) {
      const { async, value } = AtomicsWaitAsync(words, waitPlace, waitValue);
      if (!async) return false;
      waiters.armed = true;
      const armed = waiters;
      PromisePrototypeThen(value, () => this.#changed(armed));
    }
    ArrayPrototypePush(waiters.callbacks, callback);
    return true;
  }

  #changed(waiters: Waiters): void {
    waiters.armed = false;
    if (waiters.callbacks.length === 0) this.#waiters.delete(waiters.place);
    this.#take(waiters);
    if (!this.#isDue || this.#ticking) return;
    this.#ticking = true;
    onNextTick(this.#call);
  }

  #take(waiters: Waiters): void {
    const { callbacks } = waiters;
    if (callbacks.length === 0) return;
    waiters.callbacks = [];
    for (let i = 0; i < callbacks.length; i++) ArrayPrototypePush(this.#due, callbacks[i]);
  }

  get #isDue(): boolean {
    return this.#next < this.#due.length;
  }

  readonly #call = (): void => {
    const session = this.#session;
    session.postpones = true;
    try {
      for (let left = MOST; this.#isDue; left--) {
        (this.#due[this.#next++] as Callback)();
        runTicks();
        if (session.postponedCount > 0) this.#takePostponed(left > 0);
      }
      this.#due = [];
      this.#next = 0;
      this.#ticking = false;
    } finally {
      session.postpones = false;
      tellPostponed(session);
      // A listener has thrown.
      if (this.#ticking) later(this.#call);
    }
  };

  /** What this thread has done to its own pipes is due now, or comes the long way. */
  #takePostponed(now: boolean): void {
    const session = this.#session;
    if (now && immediateInfo[IMMEDIATES] === 0 && !hasCompletions()) {
      for (let i = 0; i < session.postponedCount; i++) {
        const waiters = this.#waiters.get(session.postponed[i] as number);
        if (waiters !== undefined) this.#take(waiters);
      }
      session.postponedCount = 0;
    } else tellPostponed(session);
  }
}
