import process from "node:process";
import { tellPostponed } from "../disk/postponed.js";
import type { Session } from "../disk/session.js";
import { AtomicsWaitAsync, PromisePrototypeThen } from "../primordials/primordials.js";
import { hasCompletions, later } from "./bindings/completions.js";
import { type Internal, internalBinding, primordials } from "./internals.js";

const { ArrayPrototypePush, SafeMap } = primordials;
const { setTickCallback, tickInfo } = internalBinding("task_queue");
const { immediateInfo } = internalBinding("timers");
const HAS_TICKS = 0;
const IMMEDIATES = 0;

/** What Node's C++ does after each call of JavaScript: runs ticks and promises. */
const runTicks: () => void = (process as Internal)._tickCallback;

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
 * so it only notes what is to be called, and has Node believe that there are ticks, which come next.
 *
 * What this thread does itself to a pipe that it waits for needs no way through the system. It is called back
 * in the same turn, unless the loop has something to do that would come before.
 */
export class WakeUps {
  readonly #session: Session;
  readonly #waiters: Map<number, Waiters> = new SafeMap();
  #due: Callback[] = [];
  #next = 0;
  #calling = false;

  constructor(session: Session) {
    this.#session = session;
    setTickCallback(this.#afterCallback);
    (process as Internal)._tickCallback = () => {
      runTicks();
      if (this.#isDue) tickInfo[HAS_TICKS] = 1;
    };
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
    if (this.#isDue) tickInfo[HAS_TICKS] = 1;
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

  /** In the place of Node's own function, which C++ calls when a callback is over. */
  readonly #afterCallback = (): void => {
    runTicks();
    if (this.#isDue && !this.#calling) this.#call();
  };

  #call(): void {
    const session = this.#session;
    this.#calling = true;
    session.postpones = true;
    try {
      for (let left = MOST; this.#isDue; left--) {
        (this.#due[this.#next++] as Callback)();
        runTicks();
        if (session.postponedCount > 0) this.#takePostponed(left > 0);
      }
      this.#due = [];
      this.#next = 0;
    } finally {
      this.#calling = false;
      session.postpones = false;
      tellPostponed(session);
      // A listener has thrown.
      if (this.#isDue) later(this.#afterCallback);
    }
  }

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
