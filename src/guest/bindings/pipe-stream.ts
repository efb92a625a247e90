import { ECANCELED, ERESTARTSYS } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import { primordials } from "../internals.js";
import { type HandleEvents, PENDING } from "./stream-handle.js";

const {
  ArrayPrototypePush,
  ArrayPrototypeShift,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSlice,
  Uint8Array: ByteView,
} = primordials;

/** What is read at a time, in bytes. All streams of a thread share the place. */
const scratch: Uint8Array = new ByteView(64 * 1024);

/** After so many pieces in a row, others get their turn. */
const PIECES = 8;

/** Who gets what comes. */
export interface PipeReader {
  deliver(bytes: Uint8Array): void;
  /** 0 at the end, else a negative errno. */
  deliverEnd(error: number): void;
}

interface Write {
  bytes: Uint8Array;
  at: number;
  done: (status: number) => void;
}

/** Reads and writes an end of a pipe of the disk without stopping the thread. */
export class PipeStream {
  readonly #env: GuestEnv;
  readonly #events: HandleEvents;
  readonly #file: number;
  readonly #writes: Write[] = [];
  #reader: PipeReader | null = null;
  /** Something will call `#pull`. */
  #pulling = false;
  #closed = false;

  /** `file` is an open file of the disk. */
  constructor(env: GuestEnv, events: HandleEvents, file: number) {
    this.#env = env;
    this.#events = events;
    this.#file = file;
  }

  start(reader: PipeReader): void {
    this.#reader = reader;
    if (this.#pulling) return;
    this.#pulling = true;
    this.#events.later(this.#pull);
  }

  stop(): void {
    this.#reader = null;
  }

  /** Nothing is read and nothing more is written. */
  close(): void {
    this.#closed = true;
    this.#reader = null;
    // Others may have this end open too: then nothing happens to the pipe that would tell what waits.
    if (this.writing) this.#events.later(this.#push);
  }

  /** Whether writes wait. */
  get writing(): boolean {
    return this.#writes.length > 0;
  }

  /** The bytes that wait. */
  get queued(): number {
    let bytes = 0;
    for (let i = 0; i < this.#writes.length; i++) {
      const { bytes: all, at } = this.#writes[i] as Write;
      bytes += (TypedArrayPrototypeGetByteLength(all) as number) - at;
    }
    return bytes;
  }

  readonly #pull = (): void => {
    this.#pulling = false;
    const { disk } = this.#env;
    for (let piece = 0; this.#reader !== null && !this.#closed; piece++) {
      if (piece === PIECES) {
        this.#pulling = true;
        this.#events.later(this.#pull);
        return;
      }
      const count = disk.read(this.#file, scratch, 0, scratch.length, -1);
      if (count > 0) {
        // Whoever gets it may keep it.
        this.#reader.deliver(TypedArrayPrototypeSlice(scratch, 0, count));
      } else if (count !== -ERESTARTSYS) {
        this.#end(count);
        return;
      } else if (disk.waitLater(this.#pull)) {
        this.#pulling = true;
        return;
      }
    }
  };

  #end(error: number): void {
    const reader = this.#reader;
    this.#reader = null;
    reader?.deliverEnd(error);
  }

  /** 0, a negative errno, or `PENDING`: `done` is called with one of these. */
  write(bytes: Uint8Array, done: (status: number) => void): number {
    const write: Write = { bytes, at: 0, done };
    if (this.#writes.length === 0) {
      const status = this.#attempt(write);
      if (status !== -ERESTARTSYS) return status;
      if (!this.#env.disk.waitLater(this.#push)) this.#events.later(this.#push);
    }
    ArrayPrototypePush(this.#writes, write);
    return PENDING;
  }

  /** Writes what there is room for: 0 when that was all of it. */
  #attempt(write: Write): number {
    const length: number = TypedArrayPrototypeGetByteLength(write.bytes);
    while (write.at < length) {
      const count = this.#env.disk.write(this.#file, write.bytes, write.at, length - write.at, -1);
      if (count < 0) return count;
      write.at += count;
    }
    return 0;
  }

  readonly #push = (): void => {
    const { disk } = this.#env;
    while (this.#writes.length > 0) {
      const write = this.#writes[0] as Write;
      const status = this.#closed ? -ECANCELED : this.#attempt(write);
      if (status === -ERESTARTSYS) {
        if (disk.waitLater(this.#push)) return;
        continue;
      }
      ArrayPrototypeShift(this.#writes);
      write.done(status);
    }
  };
}
