import { SecureExecError } from "./secure-exec-error.js";

/** What is wrong with the file of a disk. */
export type PersistProblem =
  /** It can't be made, opened or read; `cause` is the system's error. */
  | "unavailable"
  /** Another runtime has it. */
  | "busy"
  /** It is no disk of this library. */
  | "foreign"
  /** It was made by a version of this library whose disks this one can't read. */
  | "version"
  /** It was made with other limits. */
  | "limits"
  /** The file system has no room for it. */
  | "room"
  /** Its end is missing. */
  | "truncated"
  /** There is nothing in it that could be saved. */
  | "damaged";

const explanations: Record<PersistProblem, string> = {
  unavailable: "it can't be opened",
  busy: "another runtime has it",
  foreign: "it is not the disk of a runtime",
  version: "it is of another version",
  limits: "it was made with other limits",
  room: "the file system has no room for it",
  truncated: "its end is missing",
  damaged: "nothing in it can be read",
};

/**
 * The file of `persist` can't be used. It has not been changed.
 *
 * `code` is `ERR_SECURE_EXEC_PERSIST`; `problem` tells why.
 */
export class PersistError extends SecureExecError {
  readonly problem: PersistProblem;

  constructor(problem: PersistProblem, options: { hint?: string; cause?: unknown } = {}) {
    super("ERR_SECURE_EXEC_PERSIST", `The disk's file can't be used: ${explanations[problem]}.`, options);
    this.problem = problem;
  }
}
