import { SecureExecError } from "./secure-exec-error.js";

/**
 * What a program passed to `__return` is more than the host takes, so it was not decoded.
 *
 * `code` is `ERR_SECURE_EXEC_VALUE_REFUSED`.
 */
export class ValueRefusedError extends SecureExecError {
  constructor(reason: string, options: { cause?: unknown } = {}) {
    super("ERR_SECURE_EXEC_VALUE_REFUSED", `The returned value was refused: ${reason}.`, {
      cause: options.cause,
      hint: "Large results belong in a file: write it in the guest, read it with readFile().",
    });
  }
}
