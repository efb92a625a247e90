import type { FrameWriter } from "./frame-writer.js";
import { WINDOW_BYTES } from "./limits.js";

/** The bytes in memory of their own. (A Buffer's own method would answer a view.) */
export function copyOf(bytes: Uint8Array): Uint8Array {
  return Uint8Array.prototype.slice.call(bytes);
}

/** Who reads a stream. */
export interface IncomingHandlers {
  /** Whether `data` is done with the bytes when it returns, so that their memory may be used again. */
  readonly borrows?: boolean;
  /**
   * The next bytes, a view of memory that other frames may share. `consumed(n)` says that `n` more
   * bytes are done with, now or later, which makes room for the sender: a reader that never says so
   * gets at most a window.
   */
  data(bytes: Uint8Array, consumed: (bytes: number) => void): void;
  /** All bytes came. Not called when the connection closes before. */
  end(): void;
}

/** A stream that flows to this side: checks the sender's credit and grants more as bytes are consumed. */
export class IncomingStream {
  readonly id: number;
  readonly #writer: FrameWriter;
  readonly #handlers: IncomingHandlers;
  /** What the sender may still send. */
  #credit: number;
  /** Room is granted in steps, so that small reads don't cost a frame each. */
  readonly #step: number;
  readonly #copies: boolean;
  /** Delivered and not yet consumed. */
  #held = 0;
  /** Consumed and not yet granted again. */
  #owed = 0;
  #open = true;
  #discarded = false;
  readonly #consumed = (bytes: number): void => this.#consume(bytes);

  /** `transient`: the bytes that come are others after `data`. */
  constructor(
    id: number,
    writer: FrameWriter,
    handlers: IncomingHandlers,
    { window = WINDOW_BYTES, transient }: { window?: number | undefined; transient: boolean },
  ) {
    this.id = id;
    this.#copies = transient && handlers.borrows !== true;
    this.#credit = window;
    this.#step = window / 2;
    this.#writer = writer;
    this.#handlers = handlers;
  }

  /** Takes `length` bytes off the sender's credit; false when it has less. */
  admit(length: number): boolean {
    if (length > this.#credit) return false;
    this.#credit -= length;
    return true;
  }

  data(bytes: Uint8Array): void {
    if (this.#discarded) return;
    this.#held += bytes.length;
    this.#handlers.data(this.#copies ? copyOf(bytes) : bytes, this.#consumed);
  }

  end(): void {
    this.#open = false;
    if (!this.#discarded) this.#handlers.end();
  }

  /** Delivers nothing more and grants nothing more. */
  discard(): void {
    this.#discarded = true;
    this.#open = false;
  }

  /** Grants what is owed, unless it is little or the other side doesn't read: grants must not pile up. */
  grant(): void {
    if (!this.#open || this.#owed < this.#step || this.#writer.behind) return;
    const bytes = this.#owed;
    this.#owed = 0;
    this.#credit += bytes;
    this.#writer.credit(this.id, bytes);
  }

  #consume(bytes: number): void {
    // A reader that counts wrong must not let the sender have more than the window.
    const counted = Math.max(0, Math.min(Math.trunc(bytes) || 0, this.#held));
    this.#held -= counted;
    this.#owed += counted;
    this.grant();
  }
}
