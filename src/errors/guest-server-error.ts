import { SecureExecError } from "./secure-exec-error.js";

/**
 * Why there is no answer of a server in the guest:
 *
 * - `refused`: nobody listens to the port, or who does takes no more connections.
 * - `timeout`: it took longer than the caller wanted to wait.
 * - `reset`: the server, or its process, ended the connection before the answer was whole.
 * - `malformed`: what it answered is no HTTP, or its headers are too large.
 * - `size`: the body is larger than `limits.responseBytes`.
 */
export type GuestServerFailure = "refused" | "timeout" | "reset" | "malformed" | "size";

/**
 * A server in the guest gave no answer that could be used.
 *
 * `code` is `ERR_SECURE_EXEC_GUEST_SERVER`; `reason` says why, `port` which one.
 */
export class GuestServerError extends SecureExecError {
  readonly reason: GuestServerFailure;
  /** The port that was asked for; null where any would have done. */
  readonly port: number | null;

  constructor(
    reason: GuestServerFailure,
    port: number | null,
    problem: string,
    options: { hint?: string; cause?: unknown } = {},
  ) {
    super("ERR_SECURE_EXEC_GUEST_SERVER", `${problem}.`, options);
    this.reason = reason;
    this.port = port;
  }
}
