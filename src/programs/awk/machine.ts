import { setImmediate } from "node:timers/promises";
import type { CommandContext } from "../command.js";
import { CommandError } from "../errors.js";
import { Fields } from "./fields.js";
import { formatted } from "./format.js";
import { TextFunctions } from "./functions.js";
import type { Globals } from "./globals.js";
import { MainInput } from "./main-input.js";
import type { RecordReader } from "./records.js";
import { Streams } from "./streams.js";
import { compare, fromOutside, toBoolean, toNumber, toText, type Value } from "./values.js";

/** After so many rounds of loops others get their turn. */
const TURN = 20_000;

/** Thrown where a program leaves what it is doing: for the next record, the next file, or its end. */
export class Leave {
  readonly to: "next" | "nextfile" | "exit";

  constructor(to: Leave["to"]) {
    this.to = to;
  }
}

const next = new Leave("next");
const nextFile = new Leave("nextfile");
const exit = new Leave("exit");

/** What the functions of a compiled program call. */
export class Machine extends TextFunctions {
  status = 0;
  readonly input: MainInput;
  readonly streams: Streams;
  readonly #context: CommandContext;
  readonly #fields = new Fields();
  #rounds = 0;

  constructor(context: CommandContext, globals: Globals, operands: readonly string[]) {
    super(globals);
    this.#context = context;
    this.streams = new Streams(context);
    this.input = new MainInput(context, globals, operands);
  }

  number(value: Value): number {
    return toNumber(value);
  }

  text(value: Value): string {
    return toText(value, this.format);
  }

  boolean(value: Value): boolean {
    return toBoolean(value);
  }

  compare(a: Value, b: Value): number {
    return compare(a, b, this.format);
  }

  outside(text: string): Value {
    return fromOutside(text);
  }

  /** A value as it is assigned. */
  copy(value: Value): Value {
    return value === undefined ? "" : value;
  }

  divide(a: number, b: number): number {
    if (b === 0) throw new CommandError("division by zero", 2);
    return a / b;
  }

  remainder(a: number, b: number): number {
    if (b === 0) throw new CommandError("division by zero in %", 2);
    return a % b;
  }

  /** An element that isn't there comes to be. */
  element(array: Map<string, Value>, index: string): Value {
    if (!array.has(index)) array.set(index, undefined);
    return array.get(index);
  }

  setElement(array: Map<string, Value>, index: string, value: Value): Value {
    array.set(index, value);
    return value;
  }

  field(index: number): Value {
    return this.#fields.get(Math.trunc(index), this.special("OFS"), this.format);
  }

  fieldCount(): number {
    return this.#fields.count;
  }

  setField(index: number, value: Value): Value {
    if (Math.trunc(index) === 0) this.setRecord(this.text(value));
    else this.#fields.set(Math.trunc(index), value);
    return value;
  }

  setSpecial(name: string, value: Value): Value {
    if (name === "NF") this.#fields.setCount(toNumber(value));
    return value;
  }

  setRecord(text: string): void {
    this.#fields.setRecord(text, this.special("FS"), this.special("RS") === "");
  }

  next(): never {
    throw next;
  }

  nextfile(): never {
    throw nextFile;
  }

  exit(status: number | null): never {
    if (status !== null) this.status = Math.trunc(status) & 255;
    throw exit;
  }

  get full(): boolean {
    return this.streams.stdout.full;
  }

  flush(): Promise<void> {
    return this.streams.stdout.flush();
  }

  get due(): boolean {
    return ++this.#rounds % TURN === 0;
  }

  async turn(): Promise<void> {
    await setImmediate();
    this.#context.signal.throwIfAborted();
  }

  print(values: readonly Value[]): void {
    this.streams.stdout.add(this.#line(values));
  }

  printf(values: readonly Value[]): void {
    this.streams.stdout.add(this.sprintf(...values));
  }

  sprintf(...[format, ...args]: readonly Value[]): string {
    return formatted(this.text(format), args, this.format);
  }

  async printTo(format: boolean, values: readonly Value[], operator: string, name: string): Promise<void> {
    const output = await this.streams.output(operator, name);
    output.add(format ? this.sprintf(...values) : this.#line(values));
    // Errors are to be seen at once, in their order with what others write.
    if (output.full || name === "/dev/stderr") await output.flush();
  }

  #line(values: readonly Value[]): string {
    const shown = values.length === 0 ? [this.field(0)] : values;
    const format = this.special("OFMT");
    return shown.map((value) => toText(value, format)).join(this.special("OFS")) + this.special("ORS");
  }

  async system(command: string): Promise<number> {
    return this.streams.system(command);
  }

  async close(name: string): Promise<number> {
    return this.streams.close(name);
  }

  async fflush(): Promise<number> {
    await this.streams.flush();
    return 0;
  }

  /** Reads a record of the files that were named; answers whether there was one. */
  async nextRecord(): Promise<boolean> {
    if (!this.input.ready) await this.streams.flush();
    const record = await this.input.next();
    if (record === null) return false;
    this.setRecord(record);
    return true;
  }

  async getline(
    from: "input" | "file" | "command",
    name: string | null,
    assign: ((line: Value) => Promise<void>) | null,
  ): Promise<number> {
    let record: string | null;
    if (from === "input") record = await this.input.next();
    else {
      const reader: RecordReader | null = await this.streams.source(from, name ?? "");
      if (reader === null) return -1;
      try {
        record = await reader.next(this.special("RS"));
      } catch (error) {
        this.#context.signal.throwIfAborted();
        if ((error as NodeJS.ErrnoException).errno === undefined) throw error;
        return -1;
      }
      if (record !== null && from === "command") this.input.count();
    }
    if (record === null) return 0;
    if (assign === null) this.setRecord(record);
    else await assign(fromOutside(record));
    return 1;
  }
}
