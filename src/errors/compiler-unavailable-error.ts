import { SecureExecError } from "./secure-exec-error.js";

/**
 * Code needs the TypeScript compiler, and the host has none that can run in a guest.
 *
 * `code` is `ERR_SECURE_EXEC_COMPILER_UNAVAILABLE`; `packages` names what to install.
 */
export class CompilerUnavailableError extends SecureExecError {
  /** Packages of npm that would help. */
  readonly packages: readonly string[];

  constructor(problem: string, options: { packages: readonly string[]; hint: string; cause?: unknown }) {
    const { packages, ...rest } = options;
    super("ERR_SECURE_EXEC_COMPILER_UNAVAILABLE", `${problem}.`, rest);
    this.packages = packages;
  }
}
