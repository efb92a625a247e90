import { SecureExecError } from "./secure-exec-error.js";

/**
 * Nobody takes what was to be written to a process's standard input: it was closed, or the process has ended.
 *
 * `code` is `ERR_SECURE_EXEC_STDIN_CLOSED`.
 */
export class StdinClosedError extends SecureExecError {
  constructor(reason: string) {
    super("ERR_SECURE_EXEC_STDIN_CLOSED", `Nothing more can be written to the standard input: ${reason}.`);
  }
}
