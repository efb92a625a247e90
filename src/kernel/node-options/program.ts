import type { ThreadNeeds } from "../guest-thread.js";
import type { ProcessStart } from "../process-types.js";
import { type BadCommand, parseNodeCommand } from "./parse.js";

/** What a process that is started as `node` takes of a process's start, and what its thread has to be. */
export interface NodeProgram extends Pick<ProcessStart, "args" | "execArgv" | "entry"> {
  needs: ThreadNeeds;
}

/** A command line of `node`, with the environment that it is run in, as the start of a process. */
export function nodeProgram(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
): NodeProgram | BadCommand {
  const command = parseNodeCommand(words, env);
  if ("complaints" in command) return command;
  const { environment, v8, start, execArgv, args } = command;
  const { exposeGc, stackSize, shared } = v8;
  return {
    args,
    execArgv,
    entry: { kind: "node", options: start, exposeGc },
    needs: { options: environment, stackSize, limits: null, sharedFlags: shared },
  };
}
