import { SecureExecError } from "./secure-exec-error.js";

/** What is wrong with an option. */
export interface InvalidOption {
  /** The option as the caller wrote it: `timeout`, `limits.diskBytes`, `files["/a.txt"]`. */
  key: string;
  /** What would have been right, as the end of "must be …". */
  expected: string;
  /** What came, in words. */
  received?: string | undefined;
  /** True when there is no such option: `expected` then lists those that there are. */
  unknown?: boolean;
  /** The known name that is closest to an unknown one. */
  nearest?: string | undefined;
  cause?: unknown;
}

/**
 * An option, an argument or a path that can't be used. Thrown before anything starts.
 *
 * `code` is `ERR_SECURE_EXEC_INVALID_OPTION`.
 */
export class InvalidOptionError extends SecureExecError {
  /** The option as the caller wrote it: `timeout`, `limits.diskBytes`, `files["/a.txt"]`. */
  readonly key: string;
  /** What would have been right. */
  readonly expected: string;
  /** For an unknown name, the known one that is closest. */
  readonly nearest: string | undefined;

  constructor({ key, expected, received, unknown, nearest, cause }: InvalidOption) {
    const got = received === undefined ? "" : `, got ${received}`;
    const problem = unknown
      ? `There is no option "${key}"; known are ${expected}.`
      : `"${key}" must be ${expected}${got}.`;
    super("ERR_SECURE_EXEC_INVALID_OPTION", problem, {
      cause,
      ...(nearest === undefined ? {} : { hint: `Did you mean "${nearest}"?` }),
    });
    this.key = key;
    this.expected = expected;
    this.nearest = nearest;
  }
}
