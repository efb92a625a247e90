import { Delivery, type OutputName } from "../call/delivery.js";
import type { LateOutputCallback } from "../options/resident-options.js";

/** Output that no snippet has claimed yet. */
interface Piece {
  name: OutputName;
  bytes: Uint8Array;
  consumed: (bytes: number) => void;
}

/** What a resident process writes while no snippet is under way: a callback's, or the next snippet's. */
export class LateOutput {
  readonly #callback: LateOutputCallback | undefined;
  readonly #failed: (error: unknown) => void;
  #delivery: Delivery;
  #pieces: Piece[] = [];

  /** `failed` gets what the callback throws. */
  constructor(callback: LateOutputCallback | undefined, failed: (error: unknown) => void) {
    this.#callback = callback;
    this.#failed = failed;
    this.#delivery = this.#deliver();
  }

  #deliver(): Delivery {
    const callback = this.#callback;
    const to = (name: OutputName) => callback && ((text: string) => callback(text, name));
    return new Delivery({ stdout: to("stdout"), stderr: to("stderr") }, (error) => {
      this.#delivery = this.#deliver();
      this.#failed(error);
    });
  }

  /** Whether the next snippet has none of it. */
  get isHeard(): boolean {
    return this.#callback !== undefined;
  }

  push(name: OutputName, bytes: Uint8Array, consumed: (bytes: number) => void): void {
    if (this.#callback === undefined) this.#pieces.push({ name, bytes: bytes.slice(), consumed });
    else this.#delivery.push(name, bytes, consumed);
  }

  /** Hands over what has been kept for the next snippet. */
  take(): readonly Pick<Piece, "name" | "bytes">[] {
    const pieces = this.#pieces;
    this.#pieces = [];
    for (const { bytes, consumed } of pieces) consumed(bytes.length);
    return pieces;
  }

  /** Drops what has been kept. */
  clear(): void {
    this.take();
  }
}
