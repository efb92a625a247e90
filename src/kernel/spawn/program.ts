import { getSystemErrorMessage, getSystemErrorName } from "node:util";
import type { Disk } from "../../disk/disk.js";
import type { ThreadNeeds } from "../guest-thread.js";
import { noNeeds } from "../guest-thread.js";
import type { SharedScript } from "../image-memory.js";
import { INVALID_ARGUMENTS } from "../node-options/parse.js";
import { nodeProgram } from "../node-options/program.js";
import type { ProcessStart } from "../process-types.js";
import { findExecutable } from "./executable.js";
import type { Command } from "./request.js";

const NATIVES_SYNTAX = "allow-natives-syntax";

/** What a shell exits with that doesn't find a command, and that can't run one. */
const NOT_FOUND = 127;
export const CANNOT_RUN = 126;

/** What a process runs, and what its thread has to be for it. */
export interface Program extends Pick<ProcessStart, "args" | "execArgv" | "entry"> {
  needs: ThreadNeeds;
}

/** The same with the real paths of the files that it is. */
export interface FoundProgram {
  program: Program;
  files: readonly string[];
}

/** The program that a command means; a negative errno where there is none. */
export function findProgram(
  disk: Disk,
  script: SharedScript,
  { file, args, env, cwd }: Command,
): FoundProgram | number {
  const found = findExecutable(disk, file, args, env);
  if (typeof found === "number") return found;
  const { command, files } = found;
  if (command !== null) {
    const entry = { kind: "command", name: command, ...script } as const;
    return { program: { args: found.args, execArgv: [], entry, needs: noNeeds }, files };
  }
  const program = commandLine(found.args, env, cwd);
  // It would show the natives to every program of the machine: what the host may allow, a guest may not.
  const refused = program.needs.sharedFlags.includes(NATIVES_SYNTAX);
  return {
    program: refused ? complaint([`bad option: --${NATIVES_SYNTAX}`], INVALID_ARGUMENTS) : program,
    files,
  };
}

/** A command line of `node`, or what says what is wrong with it. */
export function commandLine(
  words: readonly string[],
  env: Readonly<Record<string, string>>,
  cwd: string,
): Program {
  const program = nodeProgram(words, env, cwd);
  return "complaints" in program ? complaint(program.complaints, program.exitCode) : program;
}

/** What a shell says of a command that it can't run, and exits with. */
export function shellComplaint(name: string, error: number): { text: string; exitCode: number } {
  const code = getSystemErrorName(error);
  const missing = code === "ENOENT" && !name.includes("/");
  const what = missing ? "command not found" : getSystemErrorMessage(error);
  return {
    text: `secure-exec: ${name}: ${what} (${code})\n`,
    exitCode: code === "ENOENT" ? NOT_FOUND : CANNOT_RUN,
  };
}

/** What says on its standard error why it can't be what was asked for. */
export function complaint(complaints: readonly string[], exitCode: number): Program {
  const text = complaints.map((line) => `node: ${line}\n`).join("");
  return { args: [], execArgv: [], entry: { kind: "complaint", text, exitCode }, needs: noNeeds };
}
