import type { FrameWriter } from "./frame-writer.js";
import { MAX_DATA_BYTES, WINDOW_BYTES } from "./limits.js";

/** While the other side is behind in reading, credit for less than this is not worth a frame of its own. */
const WORTH_BYTES = 4096;

/** A stream that flows to the other side, as fast as that side consumes it. */
export class OutgoingStream {
  readonly id: number;
  /** Called each time nothing waits any more. */
  onDrain: (() => void) | null = null;
  readonly #writer: FrameWriter;
  readonly #onDone: () => void;
  readonly #window: number;
  #credit: number;
  #queue: Uint8Array[] = [];
  #queued = 0;
  #state: "open" | "ending" | "done" = "open";
  /** Whether something was written that was never sent. */
  #lost = false;
  #waiters: ((sent: boolean) => void)[] = [];

  /** `onDone` is called once, when nothing more will be sent. */
  constructor(id: number, writer: FrameWriter, onDone: () => void, window = WINDOW_BYTES) {
    this.id = id;
    this.#window = window;
    this.#credit = window;
    this.#writer = writer;
    this.#onDone = onDone;
  }

  /** Bytes that may leave now. */
  get credit(): number {
    return this.#queued > 0 ? 0 : this.#credit;
  }

  /** Bytes that wait for credit, or for the other side to read. */
  get queued(): number {
    return this.#queued;
  }

  /**
   * Sends bytes, in order; what the credit doesn't cover, or the other side doesn't read, is kept. True when nothing
   * waits: a writer that goes on after false makes the queue grow. The bytes are sent as they are and
   * must not change any more. After `end` or the end of the connection it does nothing.
   */
  write(bytes: Uint8Array): boolean {
    if (this.#state !== "open") {
      this.#lost = true;
      return true;
    }
    if (bytes.length > 0) {
      this.#queue.push(bytes);
      this.#queued += bytes.length;
      this.#pump();
    }
    return this.#queued === 0;
  }

  /** Resolves when all that was written has been sent: false when it never will. */
  flushed(): Promise<boolean> {
    if (this.#queued === 0) return Promise.resolve(!this.#lost);
    return new Promise((resolve) => this.#waiters.push(resolve));
  }

  /** Ends the stream after what was written. */
  end(): void {
    if (this.#state !== "open") return;
    this.#state = "ending";
    this.#pump();
  }

  /** Ends the stream now, without what waits. */
  abort(): void {
    if (this.#state === "done") return;
    this.#writer.end(this.id);
    this.abandon();
  }

  /** The connection is gone: nothing is sent any more. */
  abandon(): void {
    if (this.#state === "done") return;
    this.#state = "done";
    this.#lost ||= this.#queued > 0;
    this.#queue = [];
    this.#queued = 0;
    this.#settle(false);
    this.#onDone();
  }

  /** The other side has room for more; false when it grants what it can't have consumed. */
  credited(bytes: number): boolean {
    if (bytes === 0 || this.#credit + bytes > this.#window) return false;
    this.#credit += bytes;
    this.resume();
    return true;
  }

  /** Sends what may leave by now. */
  resume(): void {
    const waited = this.#queued > 0;
    this.#pump();
    if (waited && this.#queued === 0) {
      this.#settle(true);
      this.onDrain?.();
    }
  }

  #pump(): void {
    let sent = 0;
    // Credit is the other side's word that it has read. One that grants byte after byte without reading
    // would have each of them lie here as a frame of its own, which costs much more memory than a byte.
    while (sent < this.#queue.length && this.#credit > 0 && !this.#writer.full) {
      const bytes = this.#queue[sent] as Uint8Array;
      const length = Math.min(bytes.length, this.#credit, MAX_DATA_BYTES);
      if (length < bytes.length && length < WORTH_BYTES && this.#writer.behind) break;
      this.#writer.data(this.id, length === bytes.length ? bytes : bytes.subarray(0, length));
      this.#credit -= length;
      this.#queued -= length;
      if (length === bytes.length) sent++;
      else this.#queue[sent] = bytes.subarray(length);
    }
    if (sent > 0) this.#queue.splice(0, sent);
    if (this.#state === "ending" && this.#queued === 0) {
      this.#state = "done";
      this.#writer.end(this.id);
      this.#onDone();
    }
  }

  #settle(sent: boolean): void {
    const waiters = this.#waiters;
    this.#waiters = [];
    for (const resolve of waiters) resolve(sent);
  }
}
