import type { Duplex } from "node:stream";
import { FrameDecoder, type FrameSink } from "./frame-decoder.js";
import { FrameWriter } from "./frame-writer.js";
import { type IncomingHandlers, IncomingStream } from "./incoming-stream.js";
import { costOfJson } from "./json-cost.js";
import { MAX_CONTROL_BYTES } from "./limits.js";
import { OutgoingStream } from "./outgoing-stream.js";
import { readRest } from "./read-rest.js";

/** Grants of a whole window, in the steps that a receiver grants in: more can't cross a stream's end. */
const LATE_CREDITS = 2;
/** Our messages are flat; parsing takes time and memory for each level, whatever comes of it. */
const MAX_DEPTH = 16;

const decoder = new TextDecoder("utf-8", { fatal: true });

/** What a connection tells its owner. Called in the order of the wire, never from inside `send`. */
export interface ConnectionHandlers<In extends object> {
  /**
   * Turns the JSON of a control message into a message; a string says what is wrong with it and is
   * answered like any other breach.
   */
  parse(value: unknown): In | string;
  /**
   * A control message. A stream that it opens towards this side has to be given to `onIncoming`
   * before this returns.
   */
  control(message: In): void;
  /** The other side broke the protocol, said once; the connection is closed. */
  protocolError(reason: string): void;
  /** Nothing comes any more, said once, last: end of file, an error of the socket, or `close()`. */
  closed(error: Error | null): void;
}

/**
 * One end of the wire.
 *
 * Believes nothing: each length, sequence number and credit is checked before memory is taken for
 * it, and the first breach closes the connection. What is wrong with the other side is told to the
 * handlers, never thrown.
 */
export class Connection<Out extends object, In extends object> {
  readonly #duplex: Duplex;
  readonly #transient: boolean;
  readonly #handlers: ConnectionHandlers<In>;
  readonly #writer: FrameWriter;
  readonly #decoder: FrameDecoder;
  readonly #incoming = new Map<number, IncomingStream>();
  readonly #outgoing = new Map<number, OutgoingStream>();
  #lastStream = 0;
  /** Grants that may still come for streams that have ended. */
  #lateCredits = 0;
  #closed = false;

