import { acceptedOptions, aliases, type OptionInfo, processOptions } from "./table.js";
import { readV8Flag, type V8Settings } from "./v8-flags.js";

/** A value of an option, as Node's library sees it. */
export type OptionValue = boolean | string | number | string[];

/** A command line of `node`, taken apart. */
export interface NodeCommand {
  /** For the worker of the process. */
  environment: string[];
  v8: V8Settings;
  /** For the boot of the process, by Node's names. */
  start: Record<string, OptionValue>;
  /** `process.execArgv` */
  execArgv: string[];
  /** The program and its arguments. */
  args: string[];
}

/** A command line that Node doesn't run: what it says on stderr, each after its name. */
export interface BadCommand {
  complaints: string[];
  exitCode: number;
  /** They are about NODE_OPTIONS. */
  inEnvironment: boolean;
}

/** What was given for a thread of a process: it can't have what the whole process has one of. */
export interface GivenForThread {
  args: boolean;
  env: boolean;
}

/** Node's exit code for a command line that it can't run. */
export const INVALID_ARGUMENTS = 9;

/** How the values of Node's variables read that stand for options. */
const variables: readonly [name: string, option: string][] = [
  ["NODE_PENDING_DEPRECATION", "--pending-deprecation"],
  ["NODE_PRESERVE_SYMLINKS", "--preserve-symlinks"],
  ["NODE_PRESERVE_SYMLINKS_MAIN", "--preserve-symlinks-main"],
  ["NODE_USE_ENV_PROXY", "--use-env-proxy"],
];

/** Takes a command line apart as Node does, NODE_OPTIONS first: `args` are all that follow `node`. */
export function parseNodeCommand(
  args: readonly string[],
  env: Readonly<Record<string, string>>,
  forThread: GivenForThread = { args: false, env: false },
): NodeCommand | BadCommand {
  const parser = new Parser(forThread);
  for (const [name, option] of variables) if (env[name] === "1") parser.read([option], false);
  const redirect = env["NODE_REDIRECT_WARNINGS"];
  if (redirect) parser.read([`--redirect-warnings=${redirect}`], false);
  const fromEnvironment = env["NODE_OPTIONS"];
  if (fromEnvironment !== undefined) {
    const words = splitOptions(fromEnvironment);
    if (words === null) return bad(["invalid value for NODE_OPTIONS (unterminated string)"], true);
    parser.read(words, true);
  }
  const inEnvironment = parser.complaints.length > 0;
  if (!inEnvironment) parser.readCommandLine(args);
  return parser.result(inEnvironment);
}

function bad(complaints: string[], inEnvironment = false): BadCommand {
  return { complaints, exitCode: INVALID_ARGUMENTS, inEnvironment };
}

/** Splits NODE_OPTIONS at blanks; double quotes keep them, a backslash in these takes what follows as it is. */
function splitOptions(text: string): string[] | null {
  const words: string[] = [];
  let word = "";
  let open = false;
  let within = false;
  for (let i = 0; i < text.length; i++) {
    let character = text.charAt(i);
    if (character === "\\" && within) {
      if (++i === text.length) return null;
      character = text.charAt(i);
    } else if (character === " " && !within) {
      if (open) words.push(word);
      word = "";
      open = false;
      continue;
    } else if (character === '"') {
      within = !within;
      continue;
    }
    word += character;
    open = true;
  }
  if (within) return null;
  if (open) words.push(word);
  return words;
}

/** The words of a command line, where a name may stand for several others. */
class Words {
  readonly #queue: string[];
  /** How many at the head come from another name, and were never on the command line. */
  #expanded = 0;

  constructor(words: readonly string[]) {
    this.#queue = [...words];
  }

  get first(): string | undefined {
    return this.#queue[0];
  }

  get left(): number {
    return this.#queue.length - this.#expanded;
  }

  take(): string | undefined {
    if (this.#expanded > 0) this.#expanded--;
    return this.#queue.shift();
  }

  /** The word that is the value of an option before it. */
  value(): string | undefined {
    const word = this.take();
    if (word?.startsWith("-")) return undefined;
    return word?.startsWith("\\-") ? word.slice(1) : word;
  }

  /** What a name stands for in the end; further names that it stands for come next. */
  expand(name: string): string {
    const target = this.#alias(name);
    if (target === undefined) return name;
    const [head = "", ...rest] = target;
    this.#queue.unshift(...rest);
    this.#expanded += rest.length;
    return this.expand(head);
  }

  #alias(name: string): readonly string[] | undefined {
    if (Object.hasOwn(aliases, name)) return aliases[name];
    const { first = "" } = this;
    const valued = `${name} <arg>`;
    return first !== "" && first[0] !== "-" && Object.hasOwn(aliases, valued) ? aliases[valued] : undefined;
  }
}

class Parser {
  readonly complaints: string[] = [];
  readonly #environment: string[] = [];
  readonly #v8: V8Settings = { exposeGc: false, abortOnUncaught: false, stackSize: null, shared: [] };
  readonly #start: Record<string, OptionValue> = {};
  readonly #unknown: string[] = [];
  #execArgv: readonly string[] = [];
  #args: readonly string[] = [];
  readonly #forThread: GivenForThread;

  constructor(forThread: GivenForThread) {
    this.#forThread = forThread;
  }

