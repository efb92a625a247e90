import { posix } from "node:path";
import { InvalidOptionError } from "../../errors/invalid-option-error.js";
import type { CompiledPermissions } from "../../policy/compiled.js";
import { visibleVariables } from "../../policy/names.js";
import type { EntryDescription, Language, TerminalSize } from "../../wire/messages.js";
import {
  checkAbortSignal,
  checkBytes,
  checkFunction,
  checkText,
  isRecord,
  readFields,
  refuse,
} from "./checks.js";
import { argumentBytes, checkEnvironment, type Environment, mergeEnvironments } from "./environment.js";
import { checkFilePath, checkGuestPath } from "./guest-path.js";
import { checkDialect } from "./language.js";
import type { ResolvedLimits } from "./limits.js";

/** Takes a piece of output. A promise holds the program back until it is fulfilled. */
export type OutputCallback = (text: string) => unknown;

/** What every way to run a program takes. */
export interface ProgramOptions {
  /** Variables of this call, over those of the runtime. `undefined` takes a variable away. */
  env?: Record<string, string | undefined> | undefined;
  /** Working directory, absolute; it must exist. Default: the runtime's. */
  cwd?: string | undefined;
  /** All that the program finds on its standard input, which ends after it. Default: nothing. */
  stdin?: string | Uint8Array | undefined;
  /**
   * Milliseconds that the program may run: above 0, up to 2147483647. One that runs longer is ended and
   * answered with exit code 124. Default: no limit.
   */
  timeout?: number | undefined;
  /** Ends the program when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
  /**
   * Takes standard output as it comes, decoded as UTF-8 and cut on whole characters, all of it even
   * where the result is truncated. Calls of `onStdout` and `onStderr` follow each other in the order in
   * which the program wrote, one at a time: a callback that returns a promise holds up the next one, and
   * the program once 256 KiB wait. One that throws or rejects ends the program, and the call rejects
   * with its error.
   */
  onStdout?: OutputCallback | undefined;
  /** Takes standard error, as `onStdout` takes standard output. */
  onStderr?: OutputCallback | undefined;
}

/** What `exec()`, `run()` and `spawn()` take beside code. */
export interface CallOptions extends ProgramOptions {
  /**
   * The absolute path that the code shall seem to come from: its `import.meta.url`, its name in stacks,
   * and the base of its relative imports. No file is written. Default: a module evaluated in `cwd`.
   */
  filePath?: string | undefined;
  /**
   * What the code is written in. `"ts"` has its types stripped in place as by Node, and what needs more than that
   * (enums, namespaces, parameter properties) transformed; decorators, and JSX in `"jsx"` and `"tsx"`, take the
   * TypeScript compiler, a peer dependency. Files that the program imports or requires are treated alike.
   * Default: what the extension of `filePath` says, else `"js"`.
   */
  language?: Language | undefined;
  /**
   * `process.argv` from its third element on. The second is `filePath`, or the name of evaluated code;
   * where there is neither a `filePath` nor an argument there is none, as in Node.
   */
  args?: readonly string[] | undefined;
}

/** What a call works with: `args` are all that follow the program's interpreter. */
export interface ResolvedCall {
  code: Uint8Array;
  entry: EntryDescription;
  env: Record<string, string>;
  cwd: string;
  stdin: Uint8Array | null;
  /** Its standard input stays open after that. */
  keepsStdin: boolean;
  /** It gets a terminal of this size. */
  terminal?: TerminalSize;
  timeout: number | null;
  signal: AbortSignal | undefined;
  onStdout: OutputCallback | undefined;
  onStderr: OutputCallback | undefined;
  args: string[];
}

/** What a call takes over from its runtime. */
export interface CallDefaults {
  env: Environment;
  cwd: string;
  limits: ResolvedLimits;
  permissions: Pick<CompiledPermissions, "env">;
}

const commonKeys = ["env", "cwd", "stdin", "timeout", "signal", "onStdout", "onStderr"] as const;
const keys = [...commonKeys, "filePath", "language", "args"] as const;

/** How Node names code that it evaluates: without it, programs would take their first argument for theirs. */
const EVALUATED = "[eval1]";

/** The longest delay of a timer in Node. */
const MAX_TIMEOUT = 2 ** 31 - 1;
/** Compiling takes several times the source in memory; more than this is no program that anyone wrote. */
const MAX_CODE_BYTES = 64 * 1024 * 1024;