  /** `transient`: what comes out of the duplex lies in memory that is used again at once. */
  constructor(duplex: Duplex, handlers: ConnectionHandlers<In>, { transient = false } = {}) {
    this.#duplex = duplex;
    this.#transient = transient;
    this.#handlers = handlers;
    this.#writer = new FrameWriter(duplex, () => this.#receiveRest());
    this.#decoder = new FrameDecoder(this.#sink());
    duplex.on("data", (chunk: Buffer) => this.#receive(chunk));
    duplex.on("drain", () => this.#drained());
    // Half of a connection is of no use, and the bytes that came before the end are handled by now.
    duplex.on("end", () => this.#finish(null));
    duplex.on("error", (error: Error) => this.#finish(error));
    duplex.on("close", () => this.#finish(null));
  }

  /** Whether the connection has ended; whatever is sent then goes nowhere. */
  get closed(): boolean {
    return this.#closed;
  }

  /** Whether the other side is behind in reading. */
  get full(): boolean {
    return this.#writer.behind;
  }

  /** Sends a control message. Throws RangeError for one that is too large, and sends nothing then. */
  send(message: Out): void {
    if (this.#closed) return;
    const json = Buffer.from(JSON.stringify(message));
    if (json.length > MAX_CONTROL_BYTES) {
      throw new RangeError(`A control message of ${json.length} bytes is over ${MAX_CONTROL_BYTES}`);
    }
    this.#writer.control(json);
  }

  /**
   * Opens a stream that a control message names and that flows to the other side. `window`, here and there, is
   * what both sides take for granted about such streams: what may be under way.
   */
  openOutgoing(id: number, window?: number): OutgoingStream {
    const onDone = (): void => {
      this.#outgoing.delete(id);
      this.#lateCredits += LATE_CREDITS;
    };
    const stream = new OutgoingStream(id, this.#writer, onDone, window);
    if (this.#closed) {
      stream.abandon();
      return stream;
    }
    this.#lastStream = Math.max(this.#lastStream, id);
    this.#outgoing.set(id, stream);
    return stream;
  }

  /** Expects a stream that a control message names and that flows to this side. */
  onIncoming(id: number, handlers: IncomingHandlers, window?: number): void {
    if (this.#closed) return;
    this.#lastStream = Math.max(this.#lastStream, id);
    const nature = { window, transient: this.#transient };
    this.#incoming.set(id, new IncomingStream(id, this.#writer, handlers, nature));
  }

  /** Drops what still comes of an incoming stream, without granting room for more, up to its end. */
  discardIncoming(id: number): void {
    this.#incoming.get(id)?.discard();
  }

  /** Whether an incoming stream has been opened and has not ended. */
  expects(id: number): boolean {
    return this.#incoming.has(id);
  }

  /** Closes for a breach that only the owner can see, as for any other. */
  breach(reason: string): void {
    if (this.#closed) return;
    this.#shut();
    this.#handlers.protocolError(reason);
    this.#handlers.closed(null);
  }

  /** Closes at once. What was sent and has not gone out is lost. */
  close(): void {
    this.#finish(null);
  }

  #sink(): FrameSink {
    return {
      control: (json) => this.#control(json),
      dataBegins: (id, length) => {
        const stream = this.#incoming.get(id);
        if (stream === undefined) return `data on stream ${id}, which is not open`;
        return stream.admit(length) ? null : `data on stream ${id} without credit`;
      },
      data: (id, bytes) => this.#incoming.get(id)?.data(bytes),
      end: (id) => {
        const stream = this.#incoming.get(id);
        if (stream === undefined) return `the end of stream ${id}, which is not open`;
        this.#incoming.delete(id);
        stream.end();
        return null;
      },
      credit: (id, bytes) => {
        const stream = this.#outgoing.get(id);
        if (stream !== undefined) return stream.credited(bytes) ? null : `too much credit for stream ${id}`;
        if (id > this.#lastStream) return `credit for stream ${id}, which was never open`;
        // The last grants for a stream may cross its end.
        return this.#lateCredits-- > 0 ? null : `too much credit for streams that ended`;
      },
    };
  }

  #control(json: Uint8Array): string | null {
    let value: unknown;
    if (costOfJson(json, { values: Number.POSITIVE_INFINITY, depth: MAX_DEPTH }) !== null) {
      return "a control message that is too deep";
    }
    try {
      value = JSON.parse(decoder.decode(json));
    } catch {
      return "a control message that is not JSON";
    }
    const message = this.#handlers.parse(value);
    if (typeof message === "string") return message;
    this.#handlers.control(message);
    return null;
  }

  #receive(chunk: Uint8Array): void {
    const breach = this.#decoder.push(chunk);
    if (breach !== null) this.breach(breach);
  }

  /**
   * Writing failed, so the other side is gone, and the socket is about to be destroyed with whatever
   * has not been read: the last words of a machine that died. They are all in the socket's buffer.
   */
  #receiveRest(): void {
    if (this.#closed) return;
    readRest(this.#duplex, (chunk) => {
      this.#receive(chunk);
      return !this.#closed;
    });
  }

  /** The other side reads again. */
  #drained(): void {
    for (const stream of this.#incoming.values()) stream.grant();
    for (const stream of [...this.#outgoing.values()]) stream.resume();
  }

  /** The other side is gone, or this one had enough. */
  #finish(error: Error | null): void {
    if (this.#closed) return;
    this.#shut();
    this.#handlers.closed(error);
  }

  #shut(): void {
    this.#closed = true;
    this.#decoder.stop();
    this.#duplex.destroy();
    this.#incoming.clear();
    for (const stream of [...this.#outgoing.values()]) stream.abandon();
  }
}
