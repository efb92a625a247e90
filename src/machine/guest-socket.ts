import { Duplex } from "node:stream";
import { copyOf } from "../wire/incoming-stream.js";
import type { OutgoingStream } from "../wire/outgoing-stream.js";

/** How a connection is told that its owner wants no more of it. */
type GiveUp = () => void;

/** Bytes that have come, and how to say that they are done with. */
interface Arrived {
  bytes: Uint8Array;
  consumed: (bytes: number) => void;
}

/**
 * The host's end of a connection to a server in a machine. Who doesn't read it stalls the server: no more than a
 * window of the wire waits here.
 */
export class GuestSocket extends Duplex {
  readonly #sent: OutgoingStream;
  readonly #giveUp: GiveUp;
  #arrived: Arrived[] = [];
  #wanted = false;

  constructor(sent: OutgoingStream, giveUp: GiveUp) {
    super({ allowHalfOpen: true });
    this.#sent = sent;
    this.#giveUp = giveUp;
  }

  /** Takes what comes from the wire, where nothing is granted before it is read. */
  arrived(bytes: Uint8Array, consumed: (bytes: number) => void): void {
    this.#arrived.push({ bytes: copyOf(bytes), consumed });
    this.#pass();
  }

  /** All that comes has come. */
  ended(): void {
    this.#arrived.push({ bytes: new Uint8Array(), consumed: () => undefined });
    this.#pass();
  }

  override _read(): void {
    this.#wanted = true;
    this.#pass();
  }

  #pass(): void {
    while (this.#wanted && this.#arrived.length > 0) {
      const { bytes, consumed } = this.#arrived.shift() as Arrived;
      this.#wanted = this.push(bytes.length === 0 ? null : bytes);
      consumed(bytes.length);
    }
  }

  override _write(chunk: Buffer, _: BufferEncoding, done: (error?: Error | null) => void): void {
    this.#sent.write(chunk);
    this.#sent.flushed().then(() => done());
  }

  override _final(done: (error?: Error | null) => void): void {
    this.#sent.end();
    done();
  }

  override _destroy(error: Error | null, done: (error: Error | null) => void): void {
    this.#arrived = [];
    this.#sent.abort();
    this.#giveUp();
    done(error);
  }
}
