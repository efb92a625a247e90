import type { GuestEnv } from "../env.js";
import { optionValue } from "../options.js";
import type { ProcessEnd } from "../process/end.js";
import { writeStdioText } from "../stdio.js";

/** Node's exit code for a command line that it can't run. */
const INVALID_ARGUMENTS = 9;

/**
 * Takes variables from the files of `--env-file`: of several files the last counts, and the environment
 * itself before them all. False when a file is missing, which ends the process.
 */
export function loadEnvironmentFiles(env: GuestEnv, end: ProcessEnd, load: (path: string) => void): boolean {
  const optional: string[] = optionValue("--env-file-if-exists");
  for (let i = optional.length - 1; i >= 0; i--) {
    const path = optional[i] as string;
    if (!attempt(load, path)) writeStdioText(env, 2, `${path} not found. Continuing without it.\n`);
  }
  const required: string[] = optionValue("--env-file");
  for (let i = required.length - 1; i >= 0; i--) {
    const path = required[i] as string;
    if (attempt(load, path)) continue;
    writeStdioText(env, 2, `node: ${path}: not found\n`);
    end.exit(INVALID_ARGUMENTS);
    return false;
  }
  return true;
}

function attempt(load: (path: string) => void, path: string): boolean {
  try {
    load(path);
    return true;
  } catch {
    return false;
  }
}
