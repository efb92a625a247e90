/** Why a program did not end by itself. */
export interface Termination {
  /**
   * - `timeout`: it ran longer than `timeout` (exit code 124).
   * - `memory`: it, or its machine, took more memory than a limit allows (exit code 137).
   * - `threads`: its machine had more threads than its limit (exit code 137).
   * - `crash`: the machine failed under it, most often a fatal error of V8 (exit code 134).
   * - `killed`: it was killed (exit code 137).
   */
  reason: "timeout" | "memory" | "threads" | "crash" | "killed";
  /** The limit that was in force: milliseconds, bytes or threads. Null where none was. */
  limit: number | null;
}

/** How a program ended. */
export interface ProcessEnd {
  /** What the program exited with; 128 and the number of the signal when a signal ended it. */
  exitCode: number;
  /** The signal that ended the program, such as `SIGKILL`. Absent when none did. */
  signal?: string;
  /** Why the program was ended from outside. Absent when it ended by itself. */
  termination?: Termination;
}

/** How a program ended, and what it wrote. A program that fails is a result, not an exception. */
export interface ExecResult extends ProcessEnd {
  /**
   * Standard output, decoded as UTF-8 (wrong bytes become U+FFFD). At most `limits.outputBytes`; when
   * more came, `stdoutTruncated` is true and the last line says so.
   */
  stdout: string;
  /** Standard error, like `stdout`. An uncaught error is printed here as Node prints it. */
  stderr: string;
  /** True when `stdout` is not all that was written. */
  stdoutTruncated: boolean;
  /** True when `stderr` is not all that was written. */
  stderrTruncated: boolean;
}

/** The result of `run()`. */
export interface RunResult<T> extends ExecResult {
  /**
   * What the program last passed to `globalThis.__return()`, through JSON. Undefined when it passed
   * nothing or its exit code is not 0. The type is the caller's claim: guest code decides what it is.
   */
  value: T | undefined;
}

/** An end as callers are told of it. */
export function describeEnd({
  exitCode,
  signal,
  termination,
}: {
  exitCode: number;
  signal: string | null;
  termination: Termination | null;
}): ProcessEnd {
  return {
    exitCode,
    ...(signal === null ? {} : { signal }),
    ...(termination === null ? {} : { termination }),
  };
}

/** The result of a snippet in a resident runner. */
export interface ResidentResult<T> extends RunResult<T> {
  /** True when the snippet was the first in its process: nothing of earlier ones was there. */
  fresh: boolean;
  /** True when the process has ended, so that the next call gets a fresh one. */
  ended: boolean;
}
