import type { DiskAccess } from "./disk-access.js";
import type { GuestThread } from "./guest-thread.js";

/** A process whose memory is watched. */
export interface Watched {
  readonly thread: GuestThread;
  /** The soft limit, in bytes. */
  readonly memory: number;
  /** It is over its limit; `responsive` tells whether it can be expected to end when it is told to. */
  exceeded(responsive: boolean): void;
  /** Called at each look: a chance to see what no message announces. */
  look(): void;
}

interface Watch {
  timer: NodeJS.Timeout | undefined;
  /** When V8 was asked and has not answered yet. */
  askedAt: number | null;
  /** Since when it has been over its limit; null when it isn't. */
  overSince: number | null;
  /** The machine's size when the process started; null once it had company. */
  base: number | null;
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

/**
 * Looks at the memory of each running process as often as its headroom asks for, and never while nothing
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
  readonly #watches = new Map<Watched, Watch>();

  constructor(disk: DiskAccess) {
    this.#disk = disk;
  }

  add(process: Watched): void {
    for (const other of this.#watches.values()) other.base = null;
    const base = this.#watches.size === 0 ? largestSize() : null;
    const watch: Watch = { timer: undefined, askedAt: null, overSince: null, base };
    this.#watches.set(process, watch);
    this.#schedule(process, watch, SHORTEST * 2);
  }

  remove(process: Watched): void {
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
      used = heap.used_heap_size + heap.external_memory;
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

  #exceeded(process: Watched, responsive: boolean): void {
    this.remove(process);
    process.exceeded(responsive);
  }
}

/** The most memory that the machine has had resident, in bytes. */
function largestSize(): number {
  return process.resourceUsage().maxRSS * 1024;
}
