import { ECANCELED, ERESTARTSYS } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import { primordials } from "../internals.js";
import { runTicks } from "../ticks.js";
import { later } from "./completions.js";
import type { HandleEvents } from "./stream-handle.js";

const {
  ArrayPrototypePush,
  ArrayPrototypeShift,
  SafeSet,
  SetPrototypeForEach,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  Uint8Array: ByteView,
} = primordials;

/** What is read at a time, in bytes. All streams of a thread share the place. */
const PIECE_BYTES = 64 * 1024;
const scratch: Uint8Array = new ByteView(PIECE_BYTES);
const scratchBuffer: ArrayBuffer = TypedArrayPrototypeGetBuffer(scratch);

/** After so many pieces in a row, others get their turn. */
const PIECES = 8;

/** The streams of this thread that wait for something to happen to their pipes. */
const waiting: Set<PipeStream> = new SafeSet();

/**
 * Has every stream that waits look at its pipe, each on a turn of its own, before what is asked of the loop
 * later. The news that something has happened to a pipe takes another way to a thread than messages do, and
 * may come behind one: as libuv looks at its descriptors before it tells of a process that has ended.
 */
export function lookAtPipes(events: HandleEvents): void {
  SetPrototypeForEach(waiting, (stream: PipeStream) => events.later(stream.look));
}

/** Who gets what comes. */
export interface PipeReader {
  /** The bytes are others as soon as it returns. */
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
  readonly #file: number;
  readonly #writes: Write[] = [];
  #reader: PipeReader | null = null;
  #most = PIECE_BYTES;
  /** Something will call `#pull`. */
  #pulling = false;
  /** What is told when something happens to the pipe: `#readable`, `#writable`. */
  #awaitsBytes = false;
  #awaitsRoom = false;
  /** The last attempt to write found no room. */
  #isFull = false;
  #closed = false;

  /** `file` is an open file of the disk. */
  constructor(env: GuestEnv, file: number) {
    this.#env = env;
    this.#file = file;
  }

  start(reader: PipeReader): void {
    this.#reader = reader;
    if (this.#pulling) return;
    this.#pulling = true;
    later(this.#pull);
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
    if (this.writing) later(this.#push);
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
      waiting.add(this);
    }
    return true;
  }

  #awaitRoom(): boolean {
    if (!this.#awaitsRoom) {
      if (!this.#env.disk.waitLater(this.#writable)) return false;
      this.#awaitsRoom = true;
      waiting.add(this);
    }
    return true;
  }

  readonly #readable = (): void => {
    this.#awaitsBytes = false;
    this.#leave();
    this.#pull();
  };

  readonly #writable = (): void => {
    this.#awaitsRoom = false;
    this.#leave();
    this.#push();
  };

  #leave(): void {
    if (!this.#awaitsBytes && !this.#awaitsRoom) waiting.delete(this);
  }

  readonly #pull = (): void => {
    this.#pulling = true;
    try {
      this.#pulling = this.#deliver();
    } finally {
      // There is more, or a listener has thrown: the stream goes on.
      if (this.#pulling) later(this.#pull);
    }
  };

  /** Hands on what there is; whether there may be more. */
  #deliver(): boolean {
    const { disk } = this.#env;
    for (let piece = 0; this.#reader !== null && !this.#closed; piece++) {
      if (piece === PIECES) return true;
      const count = disk.read(this.#file, scratch, 0, this.#most, -1);
      if (count > 0) {
        this.#reader.deliver(new ByteView(scratchBuffer, 0, count));
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

  /** Writes what there is room for now of so many bytes: how many, or a negative errno. */
  writeNow(bytes: Uint8Array, length: number): number {
    if (this.#writes.length > 0) return 0;
    const count = this.#attempt(bytes, 0, length);
    return count === -ERESTARTSYS ? 0 : count;
  }

  /** Writes when there is room: `done` is called with 0 or a negative errno. */
  write(bytes: Uint8Array, done: (status: number) => void): void {
    ArrayPrototypePush(this.#writes, { bytes, at: 0, done });
    if (this.#writes.length === 1 && !(this.#isFull && this.#awaitRoom())) later(this.#push);
  }

  /** Writes from a place on until there is no room: how many bytes, or why not even one. */
  #attempt(bytes: Uint8Array, from: number, length: number): number {
    let at = from;
    do {
      const count = this.#env.disk.write(this.#file, bytes, at, length - at, -1);
      this.#isFull = count === -ERESTARTSYS;
      if (count < 0) return at > from ? at - from : count;
      at += count;
    } while (at < length);
    return at - from;
  }

  readonly #push = (): void => {
    let more = true;
    try {
      more = this.#flush();
    } finally {
      if (more) later(this.#push);
    }
  };

  /** Writes what there is room for, and tells who asked for it; whether that is still to be told. */
  #flush(): boolean {
    while (this.#writes.length > 0) {
      const write = this.#writes[0] as Write;
      const length: number = TypedArrayPrototypeGetByteLength(write.bytes);
      const count = this.#closed ? -ECANCELED : this.#attempt(write.bytes, write.at, length);
      if (count === -ERESTARTSYS) {
        if (this.#awaitRoom()) return false;
        continue;
      }
      if (count >= 0) write.at += count;
      if (count >= 0 && write.at < length) continue;
      ArrayPrototypeShift(this.#writes);
      write.done(count < 0 ? count : 0);
    }
    return false;
  }
}
