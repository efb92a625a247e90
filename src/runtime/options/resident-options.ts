import type { Dialect, Language } from "../../wire/messages.js";
import {
  bounded,
  type CallDefaults,
  type CallOptions,
  checkCode,
  checkCommon,
  type ResolvedCall,
} from "./call-options.js";
import { checkFunction, readFields } from "./checks.js";
import { checkFilePath } from "./guest-path.js";
import { checkDialect } from "./language.js";

/** What `createResidentRunner()` takes. */
export interface ResidentOptions {
  /** Variables of the runner's process, over those of the runtime. `undefined` takes a variable away. */
  env?: Record<string, string | undefined> | undefined;
  /** Its working directory, absolute; it must exist when its process starts. Default: the runtime's. */
  cwd?: string | undefined;
  /** What its snippets, and files that they import, are written in: see `CallOptions`. Default `"js"`. */
  language?: Language | undefined;
  /**
   * Takes what the process writes while no snippet is under way: text and the name of its stream, as
   * `onStdout` does. One that throws or rejects ends the process, and the next call rejects with its error.
   * Default: such output comes in front of that of the next snippet, and a process that writes more than
   * 256 KiB of it waits for one.
   */
  onLateOutput?: LateOutputCallback | undefined;
}

/** Takes a piece of late output. A promise holds the process back until it is fulfilled. */
export type LateOutputCallback = (text: string, stream: "stdout" | "stderr") => unknown;

/** What `exec()` and `run()` of a resident runner take beside the code: see `CallOptions`. */
export type SnippetOptions = Pick<CallOptions, "timeout" | "signal" | "onStdout" | "onStderr" | "filePath">;

export interface ResolvedResident {
  env: Record<string, string>;
  cwd: string;
  dialect: Dialect | undefined;
  onLateOutput: LateOutputCallback | undefined;
}

/** A snippet as a call works with it. */
export interface ResolvedSnippet extends ResolvedCall {
  entry: Extract<ResolvedCall["entry"], { kind: "snippet" }>;
}

const residentKeys = ["env", "cwd", "language", "onLateOutput"] as const;
const snippetKeys = ["timeout", "signal", "onStdout", "onStderr", "filePath"] as const;

/** Throws InvalidOptionError. */
export function checkResident(options: unknown, defaults: CallDefaults): ResolvedResident {
  const given = readFields(options, "options", residentKeys);
  const { cwd, env } = checkCommon({ env: given.env, cwd: given.cwd }, defaults);
  bounded({ args: [], env }, defaults);
  const onLateOutput =
    given.onLateOutput === undefined
      ? undefined
      : checkFunction<LateOutputCallback>(given.onLateOutput, "onLateOutput");
  return { env, cwd, dialect: checkDialect(given.language, "", null), onLateOutput };
}

/** A snippet with its options; the runner that it is for is known when it begins. Throws InvalidOptionError. */
export function checkSnippet(code: unknown, options: unknown, defaults: CallDefaults): ResolvedSnippet {
  const given = readFields(options, "options", snippetKeys);
  const common = checkCommon({ ...given, env: undefined }, defaults);
  const filePath = given.filePath === undefined ? null : checkFilePath(given.filePath, "filePath");
  const entry = { kind: "snippet", runner: 0, filePath } as const;
  return { ...common, env: {}, code: checkCode(code).bytes, entry, args: [] };
}
