import type { CommandContext } from "./command.js";
import { CommandError, quoted } from "./errors.js";

/**
 * Which options a command has. Not those of `util.parseArgs`, which knows neither optional arguments nor
 * short forms of long names, nor where operands end the options.
 */
export interface Grammar {
  /** As of getopt: `:` is behind a letter that takes an argument, `::` where that is optional. */
  letters: string;
  /** Long names, and what each stands for: a letter, or a name of its own; with `:` or `::` as above. */
  names?: Readonly<Record<string, string>>;
  /** Whether the first operand ends the options. */
  inOrder?: boolean;
  /** Whether operands stand among the options too, with the name "": what was given before them counts. */
  mixed?: boolean;
  /** What a bad option exits with. */
  status?: number;
}

/** What a command was called with. */
export class Options {
  /** In the order in which they came. */
  readonly given: { name: string; value: string | undefined }[] = [];
  readonly operands: string[] = [];

  has(name: string): boolean {
    return this.given.some((option) => option.name === name);
  }

  /** The argument of the last of that name. */
  value(name: string): string | undefined {
    return this.given.findLast((option) => option.name === name)?.value;
  }

  values(name: string): string[] {
    return this.given.filter((option) => option.name === name).map(({ value }) => value ?? "");
  }

  /** Which of some that exclude each other came last. */
  last(...names: string[]): string | undefined {
    return this.given.findLast(({ name }) => names.includes(name))?.name;
  }
}

export function parseOptions(context: CommandContext, grammar: Grammar, args = context.args): Options {
  return new Parser(context.name, grammar, args).parse();
}

class Parser {
  readonly #command: string;
  readonly #grammar: Grammar;
  readonly #args: readonly string[];
  readonly #options = new Options();
  #at = 0;

  constructor(command: string, grammar: Grammar, args: readonly string[]) {
    this.#command = command;
    this.#grammar = grammar;
    this.#args = args;
  }

  parse(): Options {
    const { operands } = this.#options;
    while (this.#at < this.#args.length) {
      const arg = this.#args[this.#at++] as string;
      if (arg === "--") break;
      if (arg.startsWith("--")) this.#long(arg.slice(2));
      else if (arg.length > 1 && arg.startsWith("-")) this.#short(arg);
      else {
        operands.push(arg);
        if (this.#grammar.mixed) this.#add("", arg);
        if (this.#grammar.inOrder) break;
      }
    }
    for (const arg of this.#args.slice(this.#at)) {
      operands.push(arg);
      if (this.#grammar.mixed) this.#add("", arg);
    }
    return this.#options;
  }

  #short(arg: string): void {
    const { letters } = this.#grammar;
    for (let at = 1; at < arg.length; at++) {
      const letter = arg.charAt(at);
      const place = letter === ":" ? -1 : letters.indexOf(letter);
      if (place < 0) throw this.#bad(`invalid option -- '${letter}'`);
      if (letters[place + 1] !== ":") {
        this.#add(letter, undefined);
        continue;
      }
      const rest = arg.slice(at + 1);
      if (letters[place + 2] === ":") this.#add(letter, rest === "" ? undefined : rest);
      else
        this.#add(letter, rest === "" ? this.#argument(`option requires an argument -- '${letter}'`) : rest);
      return;
    }
  }

  #long(text: string): void {
    const [given = ""] = text.split("=", 1);
    const value = given.length === text.length ? undefined : text.slice(given.length + 1);
    const name = this.#complete(given);
    const meaning = this.#grammar.names?.[name] as string;
    const option = meaning.replace(/:+$/, "");
    if (meaning === option) {
      if (value !== undefined) throw this.#bad(`option '--${name}' doesn't allow an argument`);
      this.#add(option, undefined);
    } else if (meaning.endsWith("::") || value !== undefined) this.#add(option, value);
    else this.#add(option, this.#argument(`option '--${name}' requires an argument`));
  }

  /** The name that a beginning means. */
  #complete(given: string): string {
    const names = this.#grammar.names ?? {};
    if (Object.hasOwn(names, given)) return given;
    const possible = Object.keys(names).filter((name) => name.startsWith(given));
    const [name] = possible;
    if (name === undefined) throw this.#bad(`unrecognized option '--${given}'`);
    if (new Set(possible.map((one) => names[one])).size === 1) return name;
    const all = possible.map((one) => ` '--${one}'`).join("");
    throw this.#bad(`option '--${given}' is ambiguous; possibilities:${all}`);
  }

  #argument(message: string): string {
    const value = this.#args[this.#at++];
    if (value === undefined) throw this.#bad(message);
    return value;
  }

  #add(name: string, value: string | undefined): void {
    this.#options.given.push({ name, value });
  }

  #bad(message: string): CommandError {
    return new CommandError(
      `${message}\nTry '${this.#command} --help' for more information.`,
      this.#grammar.status,
    );
  }
}

/** What GNU's tools say to who calls them wrongly. */
export function usageError({ name }: CommandContext, message: string, status = 1): CommandError {
  return new CommandError(`${message}\nTry '${name} --help' for more information.`, status);
}

/** What they say who get too few operands. */
export function missingOperand(context: CommandContext, after?: string): CommandError {
  const what = after === undefined ? "missing operand" : `missing destination file operand after '${after}'`;
  return usageError(context, what);
}

/** What they say who get too many operands. */
export function extraOperand(context: CommandContext, operand: string): CommandError {
  return usageError(context, `extra operand ${quoted(operand)}`);
}

const units = ["K", "M", "G", "T", "P", "E"];

/** A count with a unit behind it: `10`, `4k`, `1MB`; NaN where it is none. */
export function parseSize(text: string): number {
  const [, digits = "", unit = ""] = /^(\d+)(b|[kKMGTPE](?:i?B)?)?$/.exec(text) ?? [];
  if (digits === "") return Number.NaN;
  if (unit === "" || unit === "b") return Number(digits) * (unit === "b" ? 512 : 1);
  const base = /^.B$/.test(unit) ? 1000 : 1024;
  return Number(digits) * base ** (units.indexOf(unit.charAt(0).toUpperCase()) + 1);
}
