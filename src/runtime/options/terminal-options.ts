import type { TerminalSize } from "../../wire/messages.js";
import {
  bounded,
  type CallDefaults,
  checkArguments,
  checkCommon,
  type OutputCallback,
  type ProgramOptions,
  type ResolvedCall,
} from "./call-options.js";
import { checkFunction, checkInteger, checkText, readFields, refuse } from "./checks.js";

/** What `openTerminal()` takes. */
export interface TerminalOptions extends Pick<ProgramOptions, "env" | "cwd" | "timeout" | "signal"> {
  /** The program: a path, or a name that PATH leads to. Default: `sh`. */
  command?: string | undefined;
  /** Its arguments, without its name. Default: none. */
  args?: readonly string[] | undefined;
  /** Columns of the screen, from 1 to 1000. Default: 80. */
  cols?: number | undefined;
  /** Rows of the screen, from 1 to 1000. Default: 24. */
  rows?: number | undefined;
  /**
   * Takes what the screen is to show as it comes, as `onStdout` of `exec()` takes output. Without it the terminal
   * is read by iterating over it.
   */
  onData?: OutputCallback | undefined;
}

const keys = ["command", "args", "cols", "rows", "onData", "env", "cwd", "timeout", "signal"] as const;

const MAX_SIZE = 1000;
const [COLUMNS, ROWS] = [80, 24];

/** What programs take the terminal for, unless `env` says something else. */
const TERM = "xterm-256color";

/** Checks all options of a terminal. Throws InvalidOptionError. */
export function checkTerminal(options: unknown, defaults: CallDefaults): ResolvedCall {
  const { command, args, cols, rows, onData, ...rest } = readFields(options, "options", keys);
  const name = command === undefined ? "sh" : checkText(command, "command");
  if (name === "") refuse("command", "the name or path of a program", command);
  const common = checkCommon(rest, defaults);
  return bounded(
    {
      ...common,
      env: { TERM, ...common.env },
      onStdout: onData === undefined ? undefined : checkFunction(onData, "onData"),
      code: new Uint8Array(),
      entry: { kind: "command", name },
      args: args === undefined ? [] : checkArguments(args),
      keepsStdin: true,
      terminal: checkSize(cols ?? COLUMNS, rows ?? ROWS),
    },
    defaults,
  );
}

/** Checks the size of a screen. */
export function checkSize(cols: unknown, rows: unknown): TerminalSize {
  return {
    columns: checkInteger(cols, "cols", { min: 1, max: MAX_SIZE, unit: "columns" }),
    rows: checkInteger(rows, "rows", { min: 1, max: MAX_SIZE, unit: "rows" }),
  };
}
