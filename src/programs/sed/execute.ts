import { readFileSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import type { CommandContext } from "../command.js";
import { CommandError } from "../errors.js";
import { decodeText } from "../io/text.js";
import type { LineInput } from "./input.js";
import { listing } from "./listing.js";
import type { LineOutput, WrittenFiles } from "./output.js";
import type { SedCommand, Substitution } from "./script.js";
import { type Place, selects } from "./select.js";
import { substitute } from "./substitution.js";

/** After so many commands others get their turn. */
const TURN = 50_000;

export interface SedStyle {
  quiet: boolean;
  delimiter: string;
  /** How wide a line of `l` is. */
  width: number;
}

/** How a cycle ends: with what it has, without it, with the same line again; or with the script. */
type End = "print" | "delete" | "again" | "quit" | "silent";

/** Runs a script over lines. What it holds, and where its ranges are, stays from file to file. */
export class Executor {
  status = 0;
  readonly #context: CommandContext;
  readonly #commands: readonly SedCommand[];
  readonly #style: SedStyle;
  readonly #files: WrittenFiles;
  /** The lines that are left of the files of `R`. */
  readonly #sources = new Map<string, string[]>();
  readonly #place: Place;
  #input!: LineInput;
  #output!: LineOutput;
  #pattern = "";
  #ended = true;
  #hold = "";
  #replaced = false;
  #regex: RegExp | null = null;
  #appended: { text: string; ended: boolean }[] = [];
  #count = 0;

  constructor(
    context: CommandContext,
    commands: readonly SedCommand[],
    style: SedStyle,
    files: WrittenFiles,
  ) {
    this.#context = context;
    this.#commands = commands;
    this.#style = style;
    this.#files = files;
    this.#place = {
      number: 0,
      last: async () => !(await this.#more()),
      matches: (regex) => {
        const used = this.#used(regex);
        used.lastIndex = 0;
        return used.test(this.#pattern);
      },
    };
  }

  /** Answers whether the script has ended itself. */
  async run(input: LineInput, output: LineOutput): Promise<boolean> {
    this.#input = input;
    this.#output = output;
    let end: End = "print";
    while (end === "again" || (await this.#next())) {
      end = await this.#cycle();
      if ((end === "print" || end === "quit") && !this.#style.quiet) this.#print();
      this.#append();
      if (output.full) await output.flush();
      if (end === "quit" || end === "silent") break;
    }
    await output.flush();
    return end === "quit" || end === "silent";
  }

  /** Reads the next line; answers whether there is one. */
  async #next(): Promise<boolean> {
    if (!(await this.#more())) return false;
    const { text, ended } = this.#input.take();
    this.#pattern = text;
    this.#ended = ended;
    this.#replaced = false;
    return true;
  }

  /** Whether there is another line. What has been written is there before it waits for one. */
  async #more(): Promise<boolean> {
    if (this.#input.ready) return true;
    await this.#output.flush();
    return this.#input.fill();
  }

  async #cycle(): Promise<End> {
    for (let at = 0; at < this.#commands.length; at++) {
      if (++this.#count % TURN === 0) await this.#turn();
      const command = this.#commands[at] as SedCommand;
      this.#place.number = this.#input.number;
      if (!(await selects(command, this.#place))) {
        if (command.action.name === "{") at = command.action.end;
        continue;
      }
      const outcome = await this.#do(command, at);
      if (typeof outcome === "string") return outcome;
      at = outcome;
    }
    return "print";
  }

  async #turn(): Promise<void> {
    await setImmediate();
    this.#context.signal.throwIfAborted();
    if (this.#output.full) await this.#output.flush();
  }

  #used(regex: RegExp | null): RegExp {
    const used = regex ?? this.#regex;
    if (used === null) throw new CommandError("no previous regular expression");
    this.#regex = used;
    return used;
  }

  #print(): void {
    this.#output.line(this.#pattern, this.#ended);
  }

  /** Answers behind which command it goes on, or how the cycle ends. */
  async #do({ action, selection, range }: SedCommand, at: number): Promise<number | End> {
    switch (action.name) {
      case "=":
        this.#output.text(`${this.#input.number}\n`);
        break;
      case "F":
        this.#output.text(`${this.#input.name}\n`);
        break;
      case "a":
        this.#appended.push({ text: action.text, ended: true });
        break;
      case "i":
        this.#output.text(action.text);
        break;
      case "c":
        if (selection.to === null || !range.active || selection.negated) this.#output.text(action.text);
        return "delete";
      case "b":
        return this.#jump(action.target);
      case "t":
      case "T":
        if (this.#replaced !== (action.name === "t")) {
          this.#replaced = false;
          break;
        }
        this.#replaced = false;
        return this.#jump(action.target);
      case "d":
        return "delete";
      case "D": {
        const end = this.#pattern.indexOf("\n");
        if (end < 0) return "delete";
        this.#pattern = this.#pattern.slice(end + 1);
        return "again";
      }
      case "g":
        this.#pattern = this.#hold;
        break;
      case "G":
        this.#pattern += `\n${this.#hold}`;
        break;
      case "h":
        this.#hold = this.#pattern;
        break;
      case "H":
        this.#hold += `\n${this.#pattern}`;
        break;
      case "x":
        [this.#pattern, this.#hold] = [this.#hold, this.#pattern];
        break;
      case "z":
        this.#pattern = "";
        break;
      case "l":
        this.#output.text(listing(this.#pattern, action.width ?? this.#style.width));
        break;
      case "p":
        this.#print();
        break;
      case "P":
        this.#output.line(this.#firstLine());
        break;
      case "q":
      case "Q":
        this.status = action.status;
        return action.name === "q" ? "quit" : "silent";
      case "r":
        this.#appended.push({ text: this.#content(action.file), ended: false });
        break;
      case "R":
        this.#appendLine(action.file);
        break;
      case "s":
        await this.#substitute(action.substitution);
        break;
      case "w":
        await this.#write(action.file, this.#pattern, this.#ended);
        break;
      case "W":
        await this.#write(action.file, this.#firstLine(), true);
        break;
      case "y":
        this.#pattern = Array.from(this.#pattern, (one) => action.map.get(one) ?? one).join("");
        break;
      case "n":
        return (await this.#nextInCycle()) ? at : "silent";
      case "N":
        return (await this.#join()) ? at : "quit";
      default:
        break;
    }
    return at;
  }

  #jump(target: number): number | End {
    return target < 0 ? "print" : target;
  }

  #firstLine(): string {
    return this.#pattern.split("\n", 1)[0] as string;
  }

  /** `n`: where there is no other line, the pattern is shown and the script ends. */
  async #nextInCycle(): Promise<boolean> {
    if (!this.#style.quiet) this.#print();
    if (!(await this.#more())) return false;
    this.#append();
    const replaced = this.#replaced;
    await this.#next();
    this.#replaced = replaced;
    return true;
  }

  async #join(): Promise<boolean> {
    if (!(await this.#more())) return false;
    this.#append();
    const { text, ended } = this.#input.take();
    this.#pattern += `\n${text}`;
    this.#ended = ended;
    return true;
  }

  async #substitute(substitution: Substitution): Promise<void> {
    const result = substitute(this.#pattern, this.#used(substitution.regex), substitution);
    if (result === null) return;
    this.#pattern = result;
    this.#replaced = true;
    if (substitution.print) this.#print();
    if (substitution.file !== null) await this.#write(substitution.file, this.#pattern, this.#ended);
  }

  async #write(file: string, text: string, ended: boolean): Promise<void> {
    if (file === "/dev/stdout") this.#output.line(text, ended);
    else await this.#files.line(file, text, ended);
  }

  /** What can't be read is as good as empty. */
  #content(file: string): string {
    try {
      return decodeText(readFileSync(file === "/dev/stdin" ? 0 : this.#context.path(file)));
    } catch {
      return "";
    }
  }

  #appendLine(file: string): void {
    let lines = this.#sources.get(file);
    if (lines === undefined) {
      const text = this.#content(file);
      lines = text === "" ? [] : text.replace(/\n$/, "").split("\n");
      this.#sources.set(file, lines);
    }
    const line = lines.shift();
    if (line !== undefined) this.#appended.push({ text: `${line}\n`, ended: true });
  }

  #append(): void {
    for (const { text, ended } of this.#appended) {
      if (ended || text !== "") this.#output.text(text);
    }
    this.#appended = [];
  }
}
