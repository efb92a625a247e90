import { SecureExecError } from "./secure-exec-error.js";

/**
 * The machine died and its disk went with it, so the runtime can't be brought back.
 *
 * Happens where the system has no memfd for the disk, and when a machine left its disk in a state that
 * nothing could be saved from. `code` is `ERR_SECURE_EXEC_DISK_LOST`.
 */
export class DiskLostError extends SecureExecError {
  constructor(reason: string, options: { cause?: unknown } = {}) {
    super("ERR_SECURE_EXEC_DISK_LOST", `The runtime is dead: ${reason}.`, {
      cause: options.cause,
      hint: "Dispose of it and make another one with NodeRuntime.create().",
    });
  }
}
