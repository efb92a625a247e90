import { chmodSync, mkdirSync, rmdirSync, statSync } from "node:fs";
import { dirname } from "node:path";
import type { Command, CommandContext } from "../command.js";
import { CommandError, quoted, reason } from "../errors.js";
import { missingOperand, parseOptions } from "../options.js";
import { changeMode, parseMode } from "./mode.js";

export const mkdir: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "m:pv",
    names: { mode: "m:", parents: "p", verbose: "v" },
  });
  if (options.operands.length === 0) throw missingOperand(context);
  const text = options.value("m");
  const mode = text === undefined ? undefined : changeMode(parseMode(text), 0o777, true, 0);
  let status = 0;
  for (const name of options.operands)
    try {
      if (options.has("p")) await withParents(context, name, options.has("v"));
      else {
        mkdirSync(context.path(name));
        if (options.has("v")) await context.stdout(`mkdir: created directory ${quoted(name)}\n`);
      }
      if (mode !== undefined) chmodSync(context.path(name), mode);
    } catch (error) {
      const own = error instanceof CommandError;
      status = await context.fail(
        own ? error.message : `cannot create directory ${quoted(name)}: ${reason(error)}`,
      );
    }
  return status;
};

async function withParents(context: CommandContext, name: string, verbose: boolean): Promise<void> {
  const missing: string[] = [];
  for (let at = name; !isDirectory(context.path(at)); at = dirname(at)) {
    missing.unshift(at);
    if (dirname(at) === at) break;
  }
  for (const one of missing) {
    try {
      mkdirSync(context.path(one));
    } catch (error) {
      // What stands in the way of more below it is told by its own name.
      if (one === name || (error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
      throw new CommandError(`cannot create directory ${quoted(one)}: Not a directory`);
    }
    if (verbose) await context.stdout(`mkdir: created directory ${quoted(one)}\n`);
  }
}

/** What is there and is no directory makes the call fail that comes next. */
function isDirectory(path: string): boolean {
  try {
    return statSync(path, { throwIfNoEntry: false })?.isDirectory() === true;
  } catch {
    return false;
  }
}

export const rmdir: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "pv",
    names: { parents: "p", verbose: "v", "ignore-fail-on-non-empty": "ignore" },
  });
  if (options.operands.length === 0) throw missingOperand(context);
  let status = 0;
  for (const operand of options.operands)
    for (let name = operand; ; name = dirname(name)) {
      try {
        if (options.has("v")) await context.stdout(`rmdir: removing directory, ${quoted(name)}\n`);
        rmdirSync(context.path(name));
      } catch (error) {
        if (options.has("ignore") && (error as NodeJS.ErrnoException).code === "ENOTEMPTY") break;
        status = await context.fail(`failed to remove ${quoted(name)}: ${reason(error)}`);
        break;
      }
      if (!options.has("p") || dirname(name) === "." || dirname(name) === name) break;
    }
  return status;
};
