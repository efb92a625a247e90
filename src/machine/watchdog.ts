import { closeSync, openSync, readSync } from "node:fs";
import { look } from "./proc.js";
import { statusNumber } from "./status.js";

/** What a machine may use. */
export interface WatchLimits {
  /** Anonymous resident memory, in bytes: the disk is not in it where it is a memfd. */
  memory: number;
  /** Threads, those of the machine itself included. */
  threads: number;
}

/** How far ahead one reading lets the watch look away, in milliseconds. */
const BUSY_MS = 20;
const IDLE_MS = 500;
const NEAR_MS = 2;
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
  readonly #onBreach: (reason: "memory" | "threads") => void;
  readonly #buffer = Buffer.allocUnsafe(4096);
  /** Null before the start, at the end, and where there is no /proc: such a host can't watch. */
  #fd: number | null = null;
  #limits: WatchLimits;
  #busy = false;
  #timer: NodeJS.Timeout | undefined;

  constructor(pid: number, limits: WatchLimits, onBreach: (reason: "memory" | "threads") => void) {
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
    const { memory, threads } = this.#limits;
    const used = (statusNumber(status, "RssAnon") ?? 0) * 1024;
    const broken =
      used > memory ? "memory" : (statusNumber(status, "Threads") ?? 0) > threads ? "threads" : null;
    if (broken !== null) {
      this.stop();
      this.#onBreach(broken);
      return;
    }
    const soonest = (memory - used) / FILL_RATE;
    this.#schedule(this.#busy ? Math.min(BUSY_MS, Math.max(NEAR_MS, soonest)) : IDLE_MS);
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
