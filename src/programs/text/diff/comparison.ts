import { readdirSync, type Stats, statSync } from "node:fs";
import { basename } from "node:path";
import type { CommandContext } from "../../command.js";
import { quotedIfOdd, reason } from "../../errors.js";
import { exactTime } from "../../files/times.js";
import { Turns, withInput } from "../../io/files.js";
import type { Options } from "../../options.js";
import { globRegex } from "../glob.js";
import { posixRegex } from "../regex.js";
import { type Change, changesOf } from "./changes.js";
import type { Format, Side } from "./formats.js";

/** What `diff` ends with where it couldn't compare. */
export const TROUBLE = 2;

/** Compares files and trees, and shows what differs. */
export class Comparison {
  readonly #context: CommandContext;
  readonly #options: Options;
  /** Null where it is only told that files differ. */
  readonly #format: Format | null;
  readonly #turns: Turns;
  readonly #excluded: RegExp[];
  readonly #ignored: RegExp[];
  /** The options as they were given, which stand before the names of files within trees. */
  readonly #given: string;

  constructor(context: CommandContext, options: Options, format: Format | null) {
    this.#context = context;
    this.#options = options;
    this.#format = format;
    this.#turns = new Turns(context);
    this.#excluded = options.values("x").map(globRegex);
    this.#ignored = options.values("I").map((pattern) => posixRegex(pattern, { extended: false }));
    this.#given = context.args
      .filter((arg) => !options.operands.includes(arg))
      .map((arg) => ` ${quotedIfOdd(arg)}`)
      .join("");
  }

