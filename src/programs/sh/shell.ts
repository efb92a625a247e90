import { constants } from "node:os";
import type { Function as FunctionNode, ParsedScript } from "unbash";
import { parse } from "unbash";
import type { Descriptor } from "../io/descriptor.js";
import { Input } from "../io/input.js";
import { createPipe } from "../io/pipe.js";
import { Killed, ShellError } from "./errors.js";
import { runScript } from "./exec/script.js";
import { runSubshell } from "./exec/subshell.js";
import { Expander } from "./expand/expander.js";
import { Jobs } from "./jobs.js";
import { Options } from "./options.js";
import { openSubstitution } from "./substitution.js";
import { type Value, Variables } from "./variables.js";

export type Descriptors = Map<number, Descriptor>;

/** The state of a shell or of one of its subshells, which run in the same process. */
export class Shell {
  /** `$0` */
  name = "sh";
  positional: readonly string[] = [];
  variables = new Variables();
  functions = new Map<string, FunctionNode>();
  aliases = new Map<string, string>();
  options = new Options();
  /** What is to run at a signal or at the end, by name: `INT`, `EXIT`. Empty text means ignored. */
  traps = new Map<string, string>();
  /** Told of the first program that starts: the number of its process, null for a command of this one. */
  onStart: ((pid: number | null) => void) | undefined;
  /** Told when a signal has stopped a program, and by null when it goes on. */
  onStop: ((signal: number | null) => void) | undefined;
  /** Signals that came and have an action, by name. */
  readonly pending: string[] = [];
  cwd: string = process.cwd();
  descriptors: Descriptors = new Map();
  /** `$?` */
  status = 0;
  /** How many `$(…)` there have been. */
  captures = 0;
  /** `$!` */
  lastBackground: number | null = null;
  jobs = new Jobs();
  /** The script under way and where in it, for messages. */
  source = "";
  position = 0;
  /** How many conditions are being tested: what fails in one doesn't end the shell under `set -e`. */
  conditions = 0;
  loops = 0;
  /** Functions and sourced scripts under way. */
  calls = 0;
  interactive = false;
  /** Whether this is one of a shell's subshells. */
  nested = false;
  /** Whether this runs in the background of a prompt: its processes are none of the keyboard's. */
  background = false;
  /** What is to be done when the shell ends, beside its traps. */
  readonly atEnd: (() => Promise<void>)[] = [];
  readonly started = Date.now();
  #interrupt: ((status: number) => void) | undefined;
  /** Ends what runs here; its reason is a `Killed`. Each line at a prompt has one of its own. */
  abort = new AbortController();

  /** A subshell: all it changes is its own. It keeps the descriptors until `close`. */
  fork(): Shell {
    const fork = new Shell();
    fork.name = this.name;
    fork.positional = this.positional;
    fork.variables = this.variables.copy();
    fork.functions = new Map(this.functions);
    fork.aliases = this.aliases;
    fork.options = this.options.copy();
    fork.traps = new Map([...this.traps].filter(([, action]) => action === ""));
    fork.cwd = this.cwd;
    fork.descriptors = new Map(this.descriptors);
    for (const descriptor of fork.descriptors.values()) descriptor.retain();
    fork.status = this.status;
    fork.lastBackground = this.lastBackground;
    fork.source = this.source;
    fork.position = this.position;
    fork.conditions = this.conditions;
    fork.nested = true;
    fork.background = this.background;
    const { signal } = this.abort;
    if (signal.aborted) fork.abort.abort(signal.reason);
    else
      signal.addEventListener("abort", () => fork.abort.abort(signal.reason), { signal: fork.abort.signal });
    return fork;
  }

  /** Lets go of the descriptors. */
  close(): void {
    for (const descriptor of this.descriptors.values()) descriptor.release();
    this.descriptors = new Map();
  }

  /** Puts a descriptor in a place, which then keeps it, and lets go of what was there. */
  place(number: number, descriptor: Descriptor | null): void {
    this.descriptors.get(number)?.release();
    if (descriptor === null) this.descriptors.delete(number);
    else this.descriptors.set(number, descriptor);
  }

  get input(): Input {
    return new Input(this.descriptor(0), this.abort.signal);
  }

  descriptor(number: number): Descriptor {
    const descriptor = this.descriptors.get(number);
    if (descriptor === undefined) throw new ShellError(`${number}: Bad file descriptor`);
    return descriptor;
  }

  async write(number: number, text: string): Promise<void> {
    this.abort.signal.throwIfAborted();
    await this.descriptor(number).write(Buffer.from(text));
  }

  /** Says what went wrong, and where in the script. */
  async complain(message: string): Promise<void> {
    const where = this.interactive ? "" : `line ${this.line}: `;
    await this.write(2, `${this.name}: ${where}${message}\n`);
  }

  /** `$LINENO` */
  get line(): number {
    let line = 1;
    for (
      let at = this.source.indexOf("\n");
      at >= 0 && at < this.position;
      at = this.source.indexOf("\n", at + 1)
    )
      line++;
    return line;
  }