  get #isForThread(): boolean {
    return this.#forThread.args || this.#forThread.env;
  }

  readCommandLine(args: readonly string[]): void {
    const rest = this.read(args, false);
    this.#args = args.slice(args.length - rest);
    const taken = args.slice(0, args.length - rest);
    this.#execArgv = taken.at(-1) === "--" ? taken.slice(0, -1) : taken;
    // A script of a package gets what is behind dashes alone.
    const dashes = args.indexOf("--");
    if (this.#start["[has_run]"] === true) this.#args = dashes < 0 ? [] : args.slice(dashes + 1);
  }

  /** Reads options up to the first word that is none; answers how many words are left. */
  read(given: readonly string[], fromEnvironment: boolean): number {
    const words = new Words(given);
    while (this.complaints.length === 0) {
      const { first } = words;
      if (first === undefined || first.length < 2 || first[0] !== "-") break;
      words.take();
      if (first === "--") {
        if (fromEnvironment) this.#complain("-- is not allowed in NODE_OPTIONS");
        break;
      }
      this.#option(first, words, fromEnvironment);
    }
    return words.left;
  }

  #option(word: string, words: Words, fromEnvironment: boolean): void {
    const equals = word.startsWith("--") ? word.indexOf("=") : -1;
    const written = equals === -1 ? word : word.slice(0, equals);
    const shown = equals === -1 ? written : `${written}=`;
    const normal = written.slice(0, 2) + written.slice(2).replaceAll("_", "-");
    const negated = normal.startsWith("--no-");
    const name = words.expand(negated ? `--${normal.slice(5)}` : normal);
    const info = acceptedOptions.get(name);
    if (fromEnvironment && !this.#isAllowedInVariable(name)) {
      this.#complain(`${shown} is not allowed in NODE_OPTIONS`);
    } else if (!fromEnvironment && this.#isRefusedToThread(name)) {
      this.#unknown.push(word);
    } else if (info === undefined) {
      if (!readV8Flag(word, this.#v8)) this.#unknown.push(word);
    } else if (info.kind === "boolean") {
      this.#set(name, info, !negated);
    } else if (info.kind !== "nothing") {
      if (negated) this.#complain(`${word} is an invalid negation because it is not a boolean option`);
      else this.#valued(name, info, shown, equals === -1 ? words.value() : word.slice(equals + 1));
    }
  }

  #isAllowedInVariable(name: string): boolean {
    if (this.#forThread.env && processOptions.has(name)) return false;
    return process.allowedNodeEnvironmentFlags.has(name);
  }

  /** V8's flags are no process's own either. */
  #isRefusedToThread(name: string): boolean {
    return this.#forThread.args && (!acceptedOptions.has(name) || processOptions.has(name));
  }

  #valued(name: string, info: OptionInfo, shown: string, value: string | undefined): void {
    // Without a name, scripts are listed.
    if (!value && name !== "--run") this.#complain(`${shown} requires an argument`);
    else this.#set(name, info, value ?? "");
  }

  #complain(complaint: string): void {
    this.complaints.push(complaint);
  }

  #set(name: string, { goes, kind }: OptionInfo, value: boolean | string): void {
    if (goes === "environment") {
      if (value === true) this.#environment.push(name);
      else this.#environment.push(value === false ? `--no-${name.slice(2)}` : `${name}=${value}`);
      return;
    }
    if (name === "--eval") this.#start["[has_eval_string]"] = true;
    if (name === "--run") this.#start["[has_run]"] = true;
    const before = this.#start[name];
    if (kind === "list") this.#start[name] = [...((before as string[]) ?? []), value as string];
    else this.#start[name] = kind === "number" ? Number.parseInt(value as string, 10) || 0 : value;
    if (name === "--experimental-shadow-realm" && value === true)
      readV8Flag("--harmony-shadow-realm", this.#v8);
  }

  #exclude(name: string, others: readonly string[]): void {
    for (const other of others) {
      const value = this.#start[other];
      if (value !== undefined && value !== false)
        this.#complain(`either ${name} or ${other} can be used, not both`);
    }
  }

  result(inEnvironment: boolean): NodeCommand | BadCommand {
    this.#check();
    if (this.complaints.length > 0) return bad(this.complaints, inEnvironment);
    const unknown = this.#unknown;
    if (unknown.length > 0)
      return bad(this.#isForThread ? unknown : unknown.map((flag) => `bad option: ${flag}`));
    if (this.#v8.abortOnUncaught) this.#start["--abort-on-uncaught-exception"] = true;
    return {
      environment: this.#environment,
      v8: this.#v8,
      start: this.#start,
      execArgv: [...this.#execArgv],
      args: [...this.#args],
    };
  }

  /** What Node refuses of options that it knows. */
  #check(): void {
    const start = this.#start;
    const type = start["--input-type"];
    const types = ["module", "commonjs", "module-typescript", "commonjs-typescript"];
    if (type !== undefined && !types.includes(type as string)) {
      this.#complain(
        '--input-type must be "module","commonjs", "module-typescript" or "commonjs-typescript"',
      );
    }
    const permits = this.#environment.some((option) => option.startsWith("--allow-"));
    if (permits && !this.#environment.includes("--permission")) this.#complain("--permission is required");
    if (start["--check"] === true && start["--eval"] !== undefined) {
      this.#complain("either --check or --eval can be used, not both");
    }
    const isolation = start["--test-isolation"] ?? "process";
    if (start["--test"] === true) {
      if (isolation !== "none" && isolation !== "process")
        this.#complain("invalid value for --test-isolation");
      this.#exclude("--test", ["--check", "--eval", "--interactive"]);
    }
  }
}
