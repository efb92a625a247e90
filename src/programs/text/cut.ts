import type { Command, CommandContext } from "../command.js";
import { eachInput } from "../io/files.js";
import { joinLines, lineBatches } from "../io/lines.js";
import { type Options, parseOptions, usageError } from "../options.js";
import { Ranges } from "./ranges.js";

export const cut: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "b:c:d:f:nsz",
    names: {
      bytes: "b:",
      characters: "c:",
      complement: "complement",
      delimiter: "d:",
      fields: "f:",
      "only-delimited": "s",
      "output-delimiter": "output:",
      "zero-terminated": "z",
    },
  });
  const cutLine = cutter(context, options);
  const delimiter = options.has("z") ? "\0" : "\n";
  return eachInput(context, options.operands, async (input) => {
    for await (const { lines } of lineBatches(input, "latin1", delimiter)) {
      const shown = lines.map(cutLine).filter((line) => line !== null);
      await context.stdout(joinLines(shown, "latin1", delimiter));
    }
  });
};

/** Answers what is left of a line; null where that isn't even an empty line. */
function cutter(context: CommandContext, options: Options): (line: string) => string | null {
  const lists = options.given.filter(({ name }) => "bcf".includes(name));
  const [list] = lists;
  if (list === undefined)
    throw usageError(context, "you must specify a list of bytes, characters, or fields");
  if (lists.length > 1) throw usageError(context, "only one list may be specified");
  const fields = list.name === "f";
  const given = options.value("d");
  if (given !== undefined && !fields)
    throw usageError(context, "an input delimiter may be specified only when operating on fields");
  if (options.has("s") && !fields)
    throw usageError(context, "suppressing non-delimited lines makes sense\n\tonly when operating on fields");
  const between = Buffer.from(given === "" ? "\0" : (given ?? "\t")).toString("latin1");
  if (between.length > 1) throw usageError(context, "the delimiter must be a single character");
  const ranges = new Ranges(context, list.value ?? "", fields, options.has("complement"));
  const wanted = options.value("output");
  const joint = wanted === undefined ? (fields ? between : "") : Buffer.from(wanted).toString("latin1");
  if (!fields)
    return (line) =>
      ranges
        .within(line.length)
        .map(({ start, end }) => line.slice(start, end))
        .join(joint);
  const only = options.has("s");
  return (line) => {
    if (!line.includes(between)) return only ? null : line;
    return line
      .split(between)
      .filter((_, at) => ranges.has(at + 1))
      .join(joint);
  };
}
