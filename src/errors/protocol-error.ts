import { SecureExecError } from "./secure-exec-error.js";

/**
 * A machine sent what no machine of this library sends, and was killed for it.
 *
 * Guest code that took over its machine can do this; it reaches nothing but the calls of that machine.
 * `code` is `ERR_SECURE_EXEC_PROTOCOL`.
 */
export class ProtocolError extends SecureExecError {
  constructor(breach: string, options: { cause?: unknown } = {}) {
    super("ERR_SECURE_EXEC_PROTOCOL", `The machine broke the protocol: ${breach}.`, options);
  }
}
