import { SecureExecError } from "./secure-exec-error.js";

/** What is wrong with a snapshot. */
export type SnapshotProblem =
  /** The bytes are no snapshot. */
  | "foreign"
  /** It was made by a version of this library whose snapshots this one can't read. */
  | "version"
  /** Bytes are missing at its end. */
  | "truncated"
  /** Its bytes are not those that were written. */
  | "damaged"
  /** The system has no memfd, without which a disk can't be copied. */
  | "unavailable";

const explanations: Record<SnapshotProblem, string> = {
  foreign: "the bytes are not one",
  version: "it is of another version",
  truncated: "its end is missing",
  damaged: "its bytes are not those that were written",
  unavailable: "this system has no memfd, without which the disk can't be copied",
};

/**
 * A snapshot can't be made, read or restored.
 *
 * `code` is `ERR_SECURE_EXEC_SNAPSHOT`; `problem` tells why.
 */
export class SnapshotError extends SecureExecError {
  readonly problem: SnapshotProblem;

  constructor(problem: SnapshotProblem, options: { hint?: string; cause?: unknown } = {}) {
    super("ERR_SECURE_EXEC_SNAPSHOT", `The snapshot can't be used: ${explanations[problem]}.`, options);
    this.problem = problem;
  }
}
