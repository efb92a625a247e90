import { readFileSync } from "node:fs";
import type { Command, CommandContext } from "../command.js";
import { CommandError, reason } from "../errors.js";
import { Evaluator } from "./evaluate.js";
import { Inputs } from "./inputs.js";
import { Halt } from "./natives.js";
import { type JqOptions, optionsOf } from "./options.js";
import { parseFilter } from "./parser.js";
import { Scope } from "./scope.js";
import type { Filter } from "./tree.js";
import { JqError, type Json, type JsonStyle, toJson, truthy } from "./values.js";

const FAILED = 5;

export const jq: Command = async (context) => {
  const options = optionsOf(context);
  const source = options.programFile === null ? options.filter : textOf(context, options.programFile);
  const filter = parseFilter(source);
  const inputs = new Inputs(context, options.files, options.rawInput);
  const run = new Run(context, options, filter);
  try {
    await run.all(inputs);
  } catch (error) {
    if (!(error instanceof Halt)) throw error;
    await run.flush();
    await context.stderr(error.text);
    return error.status;
  }
  return run.status || inputs.status;
};

function textOf(context: CommandContext, name: string): string {
  try {
    return readFileSync(context.path(name), "utf8");
  } catch (error) {
    throw new CommandError(`error: Could not open ${name}: ${reason(error)}`, 2);
  }
}

class Run {
  readonly #context: CommandContext;
  readonly #options: JqOptions;
  readonly #filter: Filter;
  readonly #scope: Scope;
  readonly #evaluator: Evaluator;
  readonly #style: JsonStyle;
  /** What `input` takes from: all that is left, where the program asks for it. */
  #left: Json[] = [];
  #last: Json | undefined;
  #failed = false;
  #said = "";
  #pending = "";

  constructor(context: CommandContext, options: JqOptions, filter: Filter) {
    this.#context = context;
    this.#options = options;
    this.#filter = filter;
    this.#scope = new Scope(null);
    for (const [name, value] of options.variables) this.#scope.set(name, value);
    this.#style = { indent: options.indent, sorted: options.sorted, ascii: options.ascii };
    this.#evaluator = new Evaluator({
      input: () => this.#left.shift(),
      debug: (text) => {
        this.#said += text;
      },
      env: new Map(Object.entries(context.env)),
    });
  }

  get status(): number {
    if (this.#failed) return FAILED;
    if (!this.#options.exitStatus) return 0;
    if (this.#last === undefined) return 4;
    return truthy(this.#last) ? 0 : 1;
  }

  async all(inputs: Inputs): Promise<void> {
    const { slurp, nullInput, rawInput } = this.#options;
    // Where a program may ask for further inputs, all of them are there before it begins.
    if (!slurp && !nullInput && !asksForInputs(this.#filter)) {
      await inputs.each((value) => this.#one(value));
      return this.flush();
    }
    const all: Json[] = [];
    await inputs.each(async (value) => {
      all.push(value);
    });
    if (slurp) await this.#one(rawInput ? all.map((line) => `${line}\n`).join("") : all);
    else {
      this.#left = all;
      if (nullInput) await this.#one(null);
      else for (let value = all.shift(); value !== undefined; value = all.shift()) await this.#one(value);
    }
    await this.flush();
  }

  async #one(input: Json): Promise<void> {
    try {
      for (const value of this.#evaluator.values(this.#filter, this.#scope, input)) {
        this.#last = value;
        this.#pending += this.#shown(value);
        if (this.#pending.length > 65_536 || this.#said !== "") await this.flush();
      }
    } catch (error) {
      if (error instanceof RangeError) throw new CommandError("error: recursion is too deep", FAILED);
      if (!(error instanceof JqError)) throw error;
      this.#failed = true;
      await this.flush();
      const kind = typeof error.value === "string" ? "" : " (not a string)";
      await this.#context.fail(`error (at <unknown>)${kind}: ${error.message}`);
      return;
    }
    this.#failed = false;
    await this.flush();
  }

  #shown(value: Json): string {
    const { raw, end } = this.#options;
    return (raw && typeof value === "string" ? value : toJson(value, this.#style)) + end;
  }

  async flush(): Promise<void> {
    const [said, pending] = [this.#said, this.#pending];
    this.#said = "";
    this.#pending = "";
    if (said !== "") await this.#context.stderr(said);
    if (pending !== "") await this.#context.stdout(pending);
    this.#context.signal.throwIfAborted();
  }
}

/** Whether a filter may call `input` or `inputs`. */
function asksForInputs(filter: Filter): boolean {
  return /"name":"inputs?"/.test(JSON.stringify(filter));
}
