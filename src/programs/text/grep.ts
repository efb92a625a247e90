import { readdirSync, readFileSync, statSync } from "node:fs";
import { basename, join } from "node:path";
import type { Command, CommandContext } from "../command.js";
import { CommandError, quotedIfOdd, reason } from "../errors.js";
import { Turns, withInput } from "../io/files.js";
import { type Options, parseOptions } from "../options.js";
import { globRegex } from "./glob.js";
import { posixRegex } from "./regex.js";
import { Search, type SearchStyle } from "./search.js";

const TROUBLE = 2;

export const grep: Command = async (context) => {
  const args = context.args.map((arg) => arg.replace(/^-(\d+)$/, "-C$1"));
  let options: Options;
  try {
    options = parseOptions(context, grammar, args);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    const [message] = error.message.split("\n");
    throw new CommandError(`${message}\n${usage}`, TROUBLE);
  }
  const names = [...options.operands];
  const patterns = [
    ...options.values("e"),
    ...options.values("f").flatMap((file) => patternsOf(context, file)),
  ];
  if (!options.has("e") && !options.has("f")) {
    const pattern = names.shift();
    if (pattern === undefined) {
      await context.stderr(`${usage}\n`);
      return TROUBLE;
    }
    patterns.push(pattern);
  }
  const recursive = options.has("r") || options.has("R");
  const searcher = new Searcher(
    context,
    options,
    names,
    patterns.flatMap((text) => text.split("\n")),
  );
  if (names.length === 0) await (recursive ? searcher.tree(".", "") : searcher.file("-", "(standard input)"));
  for (const name of names) {
    if (searcher.done) break;
    if (recursive && name !== "-") await searcher.tree(name, name);
    else await searcher.file(name, name === "-" ? "(standard input)" : name);
  }
  // Something found is all that -q asks for; otherwise trouble is told even so.
  if (searcher.trouble && !(searcher.found && options.has("q"))) return TROUBLE;
  return searcher.found ? 0 : 1;
};

const usage = "Usage: grep [OPTION]... PATTERNS [FILE]...\nTry 'grep --help' for more information.";

const grammar = {
  letters: "A:abB:cC:d:D:e:Ef:FGhHiIlLm:noPqrRsTUvwxyzZ",
  names: {
    "after-context": "A:",
    text: "a",
    "byte-offset": "b",
    "before-context": "B:",
    count: "c",
    color: "color::",
    colour: "color::",
    context: "C:",
    regexp: "e:",
    "extended-regexp": "E",
    file: "f:",
    "fixed-strings": "F",
    "basic-regexp": "G",
    "no-filename": "h",
    "with-filename": "H",
    "ignore-case": "i",
    "no-ignore-case": "caseful",
    include: "include:",
    exclude: "exclude:",
    "exclude-dir": "exclude-dir:",
    "files-with-matches": "l",
    "files-without-match": "L",
    "line-buffered": "U",
    "max-count": "m:",
    "line-number": "n",
    "only-matching": "o",
    "perl-regexp": "P",
    quiet: "q",
    silent: "q",
    recursive: "r",
    "dereference-recursive": "R",
    "no-messages": "s",
    "invert-match": "v",
    "word-regexp": "w",
    "line-regexp": "x",
    null: "Z",
    "null-data": "z",
  },
  status: TROUBLE,
};

function patternsOf(context: CommandContext, name: string): string[] {
  try {
    const text = readFileSync(name === "-" ? 0 : context.path(name), "utf8");
    return text === "" ? [] : text.replace(/\n$/, "").split("\n");
  } catch (error) {
    throw new CommandError(`${name}: ${reason(error)}`, TROUBLE);
  }
}

/** One expression of all patterns. */
function regexOf(options: Options, name: string, patterns: readonly string[]): RegExp {
  const syntax = options.last("E", "F", "G", "P") ?? (name === "egrep" ? "E" : name === "fgrep" ? "F" : "G");
  const sources = patterns.map((pattern) => {
    if (syntax === "F") return pattern.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
    if (syntax === "P") return pattern;
    return posixRegex(pattern, { extended: syntax === "E" }).source;
  });
  // Alternatives of equal standing: the longest would win, and here the first does.
  let source =
    sources.length === 0 ? "(?!)" : sources.map((one) => (sources.length > 1 ? `(?:${one})` : one)).join("|");
  if (options.has("x")) source = `^(?:${source})$`;
  else if (options.has("w")) source = `(?<!\\w)(?:${source})(?!\\w)`;
  const ignore = options.last("i", "y", "caseful");
  try {
    return new RegExp(source, `gu${ignore === "i" || ignore === "y" ? "i" : ""}`);
  } catch {
    // What is harmless without the u flag, such as an escape of nothing special.
    return new RegExp(source, `g${ignore === "i" || ignore === "y" ? "i" : ""}`);
  }
}

