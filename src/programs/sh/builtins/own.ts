import type { Command } from "../../command.js";
import { commands } from "../../commands.js";
import { runOwn } from "../exec/own.js";
import type { Builtin } from "./index.js";

/** A command of /bin as a builtin: found without PATH. */
export function own(name: string): Builtin {
  return (shell, args) => runOwn(shell, commands[name] as Command, name, args, shell.variables.environment());
}
