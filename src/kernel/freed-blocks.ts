import type { Disk, DiskMemory } from "../disk/disk.js";
import { S_FREED } from "../disk/layout.js";

/** As many blocks have to have been freed since the last time: 4 MiB. */
const WORTHWHILE = 1024;

/** Gives the memory of files that are gone back to the system, in steps that keep nobody waiting. */
export class FreedBlocks {
  readonly #disk: Disk;
  readonly #discard: (offset: number, length: number) => void;
  readonly #words: Int32Array;
  #freed = 0;
  #busy = false;

  /** `disk`: a face that gives up on a lock which is not to be had. */
  constructor(memory: DiskMemory, disk: Disk, discard: (offset: number, length: number) => void) {
    this.#disk = disk;
    this.#discard = discard;
    this.#words = new Int32Array(memory.buffer, memory.byteOffset, S_FREED + 1);
  }

  /** Begins, if there is something to give back. A disk that is in use waits for the next time. */
  release(): void {
    const freed = Atomics.load(this.#words, S_FREED);
    if (this.#busy || ((freed - this.#freed) | 0) >>> 0 < WORTHWHILE) return;
    this.#freed = freed;
    this.#busy = true;
    this.#step(1);
  }

  #step(from: number): void {
    const next = this.#disk.discardFree(from, this.#freed, this.#discard);
    // A guest that writes into the disk's tables can have the steps begin anew, but not end them.
    this.#busy = next > from;
    if (this.#busy) setImmediate(() => this.#step(next));
  }
}