  /** Answers 0 where they are the same, 1 where they differ. */
  async operands(a: string, b: string): Promise<number> {
    const [one, two] = [await this.#look(a), await this.#look(b)];
    if (one === null || two === null) return TROUBLE;
    if (one?.isDirectory() && two?.isDirectory()) return this.#trees(a, b);
    // A file and a directory: the file of that name in it.
    if (one?.isDirectory()) return this.#files(`${a.replace(/\/+$/, "")}/${basename(b)}`, b);
    if (two?.isDirectory()) return this.#files(a, `${b.replace(/\/+$/, "")}/${basename(a)}`);
    return this.#files(a, b);
  }

  /** Undefined for stdin, and for what may be missing; null where that is told as trouble. */
  async #look(name: string): Promise<Stats | undefined | null> {
    if (name === "-") return undefined;
    try {
      return statSync(this.#context.path(name));
    } catch (error) {
      const why = reason(error);
      if (this.#options.has("N") && (error as NodeJS.ErrnoException).code === "ENOENT") return undefined;
      await this.#context.fail(`${name}: ${why}`);
      return null;
    }
  }

  async #trees(a: string, b: string): Promise<number> {
    await this.#turns.next();
    const list = (name: string) =>
      readdirSync(this.#context.path(name)).filter((one) => !this.#excluded.some((regex) => regex.test(one)));
    const [inA, inB] = [new Set(list(a)), new Set(list(b))];
    let status = 0;
    for (const name of [...new Set([...inA, ...inB])].sort()) {
      const [one, two] = [`${a.replace(/\/+$/, "")}/${name}`, `${b.replace(/\/+$/, "")}/${name}`];
      status = Math.max(
        status,
        await this.#entry(name, inA.has(name) ? one : null, inB.has(name) ? two : null, a, b),
      );
    }
    return status;
  }

  async #entry(name: string, one: string | null, two: string | null, a: string, b: string): Promise<number> {
    const absent = one === null || two === null;
    if (absent && !this.#options.has("N")) {
      await this.#context.stdout(`Only in ${one === null ? b : a}: ${name}\n`);
      return 1;
    }
    const [first, second] = [one ?? `${a}/${name}`, two ?? `${b}/${name}`];
    const [stats, other] = [one, two].map((path) =>
      path === null ? undefined : statSync(this.#context.path(path), { throwIfNoEntry: false }),
    );
    const kinds = [stats, other].filter((each) => each !== undefined);
    if (kinds.every((each) => each.isDirectory())) {
      if (absent) return this.#lonely(one, first, second);
      if (this.#options.has("r")) return this.#trees(first, second);
      if (this.#format !== null)
        await this.#context.stdout(`Common subdirectories: ${first} and ${second}\n`);
      return 0;
    }
    if (kinds.some((each) => each.isDirectory())) {
      const kind = (each: Stats | undefined) => (each?.isDirectory() ? "a directory" : "a regular file");
      await this.#context.stdout(`File ${first} is ${kind(stats)} while file ${second} is ${kind(other)}\n`);
      return 1;
    }
    return this.#files(first, second, `diff${this.#given} ${quotedIfOdd(first)} ${quotedIfOdd(second)}\n`);
  }

  /** A directory that only one tree has, whose files count as empty ones in the other. */
  async #lonely(one: string | null, first: string, second: string): Promise<number> {
    if (!this.#options.has("r")) return 1;
    let status = 0;
    for (const name of readdirSync(this.#context.path(one === null ? second : first)).sort()) {
      const [left, right] = [`${first}/${name}`, `${second}/${name}`];
      status = Math.max(
        status,
        await this.#entry(name, one === null ? null : left, one === null ? right : null, first, second),
      );
    }
    return status;
  }

  async #files(a: string, b: string, title = ""): Promise<number> {
    await this.#turns.next();
    const [first, second] = [await this.#read(a), await this.#read(b)];
    if (first === null || second === null) return TROUBLE;
    if (first.equals(second)) return this.#identical(a, b);
    const binary =
      !this.#options.has("a") && [first, second].some((each) => each.subarray(0, 32 * 1024).includes(0));
    if (binary) {
      const what = this.#format === null ? "Files" : "Binary files";
      await this.#context.stdout(`${what} ${a} and ${b} differ\n`);
      return 1;
    }
    const [one, two] = [this.#side(a, first, 0), this.#side(b, second, 1)];
    const changes = this.#changes(one, two);
    if (changes.length === 0) return this.#identical(a, b);
    if (this.#format === null) await this.#context.stdout(`Files ${a} and ${b} differ\n`);
    else {
      await this.#context.stdout(title);
      for (const text of this.#format(one, two, changes))
        await this.#context.stdout(Buffer.from(text, "latin1"));
    }
    return 1;
  }

  async #identical(a: string, b: string): Promise<number> {
    if (this.#options.has("s")) await this.#context.stdout(`Files ${a} and ${b} are identical\n`);
    return 0;
  }

  /** With `-N`, what isn't there is empty. Null for what can't be read, which is told. */
  async #read(name: string): Promise<Buffer | null> {
    let bytes: Buffer = Buffer.alloc(0);
    try {
      await withInput(this.#context, name, async (input) => {
        bytes = await input.bytes();
      });
    } catch (error) {
      const why = reason(error);
      if (this.#options.has("N") && (error as NodeJS.ErrnoException).code === "ENOENT") return bytes;
      await this.#context.fail(`${name}: ${why}`);
      return null;
    }
    return bytes;
  }

  #side(name: string, bytes: Buffer, at: number): Side {
    const text = bytes.toString("latin1");
    const lines = text.split("\n");
    const ended = lines.at(-1) === "";
    if (ended) lines.pop();
    const stats =
      name === "-" ? undefined : statSync(this.#context.path(name), { bigint: true, throwIfNoEntry: false });
    const time = exactTime(stats?.mtimeNs ?? (name === "-" ? BigInt(Date.now()) * 1_000_000n : 0n));
    const label = this.#options.values("L")[at] ?? `${name}\t${time}`;
    return { label: Buffer.from(label).toString("latin1"), lines, ended: ended || text === "" };
  }

  #changes(a: Side, b: Side): Change[] {
    const keyOf = lineKey(this.#options);
    // The lack of a newline at the end is a difference of the last line, unless blanks are none.
    const keys = ({ lines, ended }: Side) => {
      const all = lines.map(keyOf);
      if (!ended && !this.#options.has("w") && !this.#options.has("b")) all[all.length - 1] += "\n";
      return all;
    };
    return changesOf(keys(a), keys(b)).filter((change) => !this.#ignorable(a, b, change));
  }

  /** Whether all lines of a change are of a kind that is to be ignored. */
  #ignorable(a: Side, b: Side, change: Change): boolean {
    if (!this.#options.has("B") && this.#ignored.length === 0) return false;
    const lines = [
      ...a.lines.slice(change.a, change.a + change.deleted),
      ...b.lines.slice(change.b, change.b + change.inserted),
    ];
    const blank = (line: string) => this.#options.has("B") && line === "";
    return lines.every((line) => blank(line) || this.#ignored.some((regex) => regex.test(line)));
  }
}

/** What of a line is compared. */
function lineKey(options: Options): (line: string) => string {
  const [all, changed, trailing] = [options.has("w"), options.has("b"), options.has("Z")];
  const [lower, strip] = [options.has("i"), options.has("strip")];
  return (line) => {
    let key = strip ? line.replace(/\r$/, "") : line;
    if (all) key = key.replace(/\s+/g, "");
    else if (changed) key = key.replace(/\s+$/, "").replace(/\s+/g, " ");
    else if (trailing) key = key.replace(/\s+$/, "");
    return lower ? key.toLowerCase() : key;
  };
}
