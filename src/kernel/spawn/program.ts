import type { Disk } from "../../disk/disk.js";
import type { ThreadNeeds } from "../guest-thread.js";
import { noNeeds } from "../guest-thread.js";
import { INVALID_ARGUMENTS } from "../node-options/parse.js";
import { nodeProgram } from "../node-options/program.js";
import type { ProcessStart } from "../process-types.js";
import { findExecutable } from "./executable.js";
import type { SpawnRequest } from "./request.js";

const NATIVES_SYNTAX = "allow-natives-syntax";

/** The script that all commands of /bin are in, and what V8 made of it. */
export interface CommandScript {
  source: string;
  cache: Uint8Array | undefined;
}

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
  script: CommandScript,
  { file, args, env, cwd }: SpawnRequest,
): FoundProgram | number {
  const found = findExecutable(disk, file, args, env);
  if (typeof found === "number") return found;
  const { command, files } = found;
  if (command !== null) {
    const entry = { kind: "command", name: command, ...script } as const;
    return { program: { args: found.args, execArgv: [], entry, needs: noNeeds }, files };
  }
  const program = nodeProgram(found.args, env, cwd);
  if ("complaints" in program) return { program: complaint(program.complaints, program.exitCode), files };
  // It would show the natives to every program of the machine: what the host may allow, a guest may not.
  const refused = program.needs.sharedFlags.includes(NATIVES_SYNTAX);
  return {
    program: refused ? complaint([`bad option: --${NATIVES_SYNTAX}`], INVALID_ARGUMENTS) : program,
    files,
  };
}

/** What says on its standard error why it can't be what was asked for. */
export function complaint(complaints: readonly string[], exitCode: number): Program {
  const text = complaints.map((line) => `node: ${line}\n`).join("");
  return { args: [], execArgv: [], entry: { kind: "complaint", text, exitCode }, needs: noNeeds };
}
