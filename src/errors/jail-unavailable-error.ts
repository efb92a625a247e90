import { SecureExecError } from "./secure-exec-error.js";

/**
 * The jail can't be had here, so no guest code runs.
 *
 * `code` is `ERR_SECURE_EXEC_JAIL_UNAVAILABLE`; `missing` names what the system lacks.
 */
export class JailUnavailableError extends SecureExecError {
  /** What the system lacks, one phrase. */
  readonly missing: string;

  constructor(missing: string, options: { hint?: string; cause?: unknown } = {}) {
    super("ERR_SECURE_EXEC_JAIL_UNAVAILABLE", `No jail for guest code: ${missing}.`, {
      hint: 'Run on Linux with seccomp, or give up the jail by name with { jail: "unsafe-none" }.',
      ...options,
    });
    this.missing = missing;
  }
}