  /** The value of a parameter, special ones included; undefined where it is not set. */
  parameter(name: string): string | undefined {
    switch (name) {
      case "?":
        return String(this.status);
      case "#":
        return String(this.positional.length);
      case "$":
        return String(process.pid);
      case "!":
        return this.lastBackground === null ? undefined : String(this.lastBackground);
      case "-":
        return this.options.letters();
      case "0":
        return this.name;
      case "@":
      case "*":
        return this.positional.length > 0 ? this.positional.join(" ") : undefined;
      case "LINENO":
        return String(this.line);
      case "RANDOM":
        return String(Math.floor(Math.random() * 32768));
      case "SECONDS":
        return String(Math.floor((Date.now() - this.started) / 1000));
      case "EPOCHSECONDS":
        return String(Math.floor(Date.now() / 1000));
      case "UID":
      case "EUID":
        return String(process.getuid?.() ?? 0);
      case "PPID":
        return String(process.ppid);
      case "HOSTTYPE":
        return process.arch === "x64" ? "x86_64" : "aarch64";
    }
    if (/^\d+$/.test(name)) return this.positional[Number(name) - 1];
    return this.variables.get(name);
  }

  /** Assigns to a variable, as the options say. */
  assign(name: string, value: Value): void {
    const variable = this.variables.set(name, value);
    if (this.options.has("allexport")) variable.exported = true;
  }

  /** Expands text as between double quotes. */
  async expandText(text: string): Promise<string> {
    if (!/[$`\\]/.test(text)) return text;
    const command = parse(`: "${text}"`).commands[0]?.command;
    const [word] = command?.type === "Command" ? command.args : [];
    if (word?.type !== "Word") return text;
    const expander = new Expander(this, "");
    await expander.word(word, { quoted: false });
    return expander.fields
      .end()
      .map((field) => field.text)
      .join(" ");
  }

  /** Runs text as a script of this shell: `eval`, traps. */
  async evaluate(text: string): Promise<number> {
    const { source, position } = this;
    this.source = text;
    try {
      return await runScript(this, parse(text));
    } finally {
      this.source = source;
      this.position = position;
    }
  }

  /** `$(…)`: what a subshell writes; its status becomes `$?`. */
  async capture(script: ParsedScript): Promise<string> {
    const { reader, writer } = createPipe();
    const shell = this.fork();
    shell.place(1, writer);
    const ended = runSubshell(shell, () => runScript(shell, script));
    const text = await new Input(reader, this.abort.signal).text();
    reader.release();
    this.status = await ended;
    this.captures++;
    return text.replaceAll("\0", "");
  }

  /** `<(…)` and `>(…)`: the name of what leads to or from a subshell. */
  substitute(script: ParsedScript, operator: "<" | ">"): Promise<string> {
    return openSubstitution(this, script, operator);
  }

  /** Has the process tell of a signal that has an action, or leaves it alone again. */
  listen(name: string): void {
    const signal = `SIG${name}` as NodeJS.Signals;
    if (this.nested || !Object.hasOwn(constants.signals, signal)) return;
    const action = this.traps.get(name);
    process.removeAllListeners(signal);
    if (action === undefined) {
      if (this.interactive) this.#withstand(name);
      return;
    }
    process.on(signal, () => {
      if (action === "") return;
      this.pending.push(name);
      this.#interrupt?.(128 + constants.signals[signal]);
    });
  }

  /** What the keyboard ends are the commands at a prompt, and not the shell. */
  #withstand(name: string): void {
    const { SIGINT } = constants.signals;
    if (name === "INT") process.on("SIGINT", () => this.abort.abort(new Killed(SIGINT, true)));
    else process.on(`SIG${name}` as NodeJS.Signals, () => undefined);
  }

  /** Resolves with the status of what waits, at the next signal that has an action. */
  interrupted(): Promise<number> {
    return new Promise((resolve) => {
      this.#interrupt = resolve;
    });
  }

  /** Rejects when this shell is ended. */
  aborted(): Promise<never> {
    const { signal } = this.abort;
    return new Promise((_, reject) => {
      if (signal.aborted) reject(signal.reason);
      signal.addEventListener("abort", () => reject(signal.reason), { once: true });
    });
  }

  /** Ends what runs here as a signal would. */
  kill(signal: number): void {
    this.abort.abort(new Killed(signal));
  }
}

/** The number of a signal by its number or its name, with or without `SIG`; undefined for none. */
export function signalNumber(text: string): number | undefined {
  if (/^\d+$/.test(text)) return Number(text) < 65 ? Number(text) : undefined;
  const name = text.toUpperCase().replace(/^SIG/, "");
  return constants.signals[`SIG${name}` as NodeJS.Signals];
}

/** `INT` for 2. */
export function signalName(number: number): string | undefined {
  const found = Object.entries(constants.signals).find(([, value]) => value === number);
  return found?.[0].slice(3);
}
