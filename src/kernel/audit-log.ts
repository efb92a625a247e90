import { AUDIT_BURST, AUDIT_RATE, MAX_RESOURCE, RateLimit } from "../policy/audit.js";
import { operations, scopes } from "../policy/operations.js";
import type { AuditMessage } from "../wire/index.js";

/** Bytes of a resource that can matter: its first characters, at three each. */
const MAX_BYTES = MAX_RESOURCE * 3 + 3;

/** Tells the host of what guest threads refuse, so much a second and no more. */
export class AuditLog {
  readonly #send: (message: AuditMessage) => void;
  readonly #limit = new RateLimit(AUDIT_BURST, AUDIT_RATE, performance.now());
  #suppressed = 0;

  constructor(send: (message: AuditMessage) => void) {
    this.#send = send;
  }

  /** Takes what a guest thread says, which need not make sense. */
  refused(what: number, rule: number, resource: Uint8Array): void {
    const scope = scopes[Math.floor(what / 256)];
    const number = 31 - Math.clz32(what & 255);
    const operation = scope === undefined ? undefined : operations[scope][number];
    if (scope === undefined || operation === undefined || !Number.isInteger(rule)) return;
    if (!this.#limit.take(performance.now())) {
      this.#suppressed = Math.min(this.#suppressed + 1, Number.MAX_SAFE_INTEGER);
      return;
    }
    this.#send({
      type: "audit",
      scope,
      operation,
      resource: cut(Buffer.from(resource.subarray(0, MAX_BYTES)).toString("utf8")),
      decision: "deny",
      rule: rule >= 0 ? rule : null,
      suppressed: this.#suppressed,
    });
    this.#suppressed = 0;
  }
}

function cut(text: string): string {
  return text.length > MAX_RESOURCE ? `${text.slice(0, MAX_RESOURCE - 1)}…` : text;
}
