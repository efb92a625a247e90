import type { Writable } from "node:stream";
import { HEADER_BYTES, KIND_CONTROL, KIND_CREDIT, KIND_DATA, KIND_END, WIRE_VERSION } from "./limits.js";

/** Payloads up to this size are copied behind their header: cheaper than a vector of two. */
const COPY_BYTES = 4096;

/** What may lie here of what the other side has yet to read: a turn's worth, so that the next finds more to send. */
const BACKLOG_BYTES = 512 * 1024;
/** The same in writes, each of which costs memory of its own. */
const BACKLOG_FRAMES = 2048;

/** Writes frames in sequence. Frames of one turn of the event loop leave in one system call. */
export class FrameWriter {
  readonly #writable: Writable;
  readonly #onWritten: (error?: Error | null) => void;
  #sequence = 0;
  /** Writes that have not left. */
  #frames = 0;
  #corked = false;
  readonly #uncork = (): void => {
    this.#corked = false;
    this.#writable.uncork();
  };

  /** `onError` is called when bytes can't be sent, before the writable is destroyed for it. */
  constructor(writable: Writable, onError: () => void) {
    this.#writable = writable;
    this.#onWritten = (error) => {
      this.#frames--;
      if (error) onError();
    };
  }

  /** Whether the other side is behind in reading. The writable says `drain` once it has caught up. */
  get behind(): boolean {
    return this.#writable.writableNeedDrain;
  }

  /** Whether so much waits for the other side that not even large frames should be added. */
  get full(): boolean {
    return this.behind && (this.#writable.writableLength >= BACKLOG_BYTES || this.#frames >= BACKLOG_FRAMES);
  }

  /** Sends the JSON of a control message. */
  control(json: Uint8Array): void {
    this.#frame(KIND_CONTROL, 0, json);
  }

  /** Sends bytes of a stream as they are: they must not change until they have left. */
  data(stream: number, bytes: Uint8Array): void {
    this.#frame(KIND_DATA, stream, bytes);
  }

  /** Ends a stream. */
  end(stream: number): void {
    this.#write(this.#header(KIND_END, stream, 0, 0));
  }

  /** Grants room for more bytes of a stream. */
  credit(stream: number, bytes: number): void {
    const frame = this.#header(KIND_CREDIT, stream, 4, 4);
    frame.writeUInt32LE(bytes, HEADER_BYTES);
    this.#write(frame);
  }

  #frame(kind: number, stream: number, payload: Uint8Array): void {
    if (payload.length <= COPY_BYTES) {
      const frame = this.#header(kind, stream, payload.length, payload.length);
      frame.set(payload, HEADER_BYTES);
      this.#write(frame);
    } else {
      this.#write(this.#header(kind, stream, payload.length, 0));
      this.#write(payload);
    }
  }

  /** A header with room for `room` bytes behind it. */
  #header(kind: number, stream: number, length: number, room: number): Buffer {
    const frame = Buffer.allocUnsafe(HEADER_BYTES + room);
    frame.writeUInt32LE(length, 0);
    frame.writeUInt32LE(kind | (WIRE_VERSION << 8), 4);
    frame.writeUInt32LE(stream, 8);
    frame.writeUInt32LE(this.#sequence, 12);
    this.#sequence = (this.#sequence + 1) >>> 0;
    return frame;
  }

  #write(bytes: Uint8Array): void {
    if (!this.#writable.writable) return;
    if (!this.#corked) {
      this.#corked = true;
      this.#writable.cork();
      process.nextTick(this.#uncork);
    }
    this.#frames++;
    this.#writable.write(bytes, this.#onWritten);
  }
}
