import { closeSync, openSync, readdirSync, readFileSync, readSync } from "node:fs";
import { look } from "./proc.js";
import { isDying, isZombie, memoryOf, statusNumber } from "./status.js";

/** What a machine may use. */
export interface WatchLimits {
  /** Memory that is its own, page tables included, in bytes: the disk is not in it where it is a memfd. */
  memory: number;
  /** Shared memory that is not counted, in bytes: the disk where it is a memfd. */
  shared: number;
  /** Threads, those of the machine itself included. */
  threads: number;
}

/** Which limit a machine broke; `headless` is one that lives on without its main thread. */
export type WatchBreach = "memory" | "threads" | "headless";

/** How far ahead one reading lets the watch look away, in milliseconds. */
const BUSY_MS = 20;
const IDLE_MS = 500;
const NEAR_MS = 2;
/** How long a machine may go on without its main thread: one that ends on a busy computer does for a while. */
const HEADLESS_MS = 1000;
/** A machine that grows by so much between two looks has something to do, whatever the host knows. */
const GROWTH = 16 * 1024 * 1024;
/** Faster than memory can be filled, in bytes per millisecond. */
const FILL_RATE = 8 * 1024 * 1024;

/**
 * Reads the memory and the threads of a machine while calls are in flight, more often the nearer it
 * comes to its limit, and says once which limit it broke.
 *
 * One reading takes about 40 µs: the descriptor stays open, and it is of this very process even if its
 * pid should be used again.
 */
export class Watchdog {
  readonly #pid: number;
  readonly #onBreach: (reason: WatchBreach) => void;
  readonly #buffer = Buffer.allocUnsafe(4096);
  /** Null before the start, at the end, and where there is no /proc: such a host can't watch. */
  #fd: number | null = null;
  #limits: WatchLimits;
  #busy = false;
  /** What it used at the last look. */
  #used = 0;
  /** When it was first seen to go on without its main thread. */
  #headlessSince: number | null = null;
  #timer: NodeJS.Timeout | undefined;

  constructor(pid: number, limits: WatchLimits, onBreach: (reason: WatchBreach) => void) {
    this.#pid = pid;
    this.#limits = limits;
    this.#onBreach = onBreach;
  }

  /** Begins to watch. Throws when the system is out of descriptors. */
  start(): void {
    const fd = look(() => openSync(`/proc/${this.#pid}/status`, "r"));
    this.#fd = typeof fd === "symbol" ? null : fd;
    this.#schedule(this.#busy ? BUSY_MS : IDLE_MS);
  }

  /** Changes what is allowed. */
  limit(limits: WatchLimits): void {
    this.#limits = limits;
  }

  /** Calls are in flight, or none is. */
  busy(busy: boolean): void {
    if (busy === this.#busy) return;
    this.#busy = busy;
    this.#schedule(busy ? BUSY_MS : IDLE_MS);
  }

  stop(): void {
    clearTimeout(this.#timer);
    if (this.#fd !== null) closeSync(this.#fd);
    this.#fd = null;
  }

  #schedule(delay: number): void {
    clearTimeout(this.#timer);
    if (this.#fd === null) return;
    this.#timer = setTimeout(() => this.#look(), delay);
    this.#timer.unref();
  }

  #look(): void {
    const status = this.#read();
    if (status === null) {
      this.stop();
      return;
    }
    if (isZombie(status)) {
      this.#lookWithoutHead();
      return;
    }
    this.#headlessSince = null;
    this.#judge(status);
  }

  #judge(status: string): void {
    const { memory, shared, threads } = this.#limits;
    const used = memoryOf(status, shared);
    const grown = used - this.#used;
    this.#used = used;
    if (used > memory) this.#tell("memory");
    else if ((statusNumber(status, "Threads") ?? 0) > threads) this.#tell("threads");
    else {
      const soonest = Math.min(BUSY_MS, Math.max(NEAR_MS, (memory - used) / FILL_RATE));
      this.#schedule(this.#busy || grown > GROWTH ? soonest : IDLE_MS);
    }
  }

  /** The status of a main thread that has ended tells no memory; that of any other thread does. */
  #lookWithoutHead(): void {
    const status = this.#livingThread();
    if (status === null) {
      this.#headlessSince = null;
      this.#schedule(BUSY_MS);
      return;
    }
    this.#headlessSince ??= performance.now();
    if (performance.now() - this.#headlessSince >= HEADLESS_MS) this.#tell("headless");
    else this.#judge(status);
  }

  /** The status of a thread that has its memory and is not about to end; null where there is none. */
  #livingThread(): string | null {
    const tasks = look(() => readdirSync(`/proc/${this.#pid}/task`));
    if (typeof tasks === "symbol") return null;
    for (const task of tasks) {
      const status = look(() => readFileSync(`/proc/${this.#pid}/task/${task}/status`, "latin1"));
      if (typeof status === "string" && statusNumber(status, "VmSize") !== null && !isDying(status))
        return status;
    }
    return null;
  }

  #tell(breach: WatchBreach): void {
    this.stop();
    this.#onBreach(breach);
  }

  /** Null when the process is gone. */
  #read(): string | null {
    if (this.#fd === null) return null;
    try {
      const length = readSync(this.#fd, this.#buffer, 0, this.#buffer.length, 0);
      return length === 0 ? null : this.#buffer.toString("latin1", 0, length);
    } catch {
      return null;
    }
  }
}
