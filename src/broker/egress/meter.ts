/** What a burst may take before it is slowed down, in seconds of the rate. */
const BURST = 0.25;

/** Counts the bytes of a runtime's connections, both ways together. */
export class Meter {
  readonly #rate: number;
  #left: number;
  /** Bytes of the rate that may pass at once; below zero when too many have. */
  #allowance: number;
  #time = performance.now();

  /** `perSecond` is how many bytes may pass a second, `total` how many ever. */
  constructor(perSecond: number, total: number) {
    this.#rate = perSecond;
    this.#left = total;
    this.#allowance = perSecond * BURST;
  }

  /** Whether all bytes that may ever pass have passed. */
  get exhausted(): boolean {
    return this.#left < 0;
  }

  /** Bytes pass; answers for how many milliseconds the next ones have to wait. */
  pass(bytes: number): number {
    this.#left -= bytes;
    const now = performance.now();
    const gained = ((now - this.#time) * this.#rate) / 1000;
    this.#time = now;
    this.#allowance = Math.min(this.#rate * BURST, this.#allowance + gained) - bytes;
    return this.#allowance >= 0 ? 0 : (-this.#allowance * 1000) / this.#rate;
  }
}
