import type { PermissionScope } from "./operations.js";
import type { PermissionMode } from "./permissions.js";

/**
 * A decision about what guest code asked for.
 *
 * All refusals are reported, and of what is allowed that which the host decides about call by call. What
 * a machine reports about itself (`origin: "machine"`) is worth as much as the machine: code that took it
 * over can keep silent and make events up.
 */
export interface AuditEvent {
  /** When the host decided or heard of it, in milliseconds since 1970. */
  time: number;
  /** Who decided: the host, or the machine that guest code runs in. */
  origin: "host" | "machine";
  scope: PermissionScope;
  /** The operation, as rules name it. */
  operation: string;
  /** What it was about: a path, a host, a variable. At most 1024 characters; what is longer ends in "…". */
  resource: string;
  decision: PermissionMode;
  /** The rule that decided, such as `fs.rules[0]`; null for the mode of the scope or the default of its rules. */
  rule: string | null;
  /**
   * Decisions before this one that were not reported because there were too many: a machine reports 100
   * at once, and then 50 a second.
   */
  suppressed: number;
}

/** The longest resource in an event, in UTF-16 units. */
export const MAX_RESOURCE = 1024;

/** What a machine reports at once, and then in a second. */
export const AUDIT_BURST = 100;
export const AUDIT_RATE = 50;

/** Lets so many through at once, and then so many a second. */
export class RateLimit {
  readonly #burst: number;
  readonly #rate: number;
  #left: number;
  #time: number;

  constructor(burst: number, rate: number, now: number) {
    this.#burst = burst;
    this.#rate = rate;
    this.#left = burst;
    this.#time = now;
  }

  /** Whether one more may pass at this time, in milliseconds. */
  take(now: number): boolean {
    const gained = (Math.max(0, now - this.#time) * this.#rate) / 1000;
    this.#left = Math.min(this.#burst, this.#left + gained);
    this.#time = now;
    if (this.#left < 1) return false;
    this.#left--;
    return true;
  }
}
