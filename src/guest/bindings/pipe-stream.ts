import process from "node:process";
import { ECANCELED, ERESTARTSYS } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import { type HandleEvents, PENDING } from "./stream-handle.js";

const {
  ArrayPrototypeIndexOf,
  ArrayPrototypePush,
  ArrayPrototypeShift,
  ArrayPrototypeSplice,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSlice,
  Uint8Array: ByteView,
} = primordials;

/** What is read at a time, in bytes. All streams of a thread share the place. */
const PIECE_BYTES = 64 * 1024;
const scratch: Uint8Array = new ByteView(PIECE_BYTES);

/** After so many pieces in a row, others get their turn. */
const PIECES = 8;

/** What Node's C++ does after each call of JavaScript: runs ticks and promises. */
const runTicks: () => void = (process as Internal)._tickCallback;

const triggerUncaughtException: (error: unknown, fromPromise: boolean) => void =
  internalBinding("errors")["triggerUncaughtException"];

/** The streams of this thread that wait for something to happen to their pipes. */
const waiting: PipeStream[] = [];

/**
 * Has every stream that waits look at its pipe, each on a turn of its own, before what is asked of the loop
 * later. The news that something has happened to a pipe takes another way to a thread than messages do, and
 * may come behind one: as libuv looks at its descriptors before it tells of a process that has ended.
 */
export function lookAtPipes(events: HandleEvents): void {
  for (let i = 0; i < waiting.length; i++) events.later((waiting[i] as PipeStream).look);
}

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
  #most = PIECE_BYTES;
  /** Something will call `#pull`. */
  #pulling = false;
  /** What is told when something happens to the pipe: `#readable`, `#writable`. */
  #awaitsBytes = false;
  #awaitsRoom = false;
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

  /** Reads no more than this at a time. */
  limit(bytes: number): void {
    this.#most = bytes < PIECE_BYTES ? bytes : PIECE_BYTES;
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

  /** Does now what waits for a change of the pipe, as far as it can be done. */
  readonly look = (): void => {
    if (this.#awaitsBytes) this.#pull();
    if (this.#awaitsRoom) this.#push();
  };

  /** Has `#readable` called when something happens to the pipe, unless that has happened already. */
  #awaitBytes(): boolean {
    if (!this.#awaitsBytes) {
      if (!this.#env.disk.waitLater(this.#readable)) return false;
      this.#awaitsBytes = true;
      if (!this.#awaitsRoom) ArrayPrototypePush(waiting, this);
    }
    return true;
  }

  #awaitRoom(): boolean {
    if (!this.#awaitsRoom) {
      if (!this.#env.disk.waitLater(this.#writable)) return false;
      this.#awaitsRoom = true;
      if (!this.#awaitsBytes) ArrayPrototypePush(waiting, this);
    }
    return true;
  }

  // Both are called by a promise, which what a listener throws is none of the business of.
  readonly #readable = (): void => {
    this.#awaitsBytes = false;
    this.#leave();
    try {
      this.#pull();
    } catch (error) {
      triggerUncaughtException(error, false);
    }
  };

  readonly #writable = (): void => {
    this.#awaitsRoom = false;
    this.#leave();
    try {
      this.#push();
    } catch (error) {
      triggerUncaughtException(error, false);
    }
  };

  #leave(): void {
    if (!this.#awaitsBytes && !this.#awaitsRoom)
      ArrayPrototypeSplice(waiting, ArrayPrototypeIndexOf(waiting, this), 1);
  }

  readonly #pull = (): void => {
    this.#pulling = true;
    try {
      this.#pulling = this.#deliver();
    } finally {
      // There is more, or a listener has thrown: the stream goes on.
      if (this.#pulling) this.#events.later(this.#pull);
    }
  };

  /** Hands on what there is; whether there may be more. */
  #deliver(): boolean {
    const { disk } = this.#env;
    for (let piece = 0; this.#reader !== null && !this.#closed; piece++) {
      if (piece === PIECES) return true;
      const count = disk.read(this.#file, scratch, 0, this.#most, -1);
      if (count > 0) {
        // Whoever gets it may keep it.
        this.#reader.deliver(TypedArrayPrototypeSlice(scratch, 0, count));
        runTicks();
      } else if (count !== -ERESTARTSYS) {
        this.#end(count);
        return false;
      } else if (this.#awaitBytes()) return false;
    }
    return false;
  }

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
      if (!this.#awaitRoom()) this.#events.later(this.#push);
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
    let more = true;
    try {
      more = this.#flush();
    } finally {
      if (more) this.#events.later(this.#push);
    }
  };

  /** Writes what there is room for, and tells who asked for it; whether that is still to be told. */
  #flush(): boolean {
    while (this.#writes.length > 0) {
      const write = this.#writes[0] as Write;
      const status = this.#closed ? -ECANCELED : this.#attempt(write);
      if (status === -ERESTARTSYS) {
        if (this.#awaitRoom()) return false;
        continue;
      }
      ArrayPrototypeShift(this.#writes);
      write.done(status);
    }
    return false;
  }
}