class Searcher {
  found = false;
  trouble = false;
  readonly #context: CommandContext;
  readonly #options: Options;
  readonly #search: Search;
  readonly #turns: Turns;
  readonly #include: RegExp[];
  readonly #exclude: RegExp[];
  readonly #excludedDirectories: RegExp[];

  constructor(
    context: CommandContext,
    options: Options,
    names: readonly string[],
    patterns: readonly string[],
  ) {
    this.#context = context;
    this.#options = options;
    this.#turns = new Turns(context);
    this.#include = options.values("include").map(globRegex);
    this.#exclude = options.values("exclude").map(globRegex);
    this.#excludedDirectories = options
      .values("exclude-dir")
      .map((text) => globRegex(text.replace(/\/+$/, "")));
    const recursive = options.has("r") || options.has("R");
    const named = options.last("h", "H");
    const several =
      names.length > 1 || (recursive && !(names.length === 1 && this.#isFile(names[0] as string)));
    const number = (letter: string) => Number(options.value(letter) ?? options.value("C") ?? 0);
    const style: SearchStyle = {
      regex: regexOf(options, context.name, patterns),
      invert: options.has("v"),
      quiet: options.has("q"),
      list: (options.last("l", "L") as "l" | "L" | undefined) ?? null,
      count: options.has("c"),
      only: options.has("o"),
      most: Number(options.value("m") ?? Number.POSITIVE_INFINITY),
      before: number("B"),
      after: number("A"),
      grouped: options.has("A") || options.has("B") || options.has("C"),
      numbered: options.has("n"),
      offsets: options.has("b"),
      named: named === undefined ? several : named === "H",
      binary: options.has("a") || options.has("z") ? "text" : options.has("I") ? "none" : "told",
      delimiter: options.has("z") ? "\0" : "\n",
      color: options.value("color") === "always",
      null: options.has("Z"),
    };
    this.#search = new Search(context.stdout, style);
  }

  /** Whether nothing more needs to be looked at. */
  get done(): boolean {
    return this.found && this.#options.has("q");
  }

  #isFile(name: string): boolean {
    return statSync(this.#context.path(name), { throwIfNoEntry: false })?.isDirectory() === false;
  }

  async file(name: string, shown: string): Promise<void> {
    try {
      await withInput(this.#context, name, async (input) => {
        if (await this.#search.file(input, shown)) this.found = true;
      });
    } catch (error) {
      await this.#complain(name, reason(error));
    }
  }

  async tree(name: string, shown: string): Promise<void> {
    await this.#turns.next();
    let entries: { name: string; directory: boolean; file: boolean }[];
    try {
      if (!statSync(this.#context.path(name)).isDirectory()) return await this.file(name, name);
      entries = readdirSync(this.#context.path(name), { withFileTypes: true }).map((entry) => ({
        name: entry.name,
        directory: entry.isDirectory(),
        file: entry.isFile() || (this.#options.has("R") && entry.isSymbolicLink()),
      }));
    } catch (error) {
      return this.#complain(name, reason(error));
    }
    for (const entry of entries) {
      if (this.done) return;
      const path = shown === "" ? entry.name : `${shown.replace(/\/+$/, "")}/${entry.name}`;
      if (entry.directory && !matches(this.#excludedDirectories, entry.name))
        await this.tree(join(name, entry.name), path);
      if (entry.file && this.#wanted(basename(entry.name))) await this.file(path, path);
    }
  }

  #wanted(name: string): boolean {
    return (this.#include.length === 0 || matches(this.#include, name)) && !matches(this.#exclude, name);
  }

  async #complain(name: string, why: string): Promise<void> {
    this.trouble = true;
    if (!this.#options.has("s")) await this.#context.fail(`${quotedIfOdd(name)}: ${why}`);
  }
}

function matches(patterns: readonly RegExp[], name: string): boolean {
  return patterns.some((pattern) => pattern.test(name));
}
