import { writeSync } from "node:fs";
import type { Command, CommandContext } from "../command.js";
import { CommandError, quoted, quotedIfOdd, reason } from "../errors.js";
import { FileDescriptor } from "../io/file.js";
import { withInput } from "../io/files.js";
import { joinLines, lineBatches } from "../io/lines.js";
import { extraOperand, type Options, parseOptions, usageError } from "../options.js";

const separations = {
  D: ["none", "prepend", "separate"],
  group: ["prepend", "append", "separate", "both"],
} as const;

export const uniq: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "cdDf:is:uw:z",
    names: {
      "all-repeated": "D::",
      "check-chars": "w:",
      count: "c",
      group: "group::",
      "ignore-case": "i",
      repeated: "d",
      "skip-chars": "s:",
      "skip-fields": "f:",
      unique: "u",
      "zero-terminated": "z",
    },
  });
  const [from = "-", to = "-", extra] = options.operands;
  if (extra !== undefined) throw extraOperand(context, extra);
  const groups = new Groups(context, options);
  const delimiter = options.has("z") ? "\0" : "\n";
  const output = to === "-" ? null : await FileDescriptor.open(context.path(to), "w");
  const write = async (lines: readonly string[]) => {
    const bytes = joinLines(lines, "latin1", delimiter);
    if (output === null) await context.stdout(bytes);
    else writeSync(output.fd, bytes);
  };
  try {
    await withInput(context, from, async (input) => {
      for await (const { lines } of lineBatches(input, "latin1", delimiter))
        await write(lines.flatMap((line) => groups.line(line)));
      await write(groups.end());
    });
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EISDIR")
      throw new CommandError(`error reading ${quoted(from)}`);
    throw new CommandError(`${quotedIfOdd(from)}: ${reason(error)}`);
  } finally {
    output?.release();
  }
  return 0;
};

/** Lines that are equal and follow each other. */
class Groups {
  readonly #keyOf: (line: string) => string;
  readonly #counted: boolean;
  readonly #unique: boolean;
  readonly #repeated: boolean;
  /** How whole groups are set off from each other, where all of their lines are shown. */
  readonly #separated: string | null;
  readonly #all: boolean;
  #first: string | null = null;
  #key = "";
  #count = 0;
  #shown = false;

  constructor(context: CommandContext, options: Options) {
    this.#keyOf = keyOf(options);
    this.#counted = options.has("c");
    this.#unique = options.has("u");
    this.#repeated = options.has("d") || options.has("D");
    this.#all = options.has("group");
    this.#separated = this.#all
      ? methodOf(context, options, "group", "separate")
      : options.has("D")
        ? methodOf(context, options, "D", "none")
        : null;
    if (this.#counted && this.#separated !== null)
      throw usageError(
        context,
        this.#all
          ? "--group is mutually exclusive with -c/-d/-D/-u"
          : "printing all duplicated lines and repeat counts is meaningless",
      );
  }

  /** What is shown now that a line has come. */
  line(line: string): string[] {
    const key = this.#keyOf(line);
    if (this.#first !== null && key === this.#key) {
      this.#count++;
      if (this.#separated === null) return [];
      if (this.#all) return [line];
      return this.#count === 2 ? [...this.#opening(), this.#first, line] : [line];
    }
    const out = this.#close();
    this.#first = line;
    this.#key = key;
    this.#count = 1;
    return this.#all ? [...out, ...this.#opening(), line] : out;
  }

  end(): string[] {
    const out = this.#close();
    if (this.#shown && (this.#separated === "append" || this.#separated === "both")) out.push("");
    return out;
  }

  /** What is shown of a group at its end. */
  #close(): string[] {
    if (this.#first === null || this.#separated !== null) return [];
    const shown = this.#count > 1 ? !this.#unique : !this.#repeated;
    if (!shown) return [];
    return [this.#counted ? `${String(this.#count).padStart(7)} ${this.#first}` : this.#first];
  }

  #opening(): string[] {
    const before =
      this.#separated === "prepend" ||
      this.#separated === "both" ||
      (this.#shown && this.#separated !== "none");
    this.#shown = true;
    return before ? [""] : [];
  }
}

function methodOf(
  context: CommandContext,
  options: Options,
  name: keyof typeof separations,
  usual: string,
): string {
  const given = options.value(name);
  if (given === undefined) return usual;
  const known: readonly string[] = separations[name];
  const method = known.find((one) => one.startsWith(given));
  if (method !== undefined) return method;
  const what = name === "D" ? "--all-repeated" : "--group";
  const list = known.map((one) => `  - ${quoted(one)}`).join("\n");
  throw usageError(
    context,
    `invalid argument ${quoted(given)} for ${quoted(what)}\nValid arguments are:\n${list}`,
  );
}

/** What of a line is compared. */
function keyOf(options: Options): (line: string) => string {
  const number = (letter: string, what: string) => {
    const text = options.value(letter);
    if (text === undefined) return null;
    if (!/^\d+$/.test(text)) throw new CommandError(`${text}: invalid number of ${what}`);
    return Number(text);
  };
  const fields = number("f", "fields to skip") ?? 0;
  const characters = number("s", "bytes to skip") ?? 0;
  const width = number("w", "bytes to compare");
  const ignore = options.has("i");
  const skipped = new RegExp(`^(?:[ \\t]*[^ \\t]*){0,${fields}}`);
  return (line) => {
    let start = fields === 0 ? 0 : (skipped.exec(line)?.[0].length ?? 0);
    start += characters;
    const key = width === null ? line.slice(start) : line.slice(start, start + width);
    return ignore ? key.toLowerCase() : key;
  };
}
