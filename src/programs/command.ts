import type { Descriptor } from "./io/descriptor.js";
import type { Input } from "./io/input.js";

/** Where a command writes. Resolves when more is welcome; rejects with EPIPE when nobody reads any more. */
export type Write = (data: string | Uint8Array) => Promise<void>;

/** What a command gets: its own, though several commands may share this process. */
export interface CommandContext {
  /** The name that it was called by. */
  name: string;
  args: string[];
  env: Record<string, string>;
  /** Absolute. Paths are resolved against it by `path`, since the process has another. */
  cwd: string;
  stdin: Input;
  stdout: Write;
  stderr: Write;
  /** Descriptors by number, 0 to 2 included. */
  descriptors: ReadonlyMap<number, Descriptor>;
  /** Aborted when the command is to end at once. */
  signal: AbortSignal;
  /** The absolute path of what the command calls by `name`. */
  path(name: string): string;
  /** Says `message` on stderr behind the command's name, and answers `status`. */
  fail(message: string, status?: number): Promise<number>;
  /** Runs another command to its end and answers its status: what `xargs`, `env` and `find -exec` need. */
  run(command: string, args: string[], options?: RunOptions): Promise<number>;
}

export interface RunOptions {
  /** Instead of the command's own environment. */
  env?: Record<string, string>;
  cwd?: string;
  /** Instead of the command's own streams. */
  stdin?: Descriptor;
  stdout?: Descriptor;
  /** Says that there is no such command, and answers the status, instead of the shell. */
  missing?: () => Promise<number>;
}

/** A command of /bin. Answers its exit status. */
export type Command = (context: CommandContext) => Promise<number> | number;
