import { AUDIT_BURST, AUDIT_RATE, type AuditEvent, MAX_RESOURCE, RateLimit } from "../../policy/audit.js";
import type { NetworkOperation } from "../../policy/operations.js";
import type { Verdict } from "./judge.js";

/** Tells what the host decided, so much a second and no more. */
export class DecisionLog {
  readonly #tell: ((event: AuditEvent) => void) | undefined;
  readonly #limit = new RateLimit(AUDIT_BURST, AUDIT_RATE, performance.now());
  #suppressed = 0;

  constructor(tell: ((event: AuditEvent) => void) | undefined) {
    this.#tell = tell;
  }

  decided(operation: NetworkOperation, resource: string, { allowed, rule }: Verdict): void {
    if (this.#tell === undefined) return;
    if (!this.#limit.take(performance.now())) {
      this.#suppressed++;
      return;
    }
    this.#tell({
      time: Date.now(),
      origin: "host",
      scope: "network",
      operation,
      resource: resource.slice(0, MAX_RESOURCE),
      decision: allowed ? "allow" : "deny",
      rule,
      suppressed: this.#suppressed,
    });
    this.#suppressed = 0;
  }
}
