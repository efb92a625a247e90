import { AUDIT_BURST, AUDIT_RATE, type AuditEvent, RateLimit } from "../policy/audit.js";
import { operations } from "../policy/operations.js";
import type { AuditMessage } from "../wire/messages.js";

/**
 * Reports may have gathered while the host's event loop was blocked: a minute's worth is no breach yet.
 * More than a kernel ever sends is none of it.
 */
const PATIENCE_SECONDS = 60;
const TOLERANCE = 1.2;

/** Takes the reports of a machine, of which there are only so many. */
export class AuditIntake {
  readonly #limit: RateLimit;
  readonly #deliver: (event: AuditEvent) => void;

  constructor(deliver: (event: AuditEvent) => void) {
    this.#deliver = deliver;
    const rate = AUDIT_RATE * TOLERANCE;
    this.#limit = new RateLimit(AUDIT_BURST + PATIENCE_SECONDS * rate, rate, performance.now());
  }

  /** A string says what is wrong with the report. */
  take({ type: _, rule, ...report }: AuditMessage): string | null {
    if (!this.#limit.take(performance.now())) return "more audit reports than a machine may make";
    const known: readonly string[] = operations[report.scope];
    if (!known.includes(report.operation)) return "an audit report of an unknown operation";
    const name = rule === null ? null : `${report.scope}.rules[${rule}]`;
    // Its clock is not believed: events of one runtime are in order.
    this.#deliver({ ...report, time: Date.now(), origin: "machine", rule: name });
    return null;
  }
}
