/** Keeps the last bytes of an output that may be endless: what a process says before it dies comes last. */
export class LastWords {
  readonly #limit: number;
  #buffer: Buffer | null = null;
  #used = 0;

  /** `limit` is the number of bytes to keep. */
  constructor(limit: number) {
    this.#limit = limit;
  }

  push(bytes: Uint8Array): void {
    // Most machines never say anything: no memory for those.
    this.#buffer ??= Buffer.allocUnsafeSlow(this.#limit * 2);
    const buffer = this.#buffer;
    const kept = bytes.length > this.#limit ? bytes.subarray(bytes.length - this.#limit) : bytes;
    if (this.#used + kept.length > buffer.length) {
      const before = Math.min(this.#used, this.#limit);
      buffer.copyWithin(0, this.#used - before, this.#used);
      this.#used = before;
    }
    buffer.set(kept, this.#used);
    this.#used += kept.length;
  }

  /** The last bytes as text. */
  text(): string {
    if (this.#buffer === null) return "";
    return this.#buffer.toString("utf8", Math.max(0, this.#used - this.#limit), this.#used);
  }
}
