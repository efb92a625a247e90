import { type KernelChannel, LATER } from "../syscall/channel.js";
import { REPLY_BYTES } from "../syscall/thread-page.js";

/** A thread that reads standard input. */
export interface StdinReader {
  readonly channel: KernelChannel;
  /** Sends a message to the thread; `bytes` are the receiver's own. */
  send(message: { t: "data"; bytes: Uint8Array<ArrayBuffer> } | { t: "end" }, transfer: ArrayBuffer[]): void;
}

interface Chunk {
  bytes: Uint8Array;
  consumed: (bytes: number) => void;
}

/** A reader that takes messages. */
interface Flow {
  flowing: boolean;
  /** Sent as messages and not acknowledged. */
  unacknowledged: number;
  endSent: boolean;
}

/** What may be on its way to a reader that takes messages, in bytes. */
const MESSAGE_WINDOW = 64 * 1024;

/**
 * Standard input of a call on its way to the processes that have it: read by sync calls, or flowing as
 * messages. What nobody reads stays here, and the wire's window bounds it; of several readers each piece
 * goes to one.
 */
export class Stdin {
  #chunks: Chunk[] = [];
  #ended = false;
  readonly #flows = new Map<StdinReader, Flow>();
  /** The reads that wait for bytes, one of each thread at most. */
  readonly #waiting = new Map<StdinReader, { sequence: number; most: number }>();

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
  read(reader: StdinReader, sequence: number, most: number): number | typeof LATER {
    // A thread has one call under way: a read that waited before was given up by its thread.
    this.#waiting.set(reader, { sequence, most: Math.max(1, Math.min(most, REPLY_BYTES)) });
    this.#move();
    return LATER;
  }

  /** Any other sync call of the thread: the read that waited was given up. */
  abandonRead(reader: StdinReader): void {
    this.#waiting.delete(reader);
  }

  /** The thread has ended. */
  leave(reader: StdinReader): void {
    this.#waiting.delete(reader);
    this.#flows.delete(reader);
  }

  start(reader: StdinReader): void {
    this.#flow(reader).flowing = true;
    this.#move();
  }

  stop(reader: StdinReader): void {
    this.#flow(reader).flowing = false;
  }

  acknowledge(reader: StdinReader, bytes: number): void {
    const flow = this.#flow(reader);
    const counted = Number.isFinite(bytes) ? Math.max(0, bytes) : 0;
    flow.unacknowledged = Math.max(0, flow.unacknowledged - counted);
    this.#move();
  }

  #flow(reader: StdinReader): Flow {
    let flow = this.#flows.get(reader);
    if (flow === undefined) {
      flow = { flowing: false, unacknowledged: 0, endSent: false };
      this.#flows.set(reader, flow);
    }
    return flow;
  }

  #move(): void {
    for (const [reader, { sequence, most }] of this.#waiting) {
      if (this.#chunks.length === 0 && !this.#ended) break;
      this.#waiting.delete(reader);
      const bytes = this.#take(most);
      reader.channel.reply(sequence, bytes.length, bytes);
    }
    for (const [reader, flow] of this.#flows) if (flow.flowing) this.#send(reader, flow);
  }

  #send(reader: StdinReader, flow: Flow): void {
    while (this.#chunks.length > 0 && flow.unacknowledged < MESSAGE_WINDOW) {
      const bytes = this.#take(MESSAGE_WINDOW - flow.unacknowledged);
      flow.unacknowledged += bytes.length;
      reader.send({ t: "data", bytes }, [bytes.buffer]);
    }
    if (this.#chunks.length > 0 || !this.#ended || flow.endSent) return;
    flow.endSent = true;
    reader.send({ t: "end" }, []);
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
