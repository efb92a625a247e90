import { SecureExecError } from "./secure-exec-error.js";

/**
 * The runtime was disposed of before or while the call was under way.
 *
 * `code` is `ERR_SECURE_EXEC_DISPOSED`.
 */
export class DisposedError extends SecureExecError {
  constructor() {
    super("ERR_SECURE_EXEC_DISPOSED", "The runtime has been disposed of.", {
      hint: "Make another one with NodeRuntime.create().",
    });
  }
}
