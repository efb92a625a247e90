import { linkSync, lstatSync, realpathSync, statSync, symlinkSync, unlinkSync } from "node:fs";
import { basename, dirname, relative } from "node:path";
import type { Command, CommandContext } from "../command.js";
import { quoted, reason } from "../errors.js";
import { type Options, parseOptions } from "../options.js";
import { lookAt, type Target, targetLetters, targetNames, targetsOf } from "./targets.js";

export const ln: Command = async (context) => {
  const options = parseOptions(context, {
    letters: `fiLnPrsv${targetLetters}`,
    names: {
      force: "f",
      interactive: "i",
      logical: "L",
      "no-dereference": "n",
      physical: "P",
      relative: "r",
      symbolic: "s",
      verbose: "v",
      ...targetNames,
    },
  });
  const symbolic = options.has("s");
  let status = 0;
  for (const { from, to } of pairs(context, options)) {
    const target = context.path(to);
    const what = `${symbolic ? "symbolic" : "hard"} link ${quoted(to)}`;
    if (!symbolic) {
      const source = lookAt(context.path(from), lstatSync);
      const trouble =
        source === undefined ? `failed to access ${quoted(from)}: No such file or directory` : null;
      const refused = source?.isDirectory() ? `${from}: hard link not allowed for directory` : trouble;
      if (refused !== null) {
        status = await context.fail(refused);
        continue;
      }
    }
    try {
      if (options.has("f") && lookAt(target, lstatSync)?.isDirectory() === false) unlinkSync(target);
      if (symbolic) symlinkSync(options.has("r") ? pathFrom(context, from, target) : from, target);
      else linkSync(context.path(from), target);
      if (options.has("v")) await context.stdout(`${quoted(to)} ${symbolic ? "->" : "=>"} ${quoted(from)}\n`);
    } catch (error) {
      const arrow =
        symbolic || (error as NodeJS.ErrnoException).code === "EEXIST" ? "" : ` => ${quoted(from)}`;
      status = await context.fail(`failed to create ${what}${arrow}: ${reason(error)}`);
    }
  }
  return status;
};

/** A single operand gets a link of its own name here; `-n` sees a link to a directory as a link. */
function pairs(context: CommandContext, options: Options): Target[] {
  const [only, second] = options.operands;
  if (only !== undefined && second === undefined && !options.has("t"))
    return [{ from: only, to: `./${basename(only)}` }];
  if (options.has("n") && options.operands.length === 2 && second !== undefined && !options.has("t")) {
    const there = lookAt(context.path(second), lstatSync);
    if (there?.isSymbolicLink()) return [{ from: only as string, to: second }];
  }
  return targetsOf(context, options);
}

function pathFrom(context: CommandContext, name: string, link: string): string {
  const path = context.path(name);
  const real = lookAt(path, statSync) === undefined ? path : realpathSync(path);
  return relative(realpathSync(dirname(link)), real) || ".";
}
