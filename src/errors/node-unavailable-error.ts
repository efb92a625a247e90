import { SecureExecError } from "./secure-exec-error.js";

/**
 * The pinned Node that runs guest code is not installed or can't run on this system.
 *
 * `code` is `ERR_SECURE_EXEC_NODE_UNAVAILABLE`; `packages` names what to install, where that helps.
 */
export class NodeUnavailableError extends SecureExecError {
  /** Packages of npm or of the system that would help; empty where none does. */
  readonly packages: readonly string[];

  constructor(
    problem: string,
    options: { packages?: readonly string[]; hint?: string; cause?: unknown } = {},
  ) {
    const { packages = [], ...rest } = options;
    super("ERR_SECURE_EXEC_NODE_UNAVAILABLE", `${problem}.`, rest);
    this.packages = packages;
  }
}
