import { SecureExecError } from "./secure-exec-error.js";

/**
 * npm could not do what it was asked for in a guest.
 *
 * `code` is `ERR_SECURE_EXEC_NPM`; `npmCode` is what npm calls it (`E404`, `ENOSPC`, `ERESOLVE`, …), null where it
 * says nothing.
 */
export class NpmError extends SecureExecError {
  readonly npmCode: string | null;
  /** Its exit code. */
  readonly exitCode: number;
  /** What it said, without what it said of its progress. */
  readonly stderr: string;

  constructor(
    summary: string,
    { npmCode, exitCode, stderr }: Pick<NpmError, "npmCode" | "exitCode" | "stderr">,
  ) {
    super("ERR_SECURE_EXEC_NPM", `npm failed in the guest: ${summary}`);
    this.npmCode = npmCode;
    this.exitCode = exitCode;
    this.stderr = stderr;
  }
}
