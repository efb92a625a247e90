import type { NpmProgress } from "../npm/npm.js";
import type { ProgramOptions } from "./call-options.js";
import { checkFunction, checkText, readFields, refuse } from "./checks.js";

/** Options of `rt.npm.install()`. */
export interface InstallOptions extends Pick<ProgramOptions, "cwd" | "env" | "timeout" | "signal"> {
  /** More of npm's command line: `["--save-dev", "--ignore-scripts"]`. Default: none. */
  args?: readonly string[] | undefined;
  /** Called for each thing that npm has fetched. What it throws ends npm, and the call rejects with it. */
  onProgress?: ((progress: NpmProgress) => void) | undefined;
}

/** An install, with what is checked where a command is. */
export interface ResolvedInstall {
  words: string[];
  onProgress: ((progress: NpmProgress) => void) | undefined;
  /** Options of the command. */
  rest: Pick<InstallOptions, "cwd" | "env" | "timeout" | "signal">;
}

const keys = ["cwd", "env", "timeout", "signal", "args", "onProgress"] as const;

/** Throws InvalidOptionError. */
export function checkInstall(packages: unknown, options: unknown): ResolvedInstall {
  const { args, onProgress, ...rest } = readFields(options, "options", keys);
  const named = checkWords(packages, "packages");
  const index = named.findIndex((name) => name === "" || name.startsWith("-"));
  if (index >= 0) refuse(`packages[${index}]`, "the name of a package; options go into args", named[index]);
  return {
    words: [...checkWords(args, "args"), "--", ...named],
    onProgress: onProgress === undefined ? undefined : checkFunction(onProgress, "onProgress"),
    rest: rest as ResolvedInstall["rest"],
  };
}

function checkWords(value: unknown, key: string): string[] {
  if (value === undefined) return [];
  if (!Array.isArray(value)) refuse(key, "an array of strings", value);
  return Array.from(value as unknown[], (word, i) => checkText(word, `${key}[${i}]`));
}
