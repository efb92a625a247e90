import { effectOf } from "./signals.js";
import type { Sentence } from "./termination.js";

interface Kept {
  signal: number;
  sentence: Sentence;
}

/** Whether a process is stopped, and the signals that wait for it to go on. */
export class Stop {
  #kept: Kept[] | null = null;

  get stopped(): boolean {
    return this.#kept !== null;
  }

  /** False where it is stopped already. */
  begin(): boolean {
    if (this.#kept !== null) return false;
    this.#kept = [];
    return true;
  }

  /** One of a kind waits; what would stop it once more is over with the stop. */
  keep(signal: number, sentence: Sentence): void {
    if (signal === 0 || effectOf(signal) === "stop" || this.#kept?.some((other) => other.signal === signal))
      return;
    this.#kept?.push({ signal, sentence });
  }

  /** It goes on: the signals that have waited, or null where it was not stopped. */
  end(): readonly Kept[] | null {
    const kept = this.#kept;
    this.#kept = null;
    return kept;
  }
}
