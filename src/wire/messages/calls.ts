/** The streams of a call: code and stdin flow to the machine, the others back. */
export interface CallStreams {
  code: number;
  stdin: number;
  stdout: number;
  stderr: number;
  value: number;
}

/** What a program may be written in. */
export type Language = "js" | "jsx" | "ts" | "tsx";

/** What a process takes for a program, beyond what plain Node takes. */
export interface Dialect {
  /** What its entry module is written in. */
  language: Language;
  /** The file of the TypeScript compiler on the disk, for what Node's own library can't do; null for none. */
  compiler: string | null;
}

/**
 * What a guest process runs.
 *
 * - code: the ES module of the code stream, under the name of a file or none; plain JavaScript without a dialect.
 * - node: a command line of `node`; the code stream carries nothing.
 * - command: a program of the guest, by a path or a name that PATH leads to; the code stream carries nothing.
 * - snippet: the ES module of the code stream, in the process of a runner, which has args, env and cwd.
 */
export type EntryDescription =
  | { kind: "code"; filePath: string | null; dialect?: Dialect | undefined }
  | { kind: "node" }
  | { kind: "command"; name: string }
  | { kind: "snippet"; runner: number; filePath: string | null };

/** How many characters a terminal shows, across and down. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** Starts a guest process, once its code stream has ended. */
export interface StartMessage {
  type: "start";
  call: number;
  entry: EntryDescription;
  /** `process.argv` from its second element on; of a command, all that follows its name. */
  args: string[];
  env: Record<string, string>;
  cwd: string;
  /** Milliseconds from the start of the process; null for none. */
  timeout: number | null;
  /** Soft memory limit of the process, in bytes. */
  memory: number;
  /**
   * The process gets a terminal of this size for its standard streams: what is typed flows in as stdin, and what
   * the screen shows flows out as stdout.
   */
  terminal?: TerminalSize | undefined;
  streams: CallStreams;
}

/**
 * Opens a runner: a process that evaluates snippets, one at a time, started for the first of them and again
 * for the first after its end. What it writes while none is under way flows on its own streams.
 */
export interface RunnerMessage {
  type: "runner";
  runner: number;
  env: Record<string, string>;
  cwd: string;
  dialect?: Dialect | undefined;
  /** Soft memory limit of the process, in bytes. */
  memory: number;
  streams: Pick<CallStreams, "stdout" | "stderr">;
}

/** Ends a runner and its process. */
export interface RunnerEndMessage {
  type: "runnerEnd";
  runner: number;
}

/** The terminal of a call has another size now. */
export interface ResizeMessage extends TerminalSize {
  type: "resize";
  call: number;
}

/** Signals the process of a call. */
export interface KillMessage {
  type: "kill";
  call: number;
  signal: number;
  reason: TerminationReason;
}

/** The process of a call runs. */
export interface StartedMessage {
  type: "started";
  call: number;
  pid: number;
}

/** Why a process was ended from outside. */
export type TerminationReason = "timeout" | "memory" | "killed" | "aborted";

/** What the kernel says about a process that it ended. */
export interface Termination {
  reason: TerminationReason;
  /** The limit in force: milliseconds for a timeout, bytes for memory, null otherwise. */
  limit: number | null;
}

/** The process of a call has ended; all streams of the call that flow to the host ended before. */
export interface ExitMessage {
  type: "exit";
  call: number;
  exitCode: number;
  signal: string | null;
  termination: Termination | null;
  /** Whether the value stream carried a value. */
  value: boolean;
  /** Of a snippet: the process that it was evaluated in, and whether that goes on. */
  resident?: { pid: number; lives: boolean } | undefined;
}

/** A process can't be stopped from inside: its output is delivered and the machine has to be killed. */
export interface StuckMessage {
  type: "stuck";
  call: number;
  reason: TerminationReason;
}
