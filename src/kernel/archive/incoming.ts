import type { ArchiveSource } from "./import.js";
import { refusal } from "./refusal.js";

/** What the host sends, alone in a frame, behind an archive that it has sent whole. */
const COMPLETE = 1;

/**
 * An archive on its way in. The host's own source may fail at any byte, so that the end of the stream says
 * nothing; the last piece is kept back to see whether it is the word that all has come.
 */
export class IncomingArchive implements ArchiveSource {
  readonly #pieces: { bytes: Uint8Array; consumed: (bytes: number) => void }[] = [];
  #ended = false;
  #wake: (() => void) | null = null;

  push(bytes: Uint8Array, consumed: (bytes: number) => void): void {
    this.#pieces.push({ bytes, consumed });
    // The first makes room for the next, without which it would not be known for what it is.
    if (this.#pieces.length === 1) consumed(bytes.length);
    this.#wake?.();
  }

  end(): void {
    this.#ended = true;
    this.#wake?.();
  }

  async next(): Promise<Uint8Array | null> {
    while (this.#pieces.length < 2 && !this.#ended) {
      await new Promise<void>((resolve) => {
        this.#wake = resolve;
      });
    }
    const first = this.#pieces.shift();
    const next = this.#pieces[0];
    if (next !== undefined) next.consumed(next.bytes.length);
    if (first === undefined) throw refusal("truncated", "");
    if (next !== undefined || !this.#ended) return first.bytes;
    if (first.bytes.length !== 1 || first.bytes[0] !== COMPLETE) throw refusal("truncated", "");
    return null;
  }
}
