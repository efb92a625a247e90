const FIRST_BYTES = 4096;

/**
 * Gathers bytes in memory that is at most twice their number, however small the pieces are: keeping
 * the pieces would let the other side spend hundreds of bytes of ours for each of its own.
 */
export class ByteCollector {
  readonly #limit: number;
  #buffer: Buffer = Buffer.alloc(0);
  #length = 0;

  /** `limit` is the largest number of bytes that are kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes kept so far. */
  get length(): number {
    return this.#length;
  }

  /** Keeps a copy of what fits the limit and answers how many bytes that was. */
  push(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.#limit - this.#length);
    const needed = this.#length + taken;
    if (needed > this.#buffer.length) {
      const grown = Math.min(this.#limit, Math.max(FIRST_BYTES, needed, this.#buffer.length * 2));
      const buffer = Buffer.allocUnsafeSlow(grown);
      buffer.set(this.#buffer.subarray(0, this.#length));
      this.#buffer = buffer;
    }
    this.#buffer.set(taken === bytes.length ? bytes : bytes.subarray(0, taken), this.#length);
    this.#length = needed;
    return taken;
  }

  /** What was kept, a view that later pushes don't change. */
  bytes(): Buffer {
    return this.#buffer.subarray(0, this.#length);
  }
}
