import type { GuestThread } from "./guest-thread.js";

/** A process whose memory is watched. */
export interface Watched {
  readonly thread: GuestThread;
  /** The soft limit, in bytes. */
  readonly memory: number;
  /** It is over its limit. */
  exceeded(): void;
  /** Called at each look: a chance to see what no message announces. */
  look(): void;
}

/** What guest code fills at most in a millisecond, in bytes: the look after this one must not be late. */
const BYTES_PER_MS = 4 * 1024 * 1024;
const SHORTEST = 5;
const LONGEST = 25;

/**
 * Looks at the heap of each running process and at what hangs on it outside (Buffers, external strings)
 * as often as its headroom asks for, and never while nothing runs. Memory of WebAssembly and
 * SharedArrayBuffers is in no statistic of V8: the host's watch over the whole machine bounds it.
 */
export class MemoryWatch {
  readonly #timers = new Map<Watched, NodeJS.Timeout>();

  add(process: Watched): void {
    this.#schedule(process, SHORTEST * 2);
  }

  remove(process: Watched): void {
    clearTimeout(this.#timers.get(process));
    this.#timers.delete(process);
  }

  #schedule(process: Watched, delay: number): void {
    this.#timers.set(
      process,
      setTimeout(() => this.#look(process), delay),
    );
  }

  async #look(process: Watched): Promise<void> {
    process.look();
    let used: number;
    try {
      // Resolves only when the thread next checks for interrupts; what it does until then is native.
      const heap = await process.thread.worker.getHeapStatistics();
      used = heap.used_heap_size + heap.external_memory;
    } catch {
      // The thread has not started yet, or has ended.
      used = 0;
    }
    if (!this.#timers.has(process)) return;
    const headroom = process.memory - used;
    if (headroom < 0) {
      this.remove(process);
      process.exceeded();
    } else {
      this.#schedule(process, Math.min(LONGEST, Math.max(SHORTEST, headroom / BYTES_PER_MS)));
    }
  }
}
