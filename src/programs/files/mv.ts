import { lstatSync, renameSync, statSync } from "node:fs";
import type { Command } from "../command.js";
import { quoted, reason } from "../errors.js";
import { parseOptions } from "../options.js";
import { lookAt, targetLetters, targetNames, targetsOf } from "./targets.js";

export const mv: Command = async (context) => {
  const options = parseOptions(context, {
    letters: `finuv${targetLetters}`,
    names: {
      force: "f",
      interactive: "i",
      "no-clobber": "n",
      update: "u::",
      verbose: "v",
      ...targetNames,
    },
  });
  const noClobber = options.last("f", "i", "n") === "n";
  let status = 0;
  for (const { from, to } of targetsOf(context, options)) {
    const [path, target] = [context.path(from), context.path(to)];
    try {
      const source = lstatSync(path);
      const there = lookAt(target, lstatSync);
      if (there !== undefined) {
        if (noClobber || (options.has("u") && there.mtimeMs >= source.mtimeMs)) continue;
        const same = there.dev === source.dev && there.ino === source.ino;
        const trouble = same
          ? `${quoted(from)} and ${quoted(to)} are the same file`
          : obstacle(source.isDirectory(), lookAt(target, statSync)?.isDirectory() === true, from, to);
        if (trouble !== null) {
          status = await context.fail(trouble);
          continue;
        }
      }
      if (to.endsWith("/") && !source.isDirectory() && there === undefined) {
        status = await context.fail(`cannot move ${quoted(from)} to ${quoted(to)}: Not a directory`);
        continue;
      }
      renameSync(path, target);
      if (options.has("v")) await context.stdout(`renamed ${quoted(from)} -> ${quoted(to)}\n`);
    } catch (error) {
      const { code, syscall } = error as NodeJS.ErrnoException;
      const why = reason(error);
      if (syscall === "lstat") status = await context.fail(`cannot stat ${quoted(from)}: ${why}`);
      else if (code === "EINVAL")
        status = await context.fail(`cannot move ${quoted(from)} to a subdirectory of itself, ${quoted(to)}`);
      else status = await context.fail(`cannot move ${quoted(from)} to ${quoted(to)}: ${why}`);
    }
  }
  return status;
};

function obstacle(directory: boolean, ontoDirectory: boolean, from: string, to: string): string | null {
  if (directory === ontoDirectory) return null;
  return directory
    ? `cannot overwrite non-directory ${quoted(to)} with directory ${quoted(from)}`
    : `cannot overwrite directory ${quoted(to)} with non-directory`;
}
