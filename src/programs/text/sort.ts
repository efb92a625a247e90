import { writeFileSync } from "node:fs";
import type { Command } from "../command.js";
import { CommandError, quotedIfOdd, reason } from "../errors.js";
import { withInput } from "../io/files.js";
import { joinLines, lineBatches } from "../io/lines.js";
import { parseOptions } from "../options.js";
import { Order } from "./order.js";

const TROUBLE = 2;
const AT_ONCE = 2000;

export const sort: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "bcCdfghik:mMno:rRsS:t:T:uVz",
    names: {
      "ignore-leading-blanks": "b",
      check: "c::",
      "dictionary-order": "d",
      "ignore-case": "f",
      "general-numeric-sort": "g",
      "human-numeric-sort": "h",
      key: "k:",
      merge: "m",
      "month-sort": "M",
      "numeric-sort": "n",
      output: "o:",
      reverse: "r",
      stable: "s",
      "buffer-size": "S:",
      "field-separator": "t:",
      unique: "u",
      "version-sort": "V",
      "zero-terminated": "z",
      parallel: "parallel:",
    },
    status: TROUBLE,
  });
  const order = new Order(options);
  const delimiter = options.has("z") ? "\0" : "\n";
  const lines: string[] = [];
  for (const name of options.operands.length === 0 ? ["-"] : options.operands)
    try {
      await withInput(context, name, async (input) => {
        for await (const batch of lineBatches(input, "latin1", delimiter))
          for (const line of batch.lines) lines.push(line);
      });
    } catch (error) {
      const { code } = error as NodeJS.ErrnoException;
      const what = code === "EISDIR" ? "read failed" : "cannot read";
      return context.fail(`${what}: ${quotedIfOdd(name)}: ${reason(error)}`, TROUBLE);
    }
  if (options.has("c") || options.has("C")) {
    const at = order.disorder(lines);
    if (at < 0) return 0;
    const name = options.operands[0] ?? "-";
    if (options.has("C")) return 1;
    return context.fail(`${name}:${at + 1}: disorder: ${Buffer.from(lines[at] as string, "latin1")}`);
  }
  const sorted = order.sort(lines);
  const output = options.value("o");
  if (output === undefined)
    for (let at = 0; at < sorted.length; at += AT_ONCE)
      await context.stdout(joinLines(sorted.slice(at, at + AT_ONCE), "latin1", delimiter));
  else
    try {
      writeFileSync(context.path(output), joinLines(sorted, "latin1", delimiter));
    } catch (error) {
      throw new CommandError(`open failed: ${quotedIfOdd(output)}: ${reason(error)}`, TROUBLE);
    }
  return 0;
};
