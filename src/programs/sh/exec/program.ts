import type { Shell } from "../shell.js";
import { hasTerminal } from "./foreground.js";
import { findProgram } from "./lookup.js";
import { runOwn } from "./own.js";
import { runProcess } from "./process.js";

/** What a shell answers for a command that isn't there, and for one that can't be run. */
const NOT_FOUND = 127;
const CANNOT_RUN = 126;

/** Runs a program by its name. */
export async function runProgram(
  shell: Shell,
  name: string,
  args: string[],
  env = shell.variables.environment(),
): Promise<number> {
  const program = findProgram(shell, name);
  switch (program.kind) {
    case "own":
      // At a prompt, and in its background, it is a process that the keyboard can stop.
      if (hasTerminal(shell) || shell.background) return runProcess(shell, program.path, name, args, env);
      return runOwn(shell, program.command, name, args, env);
    case "file":
      return runProcess(shell, program.path, name, args, env);
    case "refused":
      await shell.complain(`${name}: ${program.directory ? "Is a directory" : "Permission denied"}`);
      return CANNOT_RUN;
    case "missing":
      await shell.complain(
        `${name}: ${name.includes("/") ? "No such file or directory" : "command not found"}`,
      );
      return NOT_FOUND;
  }
}
