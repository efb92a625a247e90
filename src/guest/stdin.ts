import { SYS_STDIN_ACK, SYS_STDIN_START, SYS_STDIN_STOP } from "../syscall/numbers.js";
import type { HandleEvents } from "./bindings/stream-handle.js";
import type { GuestEnv } from "./env.js";
import { primordials } from "./internals.js";
import type { KernelPort } from "./kernel-port.js";

const {
  MathMin,
  ArrayPrototypePush,
  ArrayPrototypeShift,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
  Uint8Array: ByteView,
} = primordials;

/** A message of the stdin stream; `null` is its end. */
export type Chunk = Uint8Array | null;

/** A stream handle that takes what comes. */
export interface StdinReader {
  deliver(bytes: Uint8Array): void;
  deliverEnd(): void;
}

/** One asynchronous read of a descriptor. */
interface PendingRead {
  bytes: Uint8Array;
  offset: number;
  length: number;
  done: (result: number) => void;
}

/**
 * The reading side of stdin: bytes arrive as messages while somebody reads.
 *
 * A message that was on its way when the reading stopped is kept for the next reader. The kernel counts
 * what has not been acknowledged, so at most 64 KiB wait here.
 */
export class Stdin {
  readonly #env: GuestEnv;
  readonly #port: KernelPort;
  readonly #events: HandleEvents;
  readonly #chunks: Chunk[] = [];
  readonly #reads: PendingRead[] = [];
  #reader: StdinReader | undefined;
  #flowing = false;
  #ended = false;

  constructor(env: GuestEnv, port: KernelPort, events: HandleEvents) {
    this.#env = env;
    this.#port = port;
    this.#events = events;
  }

  start(reader: StdinReader): void {
    this.#reader = reader;
    if (this.#chunks.length > 0) this.#events.later(() => this.#flush());
    this.#flow();
  }

  stop(reader: StdinReader): void {
    if (this.#reader !== reader) return;
    this.#reader = undefined;
    this.#flow();
  }

  /** Reads once, into bytes of the caller; `done` gets the count, which is 0 at the end. */
  readonly read = (
    bytes: Uint8Array,
    offset: number,
    length: number,
    done: (result: number) => void,
  ): void => {
    const pending: PendingRead = { bytes, offset, length, done };
    ArrayPrototypePush(this.#reads, pending);
    this.#port.ref();
    if (this.#chunks.length > 0 || this.#ended) this.#events.later(() => this.#flush());
    this.#flow();
  };

  /** Takes what has arrived before, for a read that stops the thread; 0 when nothing has. */
  readonly take = (bytes: Uint8Array, offset: number, length: number): number => {
    const chunk = this.#chunks[0] ?? null;
    return chunk === null ? 0 : this.#copy(chunk, bytes, offset, length);
  };

  /** Takes a message. */
  receive(chunk: Chunk): void {
    if (chunk === null) this.#ended = true;
    ArrayPrototypePush(this.#chunks, chunk);
    this.#flush();
  }

  /** Has the kernel send exactly while there is somebody to read. */
  #flow(): void {
    const wanted = !this.#ended && (this.#reader !== undefined || this.#reads.length > 0);
    if (wanted === this.#flowing) return;
    this.#flowing = wanted;
    this.#env.channel.post(wanted ? SYS_STDIN_START : SYS_STDIN_STOP, 0, 0);
  }

  #flush(): void {
    while (this.#chunks.length > 0) {
      if (this.#reads.length > 0) this.#serve(ArrayPrototypeShift(this.#reads));
      else if (this.#reader !== undefined) this.#pass(this.#reader);
      else break;
    }
    // The end stays for everybody who asks later.
    while (this.#ended && this.#reads.length > 0 && this.#chunks.length === 0)
      this.#finish(ArrayPrototypeShift(this.#reads), 0);
    this.#flow();
  }

  #pass(reader: StdinReader): void {
    const chunk: Chunk = ArrayPrototypeShift(this.#chunks);
    if (chunk === null) {
      reader.deliverEnd();
      return;
    }
    this.#acknowledge(TypedArrayPrototypeGetByteLength(chunk));
    reader.deliver(chunk);
  }

  #serve(read: PendingRead): void {
    const chunk = this.#chunks[0] as Chunk;
    if (chunk === null) {
      this.#finish(read, 0);
      if (this.#reader === undefined && this.#reads.length === 0) ArrayPrototypeShift(this.#chunks);
      return;
    }
    const count = this.#copy(chunk, read.bytes, read.offset, read.length);
    this.#finish(read, count);
  }

  /** Copies from the first chunk. */
  #copy(chunk: Uint8Array, bytes: Uint8Array, offset: number, length: number): number {
    const size: number = TypedArrayPrototypeGetByteLength(chunk);
    const count = MathMin(size, length);
    const start: number = TypedArrayPrototypeGetByteOffset(chunk);
    const buffer = TypedArrayPrototypeGetBuffer(chunk);
    TypedArrayPrototypeSet(bytes, new ByteView(buffer, start, count), offset);
    if (count === size) ArrayPrototypeShift(this.#chunks);
    else this.#chunks[0] = new ByteView(buffer, start + count, size - count);
    // The kernel would send more at once for what is acknowledged, past a sync read that follows.
    this.#flow();
    this.#acknowledge(count);
    return count;
  }

  #acknowledge(count: number): void {
    this.#env.channel.post(SYS_STDIN_ACK, count, 0);
  }

  #finish(read: PendingRead, result: number): void {
    this.#port.unref();
    read.done(result);
  }
}
