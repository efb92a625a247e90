import { SecureExecError } from "./secure-exec-error.js";

/** What is wrong with an archive. */
export type ArchiveProblem =
  /** A name that begins with a slash. */
  | "absolute"
  /** A name with `..` in it. */
  | "traversal"
  /** A link that leads out of the archive, or an entry below a link. */
  | "link"
  /** A device, a pipe, a sparse file or another kind of entry that is not taken. */
  | "kind"
  /** A file where the archive has a directory, or the other way round. */
  | "conflict"
  /** It is no tar archive, or compressed. */
  | "malformed"
  /** Its end is missing. */
  | "truncated"
  /** More bytes or entries than a mount takes. */
  | "size";

const explanations: Record<ArchiveProblem, string> = {
  absolute: "its name is absolute",
  traversal: "its name leads upwards",
  link: "a link that leads out of the archive, or a file behind a link",
  kind: "neither a file, nor a directory, nor a link",
  conflict: "both a file and a directory",
  malformed: "it is no tar archive, or a compressed one",
  truncated: "its end is missing",
  size: "it holds more than it may",
};

/**
 * An archive was refused as a whole: nothing of it is on the disk.
 *
 * `code` is `ERR_SECURE_EXEC_ARCHIVE`; `problem` tells why, `entry` which of its entries is the reason.
 */
export class ArchiveError extends SecureExecError {
  readonly problem: ArchiveProblem;
  /** The name of the entry, as the archive has it; undefined where it is the archive itself. */
  readonly entry: string | undefined;

  constructor(problem: ArchiveProblem, entry: string | undefined, options: { cause?: unknown } = {}) {
    const what = entry === undefined ? "" : ` because of ${JSON.stringify(entry)}`;
    super("ERR_SECURE_EXEC_ARCHIVE", `The archive was refused${what}: ${explanations[problem]}.`, options);
    this.problem = problem;
    this.entry = entry;
  }

  /** Whether a word is a problem. */
  static knows(word: string): word is ArchiveProblem {
    return Object.hasOwn(explanations, word);
  }
}
