import { getSystemErrorName } from "node:util";
import type { FsFailure } from "../../wire/index.js";

/** An operation of the host on the disk that failed. */
export class OperationError extends Error {
  readonly failure: FsFailure;

  /** `result` is a negative errno. */
  constructor(result: number, syscall: string, path: string, dest?: string) {
    const code = getSystemErrorName(result);
    super(`${code}: ${syscall}`);
    this.failure = { code, errno: result, syscall, path, ...(dest === undefined ? {} : { dest }) };
  }
}

/** Passes a result on, or throws what it says. */
export function expect(result: number, syscall: string, path: string, dest?: string): number {
  if (result < 0) throw new OperationError(result, syscall, path, dest);
  return result;
}
