import { type KernelChannel, LATER } from "../syscall/channel.js";
import { REPLY_BYTES } from "../syscall/thread-page.js";

/** The thread that standard input flows to. */
export interface StdinReader {
  /** Sends a message to the thread; `bytes` are the receiver's own. */
  send(message: { t: "data"; bytes: Uint8Array<ArrayBuffer> } | { t: "end" }): void;
}

interface Chunk {
  bytes: Uint8Array;
  consumed: (bytes: number) => void;
}

/** What may be on its way to a reader that takes messages, in bytes. */
const MESSAGE_WINDOW = 64 * 1024;

/**
 * Standard input on its way to a process: read by sync calls, or flowing as messages. What nobody
 * reads stays here, and the wire's window bounds it.
 */
export class Stdin {
  readonly #reader: StdinReader;
  #chunks: Chunk[] = [];
  #ended = false;
  #flowing = false;
  /** Sent as messages and not acknowledged. */
  #unacknowledged = 0;
  #endSent = false;
  /** The reads that wait for bytes, one of each thread at most. */
  readonly #waiting = new Map<KernelChannel, { sequence: number; most: number }>();

  constructor(reader: StdinReader) {
    this.#reader = reader;
  }

  /** Bytes from the host; `consumed` is told as they leave for the process. */
  push(bytes: Uint8Array, consumed: (bytes: number) => void): void {
    if (bytes.length === 0) return;
    this.#chunks.push({ bytes, consumed });
    this.#move();
  }

  /** The host's end of file. */
  end(): void {
    this.#ended = true;
    this.#move();
  }

  /** A sync read. */
  read(channel: KernelChannel, sequence: number, most: number): number | typeof LATER {
    // A thread has one call under way: a read that waited before was given up by its thread.
    this.#waiting.set(channel, { sequence, most: Math.max(1, Math.min(most, REPLY_BYTES)) });
    this.#move();
    return LATER;
  }

  /** Any other sync call of the thread, or its end: the read that waited was given up. */
  abandonRead(channel: KernelChannel): void {
    this.#waiting.delete(channel);
  }

  start(): void {
    this.#flowing = true;
    this.#move();
  }

  stop(): void {
    this.#flowing = false;
  }

  acknowledge(bytes: number): void {
    const counted = Number.isFinite(bytes) ? Math.max(0, bytes) : 0;
    this.#unacknowledged = Math.max(0, this.#unacknowledged - counted);
    this.#move();
  }

  #move(): void {
    for (const [channel, { sequence, most }] of this.#waiting) {
      if (this.#chunks.length === 0 && !this.#ended) break;
      this.#waiting.delete(channel);
      const bytes = this.#take(most);
      channel.reply(sequence, bytes.length, bytes);
    }
    if (!this.#flowing) return;
    while (this.#chunks.length > 0 && this.#unacknowledged < MESSAGE_WINDOW) {
      const bytes = this.#take(MESSAGE_WINDOW - this.#unacknowledged);
      this.#unacknowledged += bytes.length;
      this.#reader.send({ t: "data", bytes });
    }
    if (this.#chunks.length === 0 && this.#ended && !this.#endSent) {
      this.#endSent = true;
      this.#reader.send({ t: "end" });
    }
  }

  /** Takes bytes off the first chunk, in memory of their own; none at the end. */
  #take(most: number): Uint8Array<ArrayBuffer> {
    const chunk = this.#chunks[0];
    if (chunk === undefined) return new Uint8Array(0);
    const bytes = new Uint8Array(chunk.bytes.subarray(0, most));
    if (bytes.length === chunk.bytes.length) this.#chunks.shift();
    else chunk.bytes = chunk.bytes.subarray(bytes.length);
    chunk.consumed(bytes.length);
    return bytes;
  }
}
