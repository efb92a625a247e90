import type { DiskAccess } from "./disk-access.js";
import type { GuestThread } from "./guest-thread.js";

/** What the threads of one process use, as far as they have told last. */
export class MemoryAccount {
  readonly #used = new Map<GuestThread, number>();

  /** Takes note of what a thread uses; answers what all do. */
  note(thread: GuestThread, used: number): number {
    this.#used.set(thread, used);
    let sum = 0;
    for (const each of this.#used.values()) sum += each;
    return sum;
  }

  leave(thread: GuestThread): void {
    this.#used.delete(thread);
  }
}

/** A thread whose memory is watched, and its process. */
export interface Watched {
  readonly thread: GuestThread;
  /** The soft limit of the process, in bytes. */
  readonly memory: number;
  /** What the threads of the process use together. */
  readonly account: MemoryAccount;
  /** The process is over its limit; `responsive` tells whether it can be expected to end when it is told to. */
  exceeded(responsive: boolean): void;
  /** Called at each look: a chance to see what no message announces. */
  look(): void;
  /** It does nothing, and has garbage to collect. */
  resting(): void;
}

interface Watch {
  timer: NodeJS.Timeout | undefined;
  /** When V8 was asked and has not answered yet. */
  askedAt: number | null;
  /** Since when it has been over its limit; null when it isn't. */
  overSince: number | null;
  /** The machine's size when the process started; null once it had company. */
  base: number | null;
  /** The size of its heap, in bytes, and since when that is so. */
  heap: number;
  stillSince: number;
  /** The size at which its garbage was last collected. */
  collected: number;
}

const MiB = 1024 * 1024;

/** What guest code fills at most in a millisecond, in bytes: the look after this one must not be late. */
const BYTES_PER_MS = 4 * MiB;
const SHORTEST = 5;
const LONGEST = 25;
/** A thread that doesn't answer for so long is inside native code, or in a loop that V8 can't interrupt. */
const UNRESPONSIVE = 100;
/** How long a process may be over its limit, in milliseconds, and how far: V8 counts garbage as used. */
const PROBATION = 500;
const OVERSHOOT = 1.5;
/** What may be resident for other reasons, in bytes: code, stacks, free pages. */
const SLACK = 64 * MiB;
/** A process whose heap has hardly grown for so long, in milliseconds, waits for something. */
const REST = 1000;
const STILL = 64 * 1024;
/** Only as much new garbage as may be worth it, in bytes, and never a heap that takes long to collect. */
const LITTER = MiB;
const SMALL_HEAP = 16 * MiB;

/**
 * Looks at the memory of each running thread as often as its headroom asks for, and never while nothing
 * runs.
 *
 * V8 tells its heap and what hangs on it outside (Buffers, external strings). It tells nothing of the
 * memory of WebAssembly and SharedArrayBuffers, and nothing at all while the thread is inside native code
 * or in a loop that was compiled without interrupts (one that makes arrays of a constant length will do).
 * For a process that has the machine to itself the machine's own size serves then; for the others there
 * is the host's watch over the whole machine.
 */
export class MemoryWatch {
  readonly #disk: DiskAccess;
  readonly #onRest: () => void;
  readonly #watches = new Map<Watched, Watch>();

  /** `onRest` is called when a process at rest was told to collect its garbage. */
  constructor(disk: DiskAccess, onRest: () => void) {
    this.#disk = disk;
    this.#onRest = onRest;
  }

  add(process: Watched): void {
    // A thread of the same process is no company: what the machine grows by is still this process's.
    for (const [other, watch] of this.#watches) if (other.account !== process.account) watch.base = null;
    const base = this.#watches.size === 0 ? largestSize() : null;
    const start = { heap: 0, stillSince: performance.now(), collected: 0 };
    const watch: Watch = { timer: undefined, askedAt: null, overSince: null, base, ...start };
    this.#watches.set(process, watch);
    this.#schedule(process, watch, SHORTEST * 2);
  }

  remove(process: Watched): void {
    process.account.leave(process.thread);
    clearTimeout(this.#watches.get(process)?.timer);
    this.#watches.delete(process);
  }

  #schedule(process: Watched, watch: Watch, delay: number): void {
    clearTimeout(watch.timer);
    watch.timer = setTimeout(() => this.#look(process, watch), delay);
  }

  #look(process: Watched, watch: Watch): void {
    process.look();
    this.#disk.look();
    const now = performance.now();
    if (watch.base !== null) {
      const responsive = watch.askedAt === null || now - watch.askedAt < UNRESPONSIVE;
      // Each page of the disk's files counts once this process has touched it. A file has its blocks before
      // it touches them: whatever it touches after this look at the machine's size is taken off all the same.
      const size = largestSize();
      const grown = size - watch.base - this.#disk.touchedAtMost();
      if (grown > process.memory * OVERSHOOT + SLACK) {
        this.#exceeded(process, responsive);
        return;
      }
    }
    if (watch.askedAt === null) {
      watch.askedAt = now;
      this.#ask(process, watch);
    }
    this.#schedule(process, watch, LONGEST);
  }

  async #ask(process: Watched, watch: Watch): Promise<void> {
    let used = 0;
    try {
      const heap = await process.thread.worker.getHeapStatistics();
      used = process.account.note(process.thread, heap.used_heap_size + heap.external_memory);
      this.#noteRest(process, watch, heap.used_heap_size);
    } catch {
      // The thread has not started yet, or has ended.
    }
    if (this.#watches.get(process) !== watch) return;
    watch.askedAt = null;
    const now = performance.now();
    const headroom = process.memory - used;
    if (headroom >= 0) watch.overSince = null;
    else watch.overSince ??= now;
    const over = watch.overSince !== null && now - watch.overSince > PROBATION;
    if (over || used > process.memory * OVERSHOOT) this.#exceeded(process, true);
    else this.#schedule(process, watch, Math.min(LONGEST, Math.max(SHORTEST, headroom / BYTES_PER_MS)));
  }

  /** What booting and starting leave lies about in a process that waits: a quarter of its heap. */
  #noteRest(process: Watched, watch: Watch, heap: number): void {
    const now = performance.now();
    if (Math.abs(heap - watch.heap) > STILL) {
      watch.heap = heap;
      watch.stillSince = now;
      return;
    }
    if (now - watch.stillSince < REST || heap - watch.collected < LITTER) return;
    watch.collected = heap;
    if (heap >= SMALL_HEAP) return;
    process.resting();
    this.#onRest();
  }

  #exceeded(process: Watched, responsive: boolean): void {
    this.remove(process);
    process.exceeded(responsive);
  }
}

/** The most memory that the machine has had resident, in bytes. */
function largestSize(): number {
  return process.resourceUsage().maxRSS * 1024;
}
