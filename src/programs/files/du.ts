import { lstatSync, readdirSync, type Stats, statSync } from "node:fs";
import type { Command, CommandContext } from "../command.js";
import { CommandError, quoted, reason } from "../errors.js";
import { Turns } from "../io/files.js";
import { type Options, parseOptions, usageError } from "../options.js";
import { globRegex } from "../text/glob.js";
import { type SizeStyle, sizeOptions, sizeStyle } from "./sizes.js";

export const du: Command = async (context) => {
  const options = parseOptions(context, {
    letters: `0abcd:DLlPsSx${sizeOptions.letters}`,
    names: {
      ...sizeOptions.names,
      all: "a",
      "apparent-size": "apparent",
      bytes: "b",
      "count-links": "l",
      dereference: "L",
      exclude: "exclude:",
      "max-depth": "d:",
      null: "0",
      "one-file-system": "x",
      "separate-dirs": "S",
      summarize: "s",
      total: "c",
    },
  });
  const walk = new Usage(context, options);
  let total = 0;
  for (const name of options.operands.length === 0 ? ["."] : options.operands) total += await walk.root(name);
  if (options.has("c")) await walk.show(total, "total");
  return walk.status;
};

class Usage {
  status = 0;
  readonly #context: CommandContext;
  readonly #options: Options;
  readonly #style: SizeStyle;
  readonly #apparent: boolean;
  readonly #depth: number;
  readonly #excluded: RegExp[];
  readonly #turns: Turns;
  /** Files with several names that have been counted. */
  readonly #seen = new Set<string>();

  constructor(context: CommandContext, options: Options) {
    this.#context = context;
    this.#options = options;
    this.#style = sizeStyle(context, options);
    this.#apparent = options.has("apparent") || options.has("b");
    this.#excluded = options.values("exclude").map(globRegex);
    this.#turns = new Turns(context);
    this.#depth = depthOf(context, options);
  }

  async root(name: string): Promise<number> {
    const follow = this.#options.has("D") || this.#options.has("L");
    return this.#walk(name, 0, follow);
  }

  async show(bytes: number, name: string): Promise<void> {
    await this.#context.stdout(`${this.#style.show(bytes)}\t${name}${this.#options.has("0") ? "\0" : "\n"}`);
  }

  /** What a file or a tree takes. */
  async #walk(name: string, depth: number, follow: boolean): Promise<number> {
    await this.#turns.next();
    const path = this.#context.path(name);
    let stats: Stats;
    try {
      stats = (follow ? statSync : lstatSync)(path);
    } catch (error) {
      this.status = await this.#context.fail(`cannot access ${quoted(name)}: ${reason(error)}`);
      return 0;
    }
    if (this.#counted(stats)) return 0;
    const directory = stats.isDirectory();
    const own = this.#apparent ? stats.size : stats.blocks * 512;
    const { inside, whole } = directory ? await this.#inside(name, depth) : { inside: 0, whole: 0 };
    if ((directory || depth === 0 || this.#options.has("a")) && depth <= this.#depth)
      await this.show(own + inside, name);
    return own + whole;
  }

  /** What counts for the directory, and all that is in it. */
  async #inside(name: string, depth: number): Promise<{ inside: number; whole: number }> {
    const sum = { inside: 0, whole: 0 };
    let entries: { name: string; isDirectory(): boolean }[];
    try {
      entries = readdirSync(this.#context.path(name), { withFileTypes: true });
    } catch (error) {
      this.status = await this.#context.fail(`cannot read directory ${quoted(name)}: ${reason(error)}`);
      return sum;
    }
    for (const entry of entries) {
      const path = `${name.replace(/(?<!^)\/+$/, "")}${name === "/" ? "" : "/"}${entry.name}`;
      if (this.#excluded.some((regex) => regex.test(entry.name) || regex.test(path))) continue;
      const size = await this.#walk(path, depth + 1, this.#options.has("L"));
      sum.whole += size;
      if (!(this.#options.has("S") && entry.isDirectory())) sum.inside += size;
    }
    return sum;
  }

  /** Files with several names count once, and so does what is named twice. */
  #counted(stats: Stats): boolean {
    if (this.#options.has("l") || (stats.nlink < 2 && !stats.isDirectory())) return false;
    const key = `${stats.dev}:${stats.ino}`;
    if (this.#seen.has(key)) return true;
    this.#seen.add(key);
    return false;
  }
}

function depthOf(context: CommandContext, options: Options): number {
  const text = options.value("d");
  const summarize = options.has("s");
  if (summarize && options.has("a")) throw usageError(context, "cannot both summarize and show all entries");
  if (text === undefined) return summarize ? 0 : Number.POSITIVE_INFINITY;
  if (!/^\d+$/.test(text)) throw usageError(context, `invalid maximum depth ${quoted(text)}`);
  if (summarize && text !== "0")
    throw new CommandError(`warning: summarizing conflicts with --max-depth=${text}`);
  return Number(text);
}
