import { CommandError } from "../errors.js";
import { regexOf } from "./regexes.js";
import { fromOutside, toText, type Value } from "./values.js";

/** What a program could ask for by mistake. */
const MOST = 1_000_000;

/** A record and its fields: each is made of the other when it is asked for. */
export class Fields {
  #record = "";
  /** Null until somebody asks for a field. */
  #fields: Value[] | null = [];
  /** Whether the record is as it came, or was made of the fields since they changed. */
  #whole = true;
  #separator = " ";
  #byLine = false;

  /** A new record; it is split by the separator of now, whatever that becomes. */
  setRecord(text: string, separator: string, byLine: boolean): void {
    this.#record = text;
    this.#fields = null;
    this.#whole = true;
    this.#separator = separator;
    this.#byLine = byLine;
  }

  get count(): number {
    return this.#all().length;
  }

  get(index: number, joint: string, format: string): Value {
    if (index === 0) {
      if (!this.#whole) {
        this.#record = this.#all()
          .map((one) => toText(one, format))
          .join(joint);
        this.#whole = true;
      }
      return fromOutside(this.#record);
    }
    if (index < 0) throw new CommandError(`field ${index} is not there`, 2);
    return this.#all()[index - 1];
  }

  set(index: number, value: Value): void {
    if (!(index >= 1 && index <= MOST)) throw new CommandError(`field ${index} can't be set`, 2);
    const fields = this.#all();
    while (fields.length < index) fields.push("");
    fields[index - 1] = value;
    this.#whole = false;
  }

  setCount(count: number): void {
    if (!(count >= 0 && count <= MOST)) throw new CommandError(`NF can't be ${count}`, 2);
    const fields = this.#all();
    fields.length = Math.min(fields.length, Math.trunc(count));
    while (fields.length < Math.trunc(count)) fields.push("");
    this.#whole = false;
  }

  #all(): Value[] {
    this.#fields ??= splitText(this.#record, this.#separator, this.#byLine).map(fromOutside);
    return this.#fields;
  }
}

/** `separator` is a blank for all blanks, a character for itself, or an expression. */
export function splitText(text: string, separator: string | RegExp, byLine = false): string[] {
  if (separator === " ") {
    const trimmed = text.replace(/^[ \t\n]+|[ \t\n]+$/g, "");
    return trimmed === "" ? [] : trimmed.split(/[ \t\n]+/);
  }
  if (text === "") return [];
  if (separator === "") return Array.from(text);
  if (typeof separator === "string" && separator.length === 1 && separator !== "\\" && !byLine)
    return text.split(separator);
  const source =
    typeof separator === "string" ? (separator.length === 1 ? literal(separator) : separator) : null;
  const regex = source === null ? (separator as RegExp) : regexOf(byLine ? `(${source})|\n` : source);
  return splitBy(text, regex);
}

function literal(character: string): string {
  return /\w/.test(character) ? character : `\\${character}`;
}

/** By matches that aren't empty. */
function splitBy(text: string, regex: RegExp): string[] {
  const parts: string[] = [];
  let last = 0;
  for (const match of text.matchAll(regex)) {
    if (match[0] === "") continue;
    parts.push(text.slice(last, match.index));
    last = match.index + match[0].length;
  }
  parts.push(text.slice(last));
  return parts;
}
