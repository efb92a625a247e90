const SMALLEST_BLOCK = 4096;
const LARGEST_BLOCK = 1024 * 1024;

/**
 * Gathers bytes in blocks of its own, however small the pieces are that they come in: keeping the
 * pieces would let the other side spend hundreds of bytes of our memory for each that it sends.
 */
export class ByteCollector {
  readonly #limit: number;
  readonly #full: Buffer[] = [];
  #block: Buffer = Buffer.alloc(0);
  #used = 0;
  #length = 0;

  /** `limit` is the largest number of bytes that are kept. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Bytes kept so far. */
  get length(): number {
    return this.#length;
  }

  /** Keeps a copy of what fits the limit, and answers how many bytes that was. */
  push(bytes: Uint8Array): number {
    const taken = Math.min(bytes.length, this.#limit - this.#length);
    let from = 0;
    while (from < taken) {
      if (this.#used === this.#block.length) this.#nextBlock();
      const length = Math.min(taken - from, this.#block.length - this.#used);
      this.#block.set(bytes.subarray(from, from + length), this.#used);
      this.#used += length;
      this.#length += length;
      from += length;
    }
    return taken;
  }

  /** What was kept. */
  bytes(): Buffer {
    const rest = this.#block.subarray(0, this.#used);
    return this.#full.length === 0 ? rest : Buffer.concat([...this.#full, rest], this.#length);
  }

  #nextBlock(): void {
    if (this.#used > 0) this.#full.push(this.#block);
    // As much again as there is: few blocks, and never more than half of the memory unused.
    const size = Math.min(Math.max(this.#length, SMALLEST_BLOCK), LARGEST_BLOCK, this.#limit - this.#length);
    this.#block = Buffer.allocUnsafeSlow(size);
    this.#used = 0;
  }
}
