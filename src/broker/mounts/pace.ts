import { setImmediate } from "node:timers/promises";

/** Milliseconds of work after which others get their turn. */
const SLICE = 3;

/** Divides long work, so that the host's event loop stays free for others. */
export class Pace {
  #since = performance.now();

  /** The work goes on after waiting. */
  begin(): void {
    this.#since = performance.now();
  }

  /** Lets others have their turn, if this one has been long. */
  async turn(): Promise<void> {
    if (performance.now() - this.#since < SLICE) return;
    await setImmediate();
    this.#since = performance.now();
  }
}
