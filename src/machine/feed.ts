import { InvalidOptionError } from "../errors/invalid-option-error.js";
import type { OutgoingStream } from "../wire/outgoing-stream.js";

/** What is copied and handed over at a time. */
const PIECE_BYTES = 256 * 1024;

/**
 * Feeds a caller's bytes to a stream: in copies, piece by piece as they are taken. Bytes of a caller may
 * change until they have left, and their buffer may be transferred to somewhere else; a frame whose length
 * has been announced must not lose its content then.
 */
export class Feed {
  readonly #stream: OutgoingStream;
  /** The option that the bytes are the value of. */
  readonly #key: string;
  readonly #onProgress: () => void;
  #pending = 0;
  #ending = false;
  #last: Promise<unknown> = Promise.resolve();

  constructor(stream: OutgoingStream, key: string, onProgress: () => void = () => undefined) {
    this.#stream = stream;
    this.#key = key;
    this.#onProgress = onProgress;
  }

  /**
   * Sends bytes after those before. Resolves when they have been sent: false when they never will.
   * Rejects with InvalidOptionError when they are taken away meanwhile.
   */
  write(bytes: Uint8Array): Promise<boolean> {
    const before = this.#pending++ === 0 ? null : this.#last;
    const sent = this.#send(bytes, bytes.length, before);
    this.#last = sent.catch(() => undefined);
    return sent;
  }

  /** Ends the stream after what was written. */
  end(): void {
    this.#ending = true;
    if (this.#pending === 0) this.#stream.end();
  }

  /** Ends the stream now. */
  abort(): void {
    this.#stream.abort();
  }

  async #send(bytes: Uint8Array, length: number, before: Promise<unknown> | null): Promise<boolean> {
    try {
      if (before !== null) await before;
      for (let at = 0; at < length; at += PIECE_BYTES) {
        if (at > 0) {
          if (!(await this.#stream.flushed())) return false;
          this.#onProgress();
        }
        if (bytes.length !== length) throw this.#takenAway(length);
        // That of Buffer would be a view.
        this.#stream.write(Uint8Array.prototype.slice.call(bytes, at, at + PIECE_BYTES));
      }
    } finally {
      if (--this.#pending === 0 && this.#ending) this.#stream.end();
    }
    return this.#stream.flushed();
  }

  #takenAway(length: number): InvalidOptionError {
    const expected = "bytes that stay where they are until the call is answered";
    return new InvalidOptionError({
      key: this.#key,
      expected,
      received: `${length} bytes whose buffer was detached or resized`,
    });
  }
}
