import type { CommandContext } from "../command.js";
import { reason } from "../errors.js";
import { FileDescriptor } from "../io/file.js";
import { Input } from "../io/input.js";
import type { Globals } from "./globals.js";
import { resolveEscapes } from "./lexer.js";
import { RecordReader } from "./records.js";
import { fromOutside, toNumber, toText, type Value } from "./values.js";

const ASSIGNMENT = /^([A-Za-z_]\w*)=([\s\S]*)$/;

/** The records of the files that the command line names, or of stdin. */
export class MainInput {
  status = 0;
  readonly #context: CommandContext;
  readonly #globals: Globals;
  #reader: RecordReader | null = null;
  #file: FileDescriptor | null = null;
  #at = 1;
  /** Whether a file was named: otherwise stdin is read. */
  #named = false;
  #done = false;

  constructor(context: CommandContext, globals: Globals, operands: readonly string[]) {
    this.#context = context;
    this.#globals = globals;
    const args = globals.array("ARGV");
    for (const [at, value] of [context.name, ...operands].entries()) args.set(String(at), fromOutside(value));
    globals.values["ARGC"] = operands.length + 1;
  }

  get ready(): boolean {
    return this.#reader?.ready(this.#text("RS")) ?? false;
  }

  async next(): Promise<string | null> {
    while (this.#reader !== null || (await this.#open())) {
      const record = await (this.#reader as RecordReader).next(this.#text("RS"));
      if (record !== null) {
        this.count();
        this.#add("FNR");
        return record;
      }
      this.skipFile();
    }
    return null;
  }

  /** One record more. */
  count(): void {
    this.#add("NR");
  }

  skipFile(): void {
    this.#file?.release();
    this.#file = null;
    this.#reader = null;
  }

  #text(name: string): string {
    return toText(this.#globals.values[name] as Value, "%.6g");
  }

  #add(name: string): void {
    this.#globals.values[name] = toNumber(this.#globals.values[name] as Value) + 1;
  }

  /** Opens the next file; assignments on the way to it are done. */
  async #open(): Promise<boolean> {
    const args = this.#globals.array("ARGV");
    while (this.#at < toNumber(this.#globals.values["ARGC"] as Value)) {
      const name = toText(args.get(String(this.#at++)), "%.6g");
      if (name === "") continue;
      const [, variable, value] = ASSIGNMENT.exec(name) ?? [];
      if (variable !== undefined) {
        this.#globals.values[variable] = fromOutside(resolveEscapes(value as string));
        continue;
      }
      this.#named = true;
      if (await this.#use(name)) return true;
    }
    if (this.#named || this.#done) return false;
    this.#done = true;
    return this.#use("-");
  }

  async #use(name: string): Promise<boolean> {
    this.#globals.values["FILENAME"] = this.#named ? name : "";
    this.#globals.values["FNR"] = 0;
    if (name === "-" || name === "/dev/stdin") {
      this.#reader = new RecordReader(this.#context.stdin);
      return true;
    }
    try {
      this.#file = await FileDescriptor.open(this.#context.path(name), "r");
    } catch (error) {
      this.status = await this.#context.fail(`cannot open ${name} (${reason(error)})`, 2);
      return false;
    }
    this.#reader = new RecordReader(new Input(this.#file, this.#context.signal));
    return true;
  }
}