/** Checks the code and all options of a call. Throws InvalidOptionError. */
export function checkCall(code: unknown, options: unknown, defaults: CallDefaults): ResolvedCall {
  const source = checkCode(code);
  const given = readFields(options, "options", keys);
  const common = checkCommon(given, defaults);
  const filePath = given.filePath === undefined ? null : checkFilePath(given.filePath, "filePath");
  const args = given.args === undefined ? [] : checkArguments(given.args);
  if (filePath !== null || args.length > 0) args.unshift(filePath ?? posix.join(common.cwd, EVALUATED));
  const dialect = checkDialect(given.language, source.text, filePath);
  const entry = { kind: "code", filePath, ...(dialect === undefined ? {} : { dialect }) } as const;
  return bounded({ ...common, code: source.bytes, entry, args }, defaults);
}

/** Checks a command line of `node`, all that follows the name, and the options of its call. */
export function checkNodeCall(args: unknown, options: unknown, defaults: CallDefaults): ResolvedCall {
  const common = checkCommon(readFields(options, "options", commonKeys), defaults);
  const words = checkArguments(args);
  return bounded({ ...common, code: new Uint8Array(), entry: { kind: "node" }, args: words }, defaults);
}

/** A program of the guest's, by a path or a name that PATH leads to. */
export interface Command {
  /** Its name, or its path: relative to `cwd`, or absolute. */
  command: string;
  /** Its arguments, without its name. Default: none. */
  args?: readonly string[] | undefined;
}

/** Checks a command with its arguments, and the options of its call. */
export function checkCommand(
  command: unknown,
  args: unknown,
  options: unknown,
  defaults: CallDefaults,
): ResolvedCall {
  const name = checkText(command, "command");
  if (name === "") refuse("command", "the name or path of a program", command);
  const common = checkCommon(readFields(options, "options", commonKeys), defaults);
  const words = args === undefined ? [] : checkArguments(args);
  const entry = { kind: "command", name } as const;
  return bounded({ ...common, code: new Uint8Array(), entry, args: words }, defaults);
}

/** Checks code or a command to be followed while it runs: its standard input stays open unless it was given. */
export function checkSpawn(program: unknown, options: unknown, defaults: CallDefaults): ResolvedCall {
  let call: ResolvedCall;
  if (typeof program === "string") call = checkCall(program, options, defaults);
  else {
    if (!isRecord(program)) refuse("program", "code, or an object with a command", program);
    const { command, args } = readFields(program, "program", ["command", "args"], "program.");
    call = checkCommand(command, args, options, defaults);
  }
  return { ...call, keepsStdin: call.stdin === null };
}

/** The code as it was given, and as it is sent. */
export function checkCode(code: unknown): { text: string; bytes: Uint8Array } {
  if (typeof code !== "string") refuse("code", "a string", code);
  return { text: code, bytes: checkBytes(code, "code", MAX_CODE_BYTES) };
}

/** What calls of all kinds take. */
export function checkCommon(
  given: Partial<Record<(typeof commonKeys)[number], unknown>>,
  { env, cwd, limits, permissions }: CallDefaults,
): Omit<ResolvedCall, "code" | "entry" | "args"> {
  return {
    keepsStdin: false,
    env: visibleVariables(permissions.env, mergeEnvironments(env, checkEnvironment(given.env, "env"))),
    cwd: given.cwd === undefined ? cwd : checkGuestPath(given.cwd, "cwd"),
    stdin: given.stdin === undefined ? null : checkBytes(given.stdin, "stdin", limits.stdinBytes),
    timeout: given.timeout === undefined ? null : checkTimeout(given.timeout),
    signal: given.signal === undefined ? undefined : checkAbortSignal(given.signal, "signal"),
    onStdout: given.onStdout === undefined ? undefined : checkFunction(given.onStdout, "onStdout"),
    onStderr: given.onStderr === undefined ? undefined : checkFunction(given.onStderr, "onStderr"),
  };
}

/** The call, whose arguments and environment are not too large together. */
export function bounded<C extends Pick<ResolvedCall, "args" | "env">>(call: C, { limits }: CallDefaults): C {
  const bytes = argumentBytes(call.args, call.env);
  if (bytes > limits.argumentBytes) {
    throw new InvalidOptionError({
      key: "args",
      expected: `at most ${limits.argumentBytes} bytes together with env (limits.argumentBytes)`,
      received: `${bytes} bytes`,
    });
  }
  return call;
}

export function checkTimeout(value: unknown): number {
  // What is left until a deadline is seldom a whole number.
  if (typeof value === "number" && value > 0 && value <= MAX_TIMEOUT) return Math.ceil(value);
  return refuse("timeout", `a number of milliseconds above 0 and up to ${MAX_TIMEOUT}`, value);
}

export function checkArguments(value: unknown): string[] {
  if (!Array.isArray(value)) refuse("args", "an array of strings", value);
  return Array.from(value as unknown[], (argument, index) => checkText(argument, `args[${index}]`));
}
