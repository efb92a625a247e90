import { CommandError, quoted } from "../errors.js";
import type { Options } from "../options.js";

const TROUBLE = 2;
const months = "JAN FEB MAR APR MAY JUN JUL AUG SEP OCT NOV DEC".split(" ");
const units = " KMGTPE";

/** How two keys compare, by the letters of the options. */
interface KeyStyle {
  letters: string;
}

/** A part of a line: from field and character to field and character, the end included. */
interface Key extends KeyStyle {
  from: { field: number; character: number };
  to: { field: number; character: number } | null;
}

const MODIFIERS = "bdfghiMnRrV";

/** In what order lines are. They come as bytes, a character each. */
export class Order {
  readonly #keys: Key[];
  readonly #separator: string | undefined;
  readonly #reverse: boolean;
  readonly #unique: boolean;
  readonly #stable: boolean;

  constructor(options: Options) {
    const global = [...MODIFIERS].filter((letter) => options.has(letter)).join("");
    const separator = options.value("t");
    if (separator !== undefined && separator.length !== 1 && separator !== "\\0")
      throw new CommandError(
        separator === "" ? "empty tab" : `multi-character tab ${quoted(separator)}`,
        TROUBLE,
      );
    this.#separator = separator === "\\0" ? "\0" : separator;
    const keys = options.values("k").map((text) => parseKey(text, global));
    this.#keys = keys.length > 0 ? keys : [{ letters: global, from: { field: 1, character: 1 }, to: null }];
    this.#reverse = options.has("r");
    this.#unique = options.has("u");
    this.#stable = options.has("s") || this.#unique;
  }

