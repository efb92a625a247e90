import { posix } from "node:path";
import type { ThreadNeeds } from "../guest-thread.js";
import type { ProcessStart } from "../process-types.js";
import { type BadCommand, parseNodeCommand } from "./parse.js";

/** What a process that is started as `node` takes of a process's start, and what its thread has to be. */
export interface NodeProgram extends Pick<ProcessStart, "args" | "execArgv" | "entry"> {
  needs: ThreadNeeds;
}

const grant = /^(--allow-fs-(?:read|write))=(?!\*$)(.*)$/s;

/**
 * Node looks up whether a granted path is a directory, to grant what is in it too, and can't in a machine:
 * here both are named, and relative paths from the process's directory.
 */
function grants(option: string, cwd: string): string[] {
  const [, name, path] = grant.exec(option) ?? [];
  if (path === undefined) return [option];
  const whole = posix.resolve(cwd, path);
  return path.endsWith("*")
    ? [`${name}=${whole}`]
    : [`${name}=${whole}`, `${name}=${posix.join(whole, "*")}`];
}

/** A command line of `node`, with the environment that it is run in, as the start of a process. */
export function nodeProgram(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): NodeProgram | BadCommand {
  const command = parseNodeCommand(words, env);
  if ("complaints" in command) return command;
  const { v8, start, execArgv, args } = command;
  const environment = command.environment.flatMap((option) => grants(option, cwd));
  const file = args[0];
  // Node lets a program read its own file.
  if (environment.includes("--permission") && start["--eval"] === undefined && file !== undefined)
    environment.push(`--allow-fs-read=${posix.resolve(cwd, file)}`);
  const { exposeGc, stackSize, shared } = v8;
  return {
    args,
    execArgv,
    entry: { kind: "node", options: start, exposeGc },
    needs: { options: environment, stackSize, limits: null, sharedFlags: shared },
  };
}
