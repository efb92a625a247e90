import { type Stats, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { CommandContext } from "../command.js";
import { CommandError, quoted } from "../errors.js";
import { missingOperand, type Options } from "../options.js";

/** Where something goes to: of `cp`, `mv` and `ln`. */
export interface Target {
  from: string;
  to: string;
}

/** The options that say what the operands are. */
export const targetLetters = "t:T";
export const targetNames = { "target-directory": "t:", "no-target-directory": "T" };

/** Pairs sources with where they go: one to a name, or all into a directory. */
export function targetsOf(context: CommandContext, options: Options): Target[] {
  const { operands } = options;
  const into = options.value("t");
  if (into === undefined && operands.length < 2) {
    if (operands[0] !== undefined) throw missingOperand(context, operands[0]);
    throw new CommandError(`missing file operand\nTry '${context.name} --help' for more information.`);
  }
  const sources = into === undefined ? operands.slice(0, -1) : operands;
  const last = into ?? (operands.at(-1) as string);
  const directory = !options.has("T") && isDirectory(context.path(last));
  if (!directory && into !== undefined)
    throw new CommandError(`target directory ${quoted(last)}: Not a directory`);
  if (!directory && sources.length > 1)
    throw new CommandError(`target ${quoted(last)}: ${absence(context, last)}`);
  return sources.map((from) => ({ from, to: directory ? join(last, basename(from)) : last }));
}

function absence(context: CommandContext, name: string): string {
  return lookAt(context.path(name), statSync) === undefined ? "No such file or directory" : "Not a directory";
}

function isDirectory(path: string): boolean {
  return lookAt(path, statSync)?.isDirectory() === true;
}

/** Undefined for what isn't there or can't be reached. */
export function lookAt(
  path: string,
  look: (path: string, options: { throwIfNoEntry: false }) => Stats | undefined,
): Stats | undefined {
  try {
    return look(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}
