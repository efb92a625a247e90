import { getSystemErrorMap } from "node:util";
import { SecureExecError } from "./secure-exec-error.js";

/** A failed operation on the guest's disk. */
export interface FileSystemFailure {
  /** The name of the error: `ENOENT`, `EISDIR`, … */
  code: string;
  /** Linux's number, negative as in Node's errors. */
  errno: number;
  syscall: string;
  path?: string | undefined;
  dest?: string | undefined;
}

/** "no such file or directory" for ENOENT. Looked up by name: the numbers are the host system's. */
function describe(code: string): string {
  for (const [name, message] of getSystemErrorMap().values()) {
    if (name === code) return message;
  }
  return "unknown error";
}

/**
 * An operation on the guest's disk failed, in the shape of Node's own errors.
 *
 * `code`, `errno`, `syscall`, `path`, `dest` and the message are what `node:fs` would give for the same
 * operation, so code written for `node:fs` handles it: `error.code === "ENOENT"`.
 */
export class FileSystemError extends SecureExecError {
  /** Linux's number, negative as in Node's errors. */
  readonly errno: number;
  readonly syscall: string;
  /** The path in the guest. */
  readonly path: string | undefined;
  /** The second path in the guest, of operations that have one. */
  readonly dest: string | undefined;

  constructor(failure: FileSystemFailure, options: { hint?: string; cause?: unknown } = {}) {
    const { code, errno, syscall, path, dest } = failure;
    const where = path === undefined ? "" : ` '${path}'`;
    const whereTo = dest === undefined ? "" : ` -> '${dest}'`;
    const message = `${code}: ${describe(code)}, ${syscall}${where}${whereTo}`;
    super(code, options.hint === undefined ? message : `${message}.`, options);
    this.errno = errno;
    this.syscall = syscall;
    this.path = path;
    this.dest = dest;
  }
}
