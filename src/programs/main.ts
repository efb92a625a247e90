/** Runs a program of /bin: its name and its arguments are the process's. */
import { basename } from "node:path";
import { commands } from "./commands.js";
import { FileDescriptor } from "./io/file.js";
import { shellNames } from "./names.js";
import { runOwn } from "./sh/exec/own.js";
import { runSubshell } from "./sh/exec/subshell.js";
import { sh } from "./sh/main.js";
import { Shell } from "./sh/shell.js";

/** Resolves with the exit status of the program. */
export async function program(name: string, args: string[]): Promise<number> {
  const own = commands[basename(name)];
  if (shellNames.includes(basename(name))) return sh(name, args, process.env);
  if (own === undefined) throw new Error(`${name}: no such program`);
  const shell = new Shell();
  for (const number of [0, 1, 2]) shell.place(number, new FileDescriptor(number, true));
  return runSubshell(shell, () => runOwn(shell, own, name, args, process.env as Record<string, string>));
}
