import type { FsOperation } from "../wire/messages.js";

/**
 * How long an operation on the disk may go without a byte or an answer, in seconds. A kernel that does its
 * work takes milliseconds, and gives up on a lock that a guest keeps after two seconds; only one that was
 * taken over, or stopped, says nothing for so long.
 */
export const SILENCE_SECONDS = 10;

/**
 * The same where the only answer is the last, of copies, of whole trees and of a restored disk: removing a million names takes a
 * busy computer half a minute.
 */
export const TREE_SILENCE_SECONDS = 60;

const SECOND_MS = 1000;

/** How long an operation may be silent. */
export function silenceOf(operation: FsOperation): number {
  const { op } = operation;
  const isLong =
    op === "copyFile" ||
    op === "importTar" ||
    op === "inventory" ||
    (op === "rm" && operation.recursive) ||
    (op === "thaw" && operation.restored);
  return isLong ? TREE_SILENCE_SECONDS : SILENCE_SECONDS;
}

/** An operation under way. */
interface Awaited {
  /** Its silent seconds. */
  silent: number;
  /** The machine waits for the caller: nothing can come of it. */
  held: boolean;
  readonly limit: number;
}

/**
 * Counts the seconds in which nothing came of an operation on the disk, and says when one has been silent
 * for too long.
 *
 * Seconds are counted one look at a time: a host that was blocked, or stopped, for a minute has waited
 * for one second, and reads what came meanwhile before the next.
 */
export class FsDeadline {
  readonly #onSilence: () => void;
  /** By call, in the order in which they began. */
  readonly #awaited = new Map<number, Awaited>();
  /** The earliest operation of which something came since the last look. */
  #progressed = Number.POSITIVE_INFINITY;
  #timer: NodeJS.Timeout | undefined;

  constructor(onSilence: () => void) {
    this.#onSilence = onSilence;
  }

  /** An operation begins. */
  begin(call: number, limit: number): void {
    this.#awaited.set(call, { silent: 0, held: false, limit });
    this.#timer ??= setInterval(() => this.#look(), SECOND_MS).unref();
  }

  /** Something came of an operation, for which those that were asked for later have to wait. */
  progress(call: number): void {
    this.#progressed = Math.min(this.#progressed, call);
  }

  /** The machine waits for the caller, or no longer. */
  hold(call: number, held: boolean): void {
    const awaited = this.#awaited.get(call);
    if (awaited === undefined) return;
    awaited.held = held;
    awaited.silent = 0;
  }

  /** An operation has ended. */
  end(call: number): void {
    this.progress(call);
    this.#awaited.delete(call);
    if (this.#awaited.size === 0) this.stop();
  }

  /** All have ended. */
  stop(): void {
    this.#awaited.clear();
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  #look(): void {
    const progressed = this.#progressed;
    this.#progressed = Number.POSITIVE_INFINITY;
    for (const [call, awaited] of this.#awaited) {
      awaited.silent = awaited.held || call >= progressed ? 0 : awaited.silent + 1;
      if (awaited.silent < awaited.limit) continue;
      this.stop();
      this.#onSilence();
      return;
    }
  }
}
