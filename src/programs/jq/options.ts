import { readFileSync } from "node:fs";
import type { CommandContext } from "../command.js";
import { CommandError, reason } from "../errors.js";
import { ValueReader } from "./inputs.js";
import { type Json, parseJson } from "./values.js";

export interface JqOptions {
  filter: string;
  programFile: string | null;
  files: string[];
  /** What the program finds as `$name`. */
  variables: Map<string, Json>;
  raw: boolean;
  /** What follows each output. */
  end: string;
  indent: string;
  sorted: boolean;
  ascii: boolean;
  slurp: boolean;
  nullInput: boolean;
  rawInput: boolean;
  exitStatus: boolean;
}

const letters: Readonly<Record<string, string>> = {
  a: "ascii-output",
  C: "color-output",
  c: "compact-output",
  e: "exit-status",
  f: "from-file",
  j: "join-output",
  M: "monochrome-output",
  n: "null-input",
  R: "raw-input",
  r: "raw-output",
  S: "sort-keys",
  s: "slurp",
};

const usage =
  "Usage:\tjq [OPTIONS] FILTER [FILES...]\n\tjq [OPTIONS] -f FILE [FILES...]\n\tjq [OPTIONS] --args FILTER [ARGUMENTS...]\n\tjq [OPTIONS] --jsonargs FILTER [JSON_VALUES...]\n";

/** The options of `jq`, several of which take two arguments, and which may follow operands. */
export function optionsOf(context: CommandContext): JqOptions {
  return new Reader(context).read();
}

class Reader {
  readonly #context: CommandContext;
  readonly #args: string[];
  readonly #named = new Map<string, Json>();
  readonly #positional: Json[] = [];
  readonly #operands: string[] = [];
  readonly #options: JqOptions = {
    filter: ".",
    programFile: null,
    files: [],
    variables: new Map(),
    raw: false,
    end: "\n",
    indent: "  ",
    sorted: false,
    ascii: false,
    slurp: false,
    nullInput: false,
    rawInput: false,
    exitStatus: false,
  };
  /** What operands behind the filter are. */
  #rest: "files" | "args" | "jsonargs" = "files";
  #fromFile = false;

  constructor(context: CommandContext) {
    this.#context = context;
    this.#args = [...context.args];
  }

  read(): JqOptions {
    for (let arg = this.#args.shift(); arg !== undefined; arg = this.#args.shift()) {
      if (arg === "--") {
        for (const operand of this.#args.splice(0)) this.#operand(operand);
      } else if (arg.startsWith("--")) this.#option(arg.slice(2), arg);
      else if (arg.startsWith("-") && arg.length > 1)
        for (const letter of arg.slice(1)) this.#option(letters[letter] ?? letter, arg);
      else this.#operand(arg);
    }
    const options = this.#options;
    const [first, ...files] = this.#operands;
    if (this.#fromFile && first === undefined) throw new CommandError("error: -f takes a file", 2);
    if (this.#fromFile) options.programFile = first ?? null;
    else options.filter = first ?? ".";
    options.files = files;
    const named = this.#named;
    options.variables = new Map(named).set(
      "ARGS",
      new Map<string, Json>([
        ["positional", this.#positional],
        ["named", named],
      ]),
    );
    return options;
  }

  #operand(arg: string): void {
    if (this.#operands.length === 0 || this.#rest === "files") this.#operands.push(arg);
    else if (this.#rest === "args") this.#positional.push(arg);
    else this.#positional.push(this.#json(arg, "--jsonargs"));
  }

  #option(name: string, given: string): void {
    const options = this.#options;
    switch (name) {
      case "ascii-output":
        options.ascii = true;
        return;
      case "color-output":
      case "monochrome-output":
      case "seq":
      case "unbuffered":
        return;
      case "compact-output":
        options.indent = "";
        return;
      case "exit-status":
        options.exitStatus = true;
        return;
      case "from-file":
        this.#fromFile = true;
        return;
      case "join-output":
        options.raw = true;
        options.end = "";
        return;
      case "raw-output0":
        options.raw = true;
        options.end = "\0";
        return;
      case "null-input":
        options.nullInput = true;
        return;
      case "raw-input":
        options.rawInput = true;
        return;
      case "raw-output":
        options.raw = true;
        return;
      case "sort-keys":
        options.sorted = true;
        return;
      case "slurp":
        options.slurp = true;
        return;
      case "tab":
        options.indent = "\t";
        return;
      case "indent":
        options.indent = this.#indent();
        return;
      case "args":
      case "jsonargs":
        this.#rest = name;
        return;
      case "arg":
      case "argjson":
      case "slurpfile":
      case "rawfile":
        this.#variable(name);
        return;
      default:
        throw new CommandError(`Unknown option: ${given}\n${usage}`, 2);
    }
  }

  #indent(): string {
    const count = Number(this.#args.shift() ?? Number.NaN);
    if (!(count >= 0)) throw new CommandError("Cannot indent less than zero", 2);
    if (count > 7) throw new CommandError("Cannot indent more than 7 characters", 2);
    return " ".repeat(count);
  }

  #variable(kind: string): void {
    const [name, value] = this.#args.splice(0, 2);
    if (name === undefined || value === undefined) {
      const what =
        kind === "slurpfile" || kind === "rawfile" ? "filename" : kind === "argjson" ? "text" : "value";
      throw new CommandError(`--${kind} takes two parameters (e.g. --${kind} varname ${what})`, 2);
    }
    this.#named.set(name, this.#valueOf(kind, name, value));
  }

  #valueOf(kind: string, name: string, value: string): Json {
    if (kind === "arg") return value;
    if (kind === "argjson") return this.#json(value, `--argjson ${name}`);
    let text: string;
    try {
      text = readFileSync(this.#context.path(value), "utf8");
    } catch (error) {
      throw new CommandError(
        `Bad JSON in --${kind} ${name} ${value}: Could not open ${value}: ${reason(error)}`,
        2,
      );
    }
    return kind === "rawfile" ? text : [...new ValueReader().take(text, true)];
  }

  #json(text: string, what: string): Json {
    try {
      return parseJson(text);
    } catch {
      throw new CommandError(`Invalid JSON text passed to ${what.split(" ")[0]}\n${usage}`, 2);
    }
  }
}
