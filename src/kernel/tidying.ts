import { trimHeap } from "../jail/heap.js";

/** How long nothing may have happened, in milliseconds. */
const QUIET = 1000;

/**
 * Gives memory back once the machine has come to rest: what booting and serving have left lies about
 * until V8 and the C library need it, which in a machine that waits for its next call is never.
 */
export class Tidying {
  readonly #isIdle: () => boolean;
  readonly #release: () => void;
  #timer: NodeJS.Timeout | undefined;

  /**
   * `isIdle` tells that no process runs: none waits then for this thread, which is away for some 10 ms.
   * `release` gives back what the disk doesn't need.
   */
  constructor(isIdle: () => boolean, release: () => void = () => undefined) {
    this.#isIdle = isIdle;
    this.#release = release;
  }

  /** Something has happened. */
  later(): void {
    if (this.#timer === undefined) this.#timer = setTimeout(() => this.#tidy(), QUIET).unref();
    else this.#timer.refresh();
  }

  #tidy(): void {
    // The one way to a whole collection that needs no flag: it counts what is alive.
    if (this.#isIdle()) process.getBuiltinModule("node:v8").queryObjects(Nothing, { format: "count" });
    trimHeap();
    this.#release();
  }
}

class Nothing {}
