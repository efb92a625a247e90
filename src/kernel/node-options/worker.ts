import type { ThreadNeeds } from "../guest-thread.js";
import { type BadCommand, type OptionValue, parseNodeCommand } from "./parse.js";
import { processOptions } from "./table.js";

/** The words and variables that the options of a thread come from. */
export interface OptionSource {
  args: readonly string[];
  env: Readonly<Record<string, string>>;
}

/** The options of a process. */
export interface ProcessOptions extends OptionSource {
  start: Record<string, OptionValue>;
  exposeGc: boolean;
}

/** What was said of a new thread; null for what the thread that makes it has itself. */
export interface OptionWish {
  execArgv: string[] | null;
  env: Record<string, string> | null;
  /** NODE_OPTIONS is that of the thread that makes it, which may be the whole process's. */
  isCopy: boolean;
}

/** The options of a thread, and what its own threads begin with. */
export interface WorkerOptions extends Pick<ThreadNeeds, "options" | "stackSize"> {
  source: OptionSource;
  start: { execArgv: string[]; options: Record<string, OptionValue>; exposeGc: boolean };
}

/** Takes the options of a new thread apart as Node does for a Worker; `own` are those of its parent. */
export function workerOptions(
  wish: OptionWish,
  own: OptionSource,
  { start: ofProcess, exposeGc }: ProcessOptions,
): WorkerOptions | BadCommand {
  const source = { args: wish.execArgv ?? own.args, env: wish.env ?? own.env };
  const command = parseNodeCommand(source.args, source.env, {
    args: wish.execArgv !== null,
    env: wish.env !== null && !wish.isCopy,
  });
  if ("complaints" in command) return command;
  const { environment, start, execArgv } = command;
  for (const name of processOptions)
    if (Object.hasOwn(ofProcess, name)) start[name] ??= ofProcess[name] ?? "";
  return {
    options: environment,
    // V8 takes the flag for main threads alone.
    stackSize: null,
    source: { args: execArgv, env: source.env },
    start: { execArgv, options: start, exposeGc },
  };
}
