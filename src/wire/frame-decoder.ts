import {
  HEADER_BYTES,
  KIND_CONTROL,
  KIND_CREDIT,
  KIND_DATA,
  KIND_END,
  MAX_CONTROL_BYTES,
  MAX_DATA_BYTES,
  WIRE_VERSION,
} from "./limits.js";

/** Receives frames in order. A string is a breach of the protocol and ends the decoding. */
export interface FrameSink {
  control(json: Uint8Array): string | null;
  /** A data frame of `length` bytes begins: may it? */
  dataBegins(stream: number, length: number): string | null;
  /** The next bytes of that frame, as they came in: a frame may come in several pieces. */
  data(stream: number, bytes: Uint8Array): void;
  end(stream: number): string | null;
  credit(stream: number, bytes: number): string | null;
}

/** What is wrong with the length of a frame's payload. */
function wrongLength(kind: number, length: number): string | null {
  switch (kind) {
    case KIND_CONTROL:
      if (length === 0) return "an empty control message";
      return length > MAX_CONTROL_BYTES ? `a control message of ${length} bytes` : null;
    case KIND_DATA:
      if (length === 0) return "a data frame without data";
      return length > MAX_DATA_BYTES ? `a data frame of ${length} bytes` : null;
    case KIND_END:
      return length === 0 ? null : `an end frame of ${length} bytes`;
    case KIND_CREDIT:
      return length === 4 ? null : `a credit frame of ${length} bytes`;
    default:
      return `a frame of kind ${kind}`;
  }
}

/**
 * Cuts a stream of bytes into frames.
 *
 * Data goes through without a copy. Only a header, a credit or a control message that arrives in
 * pieces is kept, in memory of exactly its size, taken once its length has been checked: how the
 * other side cuts its bytes changes neither the memory nor the work.
 */
export class FrameDecoder {
  readonly #sink: FrameSink;
  readonly #header = Buffer.alloc(HEADER_BYTES);
  #headerFilled = 0;
  #kind = 0;
  #stream = 0;
  #sequence = 0;
  /** Payload bytes of the frame under way that have not come yet. */
  #missing = 0;
  /** The payload under way of a frame that is handed on whole, once it came in pieces. */
  #partial: Buffer | null = null;
  #stopped = false;

  constructor(sink: FrameSink) {
    this.#sink = sink;
  }

  /** Ignores whatever comes from here on. */
  stop(): void {
    this.#stopped = true;
    this.#partial = null;
  }

  /** Takes the next bytes. A string names the first breach of the protocol; the decoder has stopped then. */
  push(chunk: Uint8Array): string | null {
    let at = 0;
    while (at < chunk.length && !this.#stopped) {
      let breach: string | null;
      if (this.#missing > 0) {
        const taken = Math.min(this.#missing, chunk.length - at);
        breach = this.#payload(chunk.subarray(at, at + taken));
        at += taken;
      } else {
        const taken = Math.min(HEADER_BYTES - this.#headerFilled, chunk.length - at);
        this.#header.set(chunk.subarray(at, at + taken), this.#headerFilled);
        this.#headerFilled += taken;
        at += taken;
        breach = this.#headerFilled === HEADER_BYTES ? this.#begin() : null;
      }
      if (breach !== null) {
        this.stop();
        return breach;
      }
    }
    return null;
  }

  /** A header is whole. */
  #begin(): string | null {
    const header = this.#header;
    this.#headerFilled = 0;
    const length = header.readUInt32LE(0);
    const kind = header[4] ?? 0;
    const stream = header.readUInt32LE(8);
    if (header[5] !== WIRE_VERSION) return `version ${header[5]} of the wire`;
    if (header[6] !== 0 || header[7] !== 0) return "a header with reserved bytes set";
    const breach = wrongLength(kind, length);
    if (breach !== null) return breach;
    if ((kind === KIND_CONTROL) !== (stream === 0)) return `a frame of kind ${kind} on stream ${stream}`;
    const sequence = header.readUInt32LE(12);
    if (sequence !== this.#sequence) return `frame ${sequence} in place of ${this.#sequence}`;
    this.#sequence = (sequence + 1) >>> 0;
    this.#kind = kind;
    this.#stream = stream;
    if (kind === KIND_END) return this.#sink.end(stream);
    if (kind === KIND_DATA) {
      const refused = this.#sink.dataBegins(stream, length);
      if (refused !== null) return refused;
    }
    this.#missing = length;
    return null;
  }

  /** Bytes of the payload under way, at most what is missing. */
  #payload(bytes: Uint8Array): string | null {
    if (this.#kind === KIND_DATA) {
      this.#missing -= bytes.length;
      this.#sink.data(this.#stream, bytes);
      return null;
    }
    if (this.#partial === null) {
      if (bytes.length === this.#missing) {
        this.#missing = 0;
        return this.#whole(bytes);
      }
      // The length is checked: at most one control message.
      this.#partial = Buffer.allocUnsafeSlow(this.#missing);
    }
    const partial = this.#partial;
    partial.set(bytes, partial.length - this.#missing);
    this.#missing -= bytes.length;
    if (this.#missing > 0) return null;
    this.#partial = null;
    return this.#whole(partial);
  }

  #whole(payload: Uint8Array): string | null {
    if (this.#kind === KIND_CONTROL) return this.#sink.control(payload);
    const bytes = new DataView(payload.buffer, payload.byteOffset, 4).getUint32(0, true);
    return this.#sink.credit(this.#stream, bytes);
  }
}
