import { accessSync, constants, statSync } from "node:fs";
import { join, resolve } from "node:path";
import type { Command } from "../../command.js";
import { commands } from "../../commands.js";
import type { Shell } from "../shell.js";

/** Where programs are looked for when no PATH says. */
const DEFAULT_PATH = "/usr/local/bin:/usr/bin:/bin";

/** Where the commands of this package lie. */
const OWN = /^(?:\/usr)?\/bin\/([^/]+)$/;

/** What a name stands for. */
export type Program =
  | { kind: "own"; command: Command; path: string }
  | { kind: "file"; path: string }
  | { kind: "missing" }
  | { kind: "refused"; path: string; directory: boolean };

/** Finds a program as the system would: through PATH, unless the name has a slash. */
export function findProgram(shell: Shell, name: string): Program {
  if (name.includes("/")) return at(resolve(shell.cwd, name));
  let refused: Program | null = null;
  for (const directory of (shell.variables.get("PATH") ?? DEFAULT_PATH).split(":")) {
    const found = at(join(resolve(shell.cwd, directory || "."), name));
    if (found.kind === "own" || found.kind === "file") return found;
    if (found.kind === "refused" && !found.directory) refused ??= found;
  }
  return refused ?? { kind: "missing" };
}

function at(path: string): Program {
  const stats = statSync(path, { throwIfNoEntry: false });
  if (stats === undefined) return { kind: "missing" };
  if (stats.isDirectory()) return { kind: "refused", path, directory: true };
  const name = OWN.exec(path)?.[1];
  if (name !== undefined && Object.hasOwn(commands, name))
    return { kind: "own", command: commands[name] as Command, path };
  try {
    accessSync(path, constants.X_OK);
    return { kind: "file", path };
  } catch {
    return { kind: "refused", path, directory: false };
  }
}