  sort(lines: string[]): string[] {
    const plain = this.#keys.length === 1 && /^r?$/.test((this.#keys[0] as Key).letters) && this.#whole;
    if (plain && this.#separator === undefined) {
      lines.sort();
      if (this.#reverse) lines.reverse();
      return this.#unique ? lines.filter((line, at) => at === 0 || line !== lines[at - 1]) : lines;
    }
    const rows = lines.map((line) => ({ line, keys: this.#keysOf(line) }));
    rows.sort((a, b) => this.#compareKeys(a.keys, b.keys) || (this.#stable ? 0 : this.#last(a.line, b.line)));
    return rows
      .filter(
        (row, at) =>
          !this.#unique || at === 0 || this.#compareKeys((rows[at - 1] as typeof row).keys, row.keys) !== 0,
      )
      .map(({ line }) => line);
  }

  /** Where the first line is that comes too late; -1 where none does. */
  disorder(lines: readonly string[]): number {
    for (let at = 1; at < lines.length; at++) {
      const [before, line] = [lines[at - 1] as string, lines[at] as string];
      const order =
        this.#compareKeys(this.#keysOf(before), this.#keysOf(line)) ||
        (this.#stable ? 0 : this.#last(before, line));
      if (order > 0 || (this.#unique && order === 0)) return at;
    }
    return -1;
  }

  get #whole(): boolean {
    const [{ from, to }] = this.#keys as [Key];
    return from.field === 1 && from.character === 1 && to === null;
  }

  #last(a: string, b: string): number {
    return (this.#reverse ? -1 : 1) * compareText(a, b);
  }

  #keysOf(line: string): (string | number)[] {
    return this.#keys.map((key) => keyValue(this.#part(line, key), key.letters));
  }

  #compareKeys(a: readonly (string | number)[], b: readonly (string | number)[]): number {
    for (const [at, { letters }] of this.#keys.entries()) {
      const [left, right] = [a[at] as string | number, b[at] as string | number];
      const order =
        typeof left === "number"
          ? compareNumbers(left, right as number)
          : letters.includes("V")
            ? compareVersions(left, right as string)
            : compareText(left, right as string);
      if (order !== 0) return letters.includes("r") ? -order : order;
    }
    return 0;
  }

  #part(line: string, { from, to, letters }: Key): string {
    if (from.field === 1 && from.character === 1 && to === null) return line;
    const starts = this.#fields(line);
    const place = ({ field, character }: Key["from"], end: boolean) => {
      const start = starts[field - 1];
      if (start === undefined) return line.length;
      if (end && character === 0) return this.#end(line, starts, field);
      const blanks = letters.includes("b") ? (/^[ \t]*/.exec(line.slice(start))?.[0].length ?? 0) : 0;
      return start + blanks + character - (end ? 0 : 1);
    };
    return line.slice(place(from, false), to === null ? line.length : place(to, true));
  }

  /** Where each field begins; without a separator the blanks before it belong to it. */
  #fields(line: string): number[] {
    const starts = [0];
    const pattern = this.#separator === undefined ? /[^ \t](?=[ \t])/g : undefined;
    if (pattern !== undefined) for (const match of line.matchAll(pattern)) starts.push(match.index + 1);
    else
      for (
        let at = line.indexOf(this.#separator as string);
        at >= 0;
        at = line.indexOf(this.#separator as string, at + 1)
      )
        starts.push(at + 1);
    return starts;
  }

  #end(line: string, starts: readonly number[], field: number): number {
    const next = starts[field];
    if (next === undefined) return line.length;
    return this.#separator === undefined ? next : next - 1;
  }
}

function parseKey(text: string, global: string): Key {
  const match = /^(\d+)(?:\.(\d+))?([a-zA-Z]*)(?:,(\d+)(?:\.(\d+))?([a-zA-Z]*))?$/.exec(text);
  if (match === null)
    throw new CommandError(
      `invalid number at field start: invalid count at start of ${quoted(text)}`,
      TROUBLE,
    );
  const [, field, character = "1", first = "", toField, toCharacter = "0", second = ""] = match;
  if (field === "0")
    throw new CommandError(`field number is zero: invalid field specification ${quoted(text)}`, TROUBLE);
  const own = first + second;
  return {
    letters: own === "" ? global : own,
    from: { field: Number(field), character: Number(character) },
    to: toField === undefined ? null : { field: Number(toField), character: Number(toCharacter) },
  };
}

function keyValue(part: string, letters: string): string | number {
  if (/[nghM]/.test(letters)) return numberValue(part, letters);
  let value = letters.includes("b") ? part.replace(/^[ \t]+/, "") : part;
  if (letters.includes("d")) value = value.replace(/[^A-Za-z0-9 \t]/g, "");
  if (letters.includes("i")) value = value.replace(/[^ -~]/g, "");
  return letters.includes("f") ? value.replace(/[a-z]+/g, (text) => text.toUpperCase()) : value;
}

function numberValue(part: string, letters: string): number {
  const text = part.trimStart();
  if (letters.includes("M")) return months.indexOf(text.slice(0, 3).toUpperCase());
  if (letters.includes("g")) {
    const number = Number.parseFloat(text);
    return Number.isNaN(number) ? Number.NEGATIVE_INFINITY : number;
  }
  const [, number = "0", unit = " "] = /^(-?\d*\.?\d*)([KMGTPE]?)/i.exec(text) ?? [];
  const value = Number.parseFloat(number) || 0;
  if (!letters.includes("h")) return value;
  return value * 1024 ** Math.max(0, units.indexOf(unit.toUpperCase()));
}

function compareNumbers(a: number, b: number): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

function compareText(a: string, b: string): number {
  return a < b ? -1 : a > b ? 1 : 0;
}

/** Digits compare as numbers. */
function compareVersions(a: string, b: string): number {
  const [left, right] = [a.match(/\d+|\D+/g) ?? [], b.match(/\d+|\D+/g) ?? []];
  for (let at = 0; at < Math.min(left.length, right.length); at++) {
    const [x, y] = [left[at] as string, right[at] as string];
    const digits = /^\d/.test(x) && /^\d/.test(y);
    const order = digits ? compareNumbers(Number(x), Number(y)) : compareText(x, y);
    if (order !== 0) return order;
  }
  return left.length - right.length;
}
