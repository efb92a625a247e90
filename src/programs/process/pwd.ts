import { realpathSync, statSync } from "node:fs";
import type { Command, CommandContext } from "../command.js";
import { parseOptions } from "../options.js";

export const pwd: Command = async (context) => {
  const options = parseOptions(context, { letters: "LP", names: { logical: "L", physical: "P" } });
  const logical = options.last("L", "P") === "L" && sameDirectory(context);
  await context.stdout(`${logical ? context.env["PWD"] : realpathSync(context.cwd)}\n`);
  return 0;
};

/** Whether PWD tells the truth. */
function sameDirectory({ env, cwd }: CommandContext): boolean {
  const named = env["PWD"];
  if (!named?.startsWith("/")) return false;
  const [a, b] = [statSync(named, { throwIfNoEntry: false }), statSync(cwd)];
  return a !== undefined && a.dev === b.dev && a.ino === b.ino;
}
