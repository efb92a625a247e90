import { SecureExecError } from "./secure-exec-error.js";

/**
 * Why the compiler gave no answer: it took longer than `timeout`, it took more memory than its process may, the
 * program is larger than what it takes, or it failed.
 */
export type CompilerStopReason = "timeout" | "memory" | "size" | "crash";

/**
 * The TypeScript compiler gave no answer. The next call finds another one.
 *
 * `code` is `ERR_SECURE_EXEC_COMPILER_STOPPED`; `reason` says why.
 */
export class CompilerStoppedError extends SecureExecError {
  readonly reason: CompilerStopReason;

  constructor(reason: CompilerStopReason, problem: string, options: { hint?: string; cause?: unknown } = {}) {
    super("ERR_SECURE_EXEC_COMPILER_STOPPED", `${problem}.`, options);
    this.reason = reason;
  }
}
