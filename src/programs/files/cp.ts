import type { Command } from "../command.js";
import { parseOptions } from "../options.js";
import { Copier } from "./copy.js";
import { targetLetters, targetNames, targetsOf } from "./targets.js";

export const cp: Command = async (context) => {
  const options = parseOptions(context, {
    letters: `adfHilLnpPrRsuv${targetLetters}`,
    names: {
      archive: "a",
      force: "f",
      interactive: "i",
      link: "l",
      dereference: "L",
      "no-clobber": "n",
      "no-dereference": "P",
      preserve: "preserve::",
      "no-preserve": "unkept:",
      recursive: "r",
      "symbolic-link": "s",
      update: "u::",
      verbose: "v",
      reflink: "reflink::",
      ...targetNames,
    },
  });
  const has = (...names: string[]) => names.some((name) => options.has(name));
  const kept = (options.value("preserve") ?? (has("preserve", "p") ? "mode,ownership,timestamps" : "")).split(
    ",",
  );
  const keeps = (name: string) => has("a") || kept.includes(name) || kept.includes("all");
  const recursive = has("r", "R", "a");
  const links = options.last("L", "P", "H", "d", "a");
  const copier = new Copier(context, {
    recursive,
    follow:
      links === "L" ? "all" : links === "H" ? "named" : links === undefined && !recursive ? "all" : "none",
    mode: keeps("mode"),
    times: keeps("timestamps"),
    owner: keeps("ownership"),
    force: has("f"),
    noClobber: options.last("n", "f", "i") === "n",
    update: has("u"),
    link: has("l") ? "hard" : has("s") ? "symbolic" : null,
    verbose: has("v"),
  });
  for (const { from, to } of targetsOf(context, options)) await copier.copy(from, to);
  return copier.status;
};
