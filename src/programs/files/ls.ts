import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { join } from "node:path";
import type { Command, CommandContext } from "../command.js";
import { quoted, quotedIfOdd, reason } from "../errors.js";
import { Turns } from "../io/files.js";
import { type Options, parseOptions } from "../options.js";
import { globRegex } from "../text/glob.js";
import { longLines, typeMark } from "./listing.js";

/** What `ls` ends with where an operand can't be reached. */
const TROUBLE = 2;

export interface Entry {
  name: string;
  path: string;
  stats: Stats;
  target: string | null;
}

export const ls: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "1AaBbCcdFfGghHiI:klLmNnopqQrRsStTuUvw:xXZ",
    names: {
      all: "a",
      "almost-all": "A",
      classify: "F::",
      color: "color::",
      directory: "d",
      dereference: "L",
      "group-directories-first": "first",
      "human-readable": "h",
      ignore: "I:",
      inode: "i",
      "no-group": "G",
      "numeric-uid-gid": "n",
      recursive: "R",
      reverse: "r",
      size: "s",
      sort: "sort:",
      "file-type": "p",
      "full-time": "full",
      "time-style": "style:",
      width: "w:",
    },
    status: TROUBLE,
  });
  const lister = new Lister(context, options);
  await lister.list(options.operands.length === 0 ? ["."] : options.operands);
  return lister.status;
};

class Lister {
  status = 0;
  readonly #context: CommandContext;
  readonly #options: Options;
  readonly #turns: Turns;
  readonly #compare: (a: Entry, b: Entry) => number;
  #shown = false;

  constructor(context: CommandContext, options: Options) {
    this.#context = context;
    this.#options = options;
    this.#turns = new Turns(context);
    this.#compare = comparison(options);
  }

  async list(names: readonly string[]): Promise<void> {
    const files: Entry[] = [];
    const directories: Entry[] = [];
    for (const name of names) {
      const entry = await this.#entry(name, this.#context.path(name), true);
      if (entry === null) continue;
      if (entry.stats.isDirectory() && !this.#options.has("d")) directories.push(entry);
      else files.push(entry);
    }
    if (files.length > 0) await this.#show(files.sort(this.#compare), false);
    const titled = names.length > 1 || this.#options.has("R");
    for (const { name, path } of directories.sort(this.#compare)) await this.#directory(name, path, titled);
  }

  async #directory(name: string, path: string, titled: boolean): Promise<void> {
    await this.#turns.next();
    let names: string[];
    try {
      names = readdirSync(path);
    } catch (error) {
      this.status = await this.#context.fail(
        `cannot open directory ${quoted(name)}: ${reason(error)}`,
        TROUBLE,
      );
      return;
    }
    const all = this.#options.last("a", "A", "f");
    if (all === undefined) names = names.filter((one) => !one.startsWith("."));
    const ignored = this.#options.values("I").map(globRegex);
    names = names.filter((one) => !ignored.some((regex) => regex.test(one)));
    if (all === "a" || all === "f") names.push(".", "..");
    const entries: Entry[] = [];
    for (const one of names) {
      const entry = await this.#entry(one, join(path, one), false, join(name, one));
      if (entry !== null) entries.push(entry);
    }
    entries.sort(this.#compare);
    if (titled) await this.#context.stdout(`${this.#shown ? "\n" : ""}${quotedIfOdd(name)}:\n`);
    await this.#show(entries, true);
    if (!this.#options.has("R")) return;
    for (const entry of entries)
      if (entry.stats.isDirectory() && entry.name !== "." && entry.name !== "..")
        await this.#directory(
          name === "/" ? `/${entry.name}` : `${name.replace(/\/+$/, "")}/${entry.name}`,
          entry.path,
          true,
        );
  }

  /** Null for what isn't there, which has been told. */
  async #entry(name: string, path: string, named: boolean, full = name): Promise<Entry | null> {
    await this.#turns.next();
    // A link to a directory that is named stands for the directory, unless it is to be seen itself.
    const { stats, error } = this.#look(path, named || this.#options.has("L"));
    if (stats === undefined) {
      const why = reason(error);
      const status = await this.#context.fail(`cannot access ${quoted(full)}: ${why}`, named ? TROUBLE : 1);
      this.status = Math.max(this.status, status);
      return null;
    }
    return { name, path, stats, target: stats.isSymbolicLink() ? readlinkSync(path) : null };
  }

  #look(path: string, follow: boolean): { stats?: Stats; error?: unknown } {
    const seen = ["l", "d", "F", "g", "n", "o"].some((name) => this.#options.has(name));
    try {
      if (this.#options.has("L") || (follow && !seen)) {
        const stats = statSync(path, { throwIfNoEntry: false });
        if (stats !== undefined) return { stats };
      }
      return { stats: lstatSync(path) };
    } catch (error) {
      return { error };
    }
  }

  async #show(entries: readonly Entry[], directory: boolean): Promise<void> {
    this.#shown = true;
    const options = this.#options;
    if (["l", "g", "n", "o", "full"].some((name) => options.has(name))) {
      await this.#context.stdout(longLines(entries, options, directory));
      return;
    }
    const names = entries.map((entry) => {
      const inode = options.has("i") ? `${entry.stats.ino} ` : "";
      const blocks = options.has("s") ? `${Math.ceil(entry.stats.blocks / 2)} ` : "";
      const name = options.has("Q") ? `"${entry.name}"` : entry.name;
      return inode + blocks + name + typeMark(entry.stats, options);
    });
    const total = options.has("s") && directory ? `total ${blocksOf(entries)}\n` : "";
    if (names.length === 0) await this.#context.stdout(total);
    else if (options.last("m", "1", "l") === "m") await this.#context.stdout(`${names.join(", ")}\n`);
    else await this.#context.stdout(total + names.map((name) => `${name}\n`).join(""));
  }
}

function blocksOf(entries: readonly Entry[]): number {
  return entries.reduce((sum, { stats }) => sum + Math.ceil(stats.blocks / 2), 0);
}

function byName(a: Entry, b: Entry): number {
  return a.name < b.name ? -1 : a.name > b.name ? 1 : 0;
}

function comparison(options: Options): (a: Entry, b: Entry) => number {
  const word = { size: "S", time: "t", none: "U", extension: "X", version: "v", name: "" }[
    options.value("sort") ?? ""
  ];
  const order = options.last("S", "t", "U", "X", "v", "f") ?? word;
  const key = options.has("u") ? "atimeMs" : options.has("c") ? "ctimeMs" : "mtimeMs";
  const extension = ({ name }: Entry) => /.(\.[^.]*)$/.exec(name)?.[1] ?? "";
  const rank = (entry: Entry) => (options.has("first") && entry.stats.isDirectory() ? 0 : 1);
  const compare = (a: Entry, b: Entry): number => {
    if (order === "S") return b.stats.size - a.stats.size || byName(a, b);
    if (order === "t") return b.stats[key] - a.stats[key] || byName(a, b);
    if (order === "v") return a.name.localeCompare(b.name, "en", { numeric: true }) || byName(a, b);
    if (order === "X")
      return extension(a) < extension(b) ? -1 : extension(a) > extension(b) ? 1 : byName(a, b);
    return byName(a, b);
  };
  if (order === "U" || order === "f") return () => 0;
  const sign = options.has("r") ? -1 : 1;
  return (a, b) => rank(a) - rank(b) || sign * compare(a, b);
}
