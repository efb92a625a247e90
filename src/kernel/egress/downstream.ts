import { EBUSY, ERESTARTSYS } from "../../syscall/errno.js";
import { copyOf, type IncomingHandlers } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";

/** Before the disk is tried again that a guest has locked, in milliseconds. */
const PAUSE = 1;

interface Chunk {
  bytes: Uint8Array;
  consumed: (bytes: number) => void;
}

/** Takes what nobody wants any more, as far as the window lets it come. */
export const nobody: IncomingHandlers = { borrows: true, data: () => undefined, end: () => undefined };

/** Carries what the host sends to a pipe of the disk. What the guest doesn't read, the wire's window bounds. */
export class Downstream implements IncomingHandlers {
  readonly borrows = true;
  readonly #disk: DiskAccess;
  readonly #file: number;
  readonly #events: { ended(): void; unwanted(): void };
  #chunks: Chunk[] = [];
  #ending = false;
  #closed = false;
  /** Something will call `#push`. */
  #waiting = false;

  /**
   * `ended` is called when all is in the pipe, before its end is closed; `unwanted` when nobody reads it:
   * one of them, once.
   */
  constructor(disk: DiskAccess, file: number, events: { ended(): void; unwanted(): void }) {
    this.#disk = disk;
    this.#file = file;
    this.#events = events;
  }

  data(bytes: Uint8Array, consumed: (bytes: number) => void): void {
    if (this.#closed) return;
    const chunk = { bytes, consumed };
    this.#chunks.push(chunk);
    if (!this.#waiting) this.#push();
    // What the pipe has no room for outlasts the memory that it has come in.
    if (this.#chunks.at(-1) === chunk) chunk.bytes = copyOf(chunk.bytes);
  }

  end(): void {
    this.#ending = true;
    if (!this.#waiting) this.#push();
  }

  /** Whoever has the guest's end has ended it: nobody waits for the other side, unless somebody still reads. */
  async halfClosed(): Promise<void> {
    const { root } = this.#disk;
    const read = await this.#disk.attempt(() => root.sockets.isTaken(this.#file));
    if (read !== 0 || this.#closed) return;
    this.close();
    this.#events.unwanted();
  }

  /** Drops what waits. */
  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#chunks = [];
    this.#disk.attempt(() => this.#disk.root.close(this.#file));
  }

  readonly #push = (): void => {
    const { root } = this.#disk;
    this.#waiting = false;
    while (!this.#closed) {
      const [chunk] = this.#chunks;
      if (chunk === undefined) {
        if (this.#ending) this.#end();
        return;
      }
      const count = root.write(this.#file, chunk.bytes, 0, chunk.bytes.length, -1);
      if (count >= 0) {
        if (count === chunk.bytes.length) this.#chunks.shift();
        else chunk.bytes = chunk.bytes.subarray(count);
        chunk.consumed(count);
      } else if (count === -ERESTARTSYS) {
        this.#waiting = root.waitLater(this.#push);
        if (this.#waiting) return;
      } else if (count === -EBUSY) {
        this.#waiting = true;
        setTimeout(this.#push, PAUSE);
        return;
      } else {
        this.close();
        this.#events.unwanted();
      }
    }
  };

  #end(): void {
    this.#events.ended();
    this.close();
  }
}
