/**
 * The kernel's end of a thread page. Every word in it may hold anything at any time: what is read is
 * read once and checked, nothing is read out of range, and one `drain` handles at most one ring of bytes.
 */
import {
  CONSUMED,
  DYING,
  GATE,
  HEADER_BYTES,
  HELD,
  MAX_PAYLOAD,
  REPLY,
  REPLY_BYTES,
  REPLY_LENGTH,
  REPLY_OFFSET,
  REPLY_VALUE,
  RING_BYTES,
  RING_OFFSET,
  recordBytes,
  WAITING,
  WAKE,
  WRITTEN,
} from "./thread-page.js";

/** Answer of a handler: a sync call is answered later, by `reply` with the sequence it was given. */
export const LATER: unique symbol = Symbol("later");
/** Answer of a handler: not now. The record stays, and the channel rests until the next `drain`. */
export const STALL: unique symbol = Symbol("stall");

/**
 * Handles one record. `bytes` is the kernel's own copy, valid until the handler returns or drains another
 * channel. `sequence` is 0
 * for a posted call, whose returned number goes nowhere.
 */
export type CallHandler = (
  nr: number,
  a: number,
  b: number,
  bytes: Uint8Array,
  sequence: number,
) => number | typeof LATER | typeof STALL;

const mask = RING_BYTES - 1;

/** Where payloads are copied to; a drain is over before the next one begins. */
const scratch = new Uint8Array(MAX_PAYLOAD);

export class KernelChannel {
  readonly #control: Int32Array;
  readonly #words: Int32Array;
  readonly #doubles: Float64Array;
  readonly #bytes: Uint8Array;
  readonly #reply: Uint8Array;
  #consumed = 0;
  #broken = false;
  #stalled = false;
  #draining = false;
  #dying = false;

  constructor(page: SharedArrayBuffer) {
    this.#control = new Int32Array(page, 0, RING_OFFSET / 4);
    this.#words = new Int32Array(page, RING_OFFSET, RING_BYTES / 4);
    this.#doubles = new Float64Array(page, RING_OFFSET, RING_BYTES / 8);
    this.#bytes = new Uint8Array(page, RING_OFFSET, RING_BYTES);
    this.#reply = new Uint8Array(page, REPLY_OFFSET, REPLY_BYTES);
  }

  /** The thread has written what no guest of ours writes; nothing more is read, and it should die. */
  get broken(): boolean {
    return this.#broken;
  }

  /** A handler answered `STALL`; records wait for the next `drain`. */
  get stalled(): boolean {
    return this.#stalled;
  }

  /** Whether records wait that no wake-up may ever announce, since a guest can be interrupted before it. */
  get pending(): boolean {
    return !this.#broken && Atomics.load(this.#control, WRITTEN) !== this.#consumed;
  }

  /** Handles the records that are there at the call; a later one announces itself. */
  drain(handler: CallHandler): void {
    // A handler that ends up here again would consume its own record twice.
    if (this.#broken || this.#draining) return;
    this.#stalled = false;
    this.#draining = true;
    try {
      Atomics.store(this.#control, WAKE, 0);
      const written = Atomics.load(this.#control, WRITTEN);
      const waiting = (written - this.#consumed) | 0;
      if (waiting < 0 || waiting > RING_BYTES || waiting % HEADER_BYTES !== 0) this.#broken = true;
      while (this.#consumed !== written && !this.#broken && !this.#stalled) this.#record(written, handler);
    } finally {
      this.#draining = false;
    }
  }

  #record(written: number, handler: CallHandler): void {
    const start = this.#consumed & mask;
    const word = start >>> 2;
    const nr = this.#words[word] as number;
    const length = this.#words[word + 1] as number;
    const sequence = this.#words[word + 2] as number;
    const a = this.#doubles[(start >>> 3) + 2] as number;
    const b = this.#doubles[(start >>> 3) + 3] as number;
    if (length < 0 || length > MAX_PAYLOAD || recordBytes(length) > ((written - this.#consumed) | 0)) {
      this.#broken = true;
      return;
    }
    const result = handler(nr, a, b, this.#payload((start + HEADER_BYTES) & mask, length), sequence);
    if (result === STALL) {
      this.#stalled = true;
      // Wake-ups help nobody until there is room again.
      Atomics.store(this.#control, WAKE, 1);
      return;
    }
    this.#consumed = (this.#consumed + recordBytes(length)) | 0;
    Atomics.store(this.#control, CONSUMED, this.#consumed);
    // The thread takes the word back itself: taken here, it could be that of a thread which has yet to sleep.
    if (Atomics.load(this.#control, WAITING) !== 0) Atomics.notify(this.#control, CONSUMED);
    if (sequence !== 0 && result !== LATER) this.reply(sequence, result);
  }

  #payload(at: number, length: number): Uint8Array {
    const first = Math.min(length, RING_BYTES - at);
    if (length <= 48) for (let i = 0; i < length; i++) scratch[i] = this.#bytes[(at + i) & mask] as number;
    else {
      scratch.set(this.#bytes.subarray(at, at + first), 0);
      if (first < length) scratch.set(this.#bytes.subarray(0, length - first), first);
    }
    return scratch.subarray(0, length);
  }

  /** Answers a sync call. `bytes`: at most 64 KiB for the reply area. */
  reply(sequence: number, value: number, bytes?: Uint8Array): void {
    const length = bytes === undefined ? 0 : Math.min(bytes.length, REPLY_BYTES);
    if (bytes !== undefined) this.#reply.set(bytes.length > length ? bytes.subarray(0, length) : bytes, 0);
    Atomics.store(this.#control, REPLY_LENGTH, length);
    Atomics.store(this.#control, REPLY_VALUE, value);
    Atomics.store(this.#control, REPLY, sequence);
    Atomics.notify(this.#control, REPLY);
  }

  /** Closes the gate: the thread makes no further call and takes no further lock. */
  kill(): void {
    this.#dying = true;
    Atomics.store(this.#control, GATE, DYING);
    Atomics.notify(this.#control, REPLY);
    Atomics.notify(this.#control, CONSUMED);
  }

  /** Holds the thread at its next call, until `release`. */
  hold(): void {
    if (!this.#dying) Atomics.store(this.#control, GATE, HELD);
  }

  release(): void {
    if (this.#dying) return;
    Atomics.store(this.#control, GATE, 0);
    Atomics.notify(this.#control, GATE);
  }
}
