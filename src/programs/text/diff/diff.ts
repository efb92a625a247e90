import type { Command, CommandContext } from "../../command.js";
import { CommandError, quoted } from "../../errors.js";
import { type Options, parseOptions } from "../../options.js";
import { Comparison, TROUBLE } from "./comparison.js";
import { context as contextFormat, type Format, normal, unified } from "./formats.js";

const AROUND = 3;

export const diff: Command = async (context) => {
  const options = optionsOf(context);
  const [first, second, extra] = options.operands;
  if (first === undefined) throw hinted(`missing operand after ${quoted(context.args.at(-1) ?? "diff")}`);
  if (second === undefined) throw hinted(`missing operand after ${quoted(first)}`);
  if (extra !== undefined) throw hinted(`extra operand ${quoted(extra)}`);
  return new Comparison(context, options, formatOf(options)).operands(first, second);
};

function hinted(message: string): CommandError {
  return new CommandError(`${message}\ndiff: Try 'diff --help' for more information.`, TROUBLE);
}

function optionsOf(context: CommandContext): Options {
  // A number among the letters is that of the lines around.
  const args = context.args.flatMap((arg) => {
    const [, letters, style, number] = /^-([abBdiNprqstTwZE]*)([uc]?)(\d+)$/.exec(arg) ?? [];
    if (number === undefined) return [arg];
    return [...(letters === "" ? [] : [`-${letters}`]), `-${style === "c" ? "C" : "U"}${number}`];
  });
  const grammar = {
    letters: "abBcC:dEiI:L:NqrsS:tTuU:wx:Z",
    names: {
      brief: "q",
      color: "color::",
      context: "C::",
      "exclude-from": "X:",
      exclude: "x:",
      "ignore-all-space": "w",
      "ignore-blank-lines": "B",
      "ignore-case": "i",
      "ignore-matching-lines": "I:",
      "ignore-space-change": "b",
      "ignore-trailing-space": "Z",
      label: "L:",
      minimal: "d",
      "new-file": "N",
      "no-dereference": "no-dereference",
      normal: "normal",
      recursive: "r",
      "report-identical-files": "s",
      "strip-trailing-cr": "strip",
      text: "a",
      unified: "U::",
    },
    status: TROUBLE,
  };
  try {
    return parseOptions(context, grammar, args);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw hinted(error.message.split("\n")[0] as string);
  }
}

function formatOf(options: Options): Format | null {
  if (options.has("q")) return null;
  const letter = options.last("c", "C", "u", "U", "normal");
  if (letter === undefined || letter === "normal") return normal;
  const around = options.value(letter) ?? String(AROUND);
  if (!/^\d+$/.test(around)) throw new CommandError(`invalid context length ${quoted(around)}`, TROUBLE);
  return letter === "c" || letter === "C" ? contextFormat(Number(around)) : unified(Number(around));
}
