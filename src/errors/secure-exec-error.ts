/** What every error of this library carries beside its message. */
export interface SecureExecErrorOptions {
  /** What led to the error. */
  cause?: unknown;
  /** What the caller can do about it, one sentence. */
  hint?: string;
}

const brand = Symbol.for("secure-exec.error");

/**
 * The base of every error that the host side of this library throws.
 *
 * `code` is stable and meant for programs; `message` is meant for people and may change.
 */
export class SecureExecError extends Error {
  /** A stable name, `ERR_SECURE_EXEC_…`. */
  readonly code: string;
  /** What the caller can do about it, where there is something. */
  readonly hint: string | undefined;

  constructor(code: string, message: string, options: SecureExecErrorOptions = {}) {
    const { cause, hint } = options;
    super(hint === undefined ? message : `${message} ${hint}`, cause === undefined ? undefined : { cause });
    this.name = new.target.name;
    this.code = code;
    this.hint = hint;
    Object.defineProperty(this, brand, { value: true });
  }

  /** Tells an error of the class that it is called on, also one of another copy of this library. */
  static isInstance<T>(this: abstract new (...args: never[]) => T, value: unknown): value is T {
    if (typeof value !== "object" || value === null || !(brand in value)) return false;
    // biome-ignore lint/complexity/noThisInStatic: it is the class that is asked for
    const { name } = this;
    return name === SecureExecError.name || (value as { name?: unknown }).name === name;
  }
}
