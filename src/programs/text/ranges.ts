import type { CommandContext } from "../command.js";
import { quoted } from "../errors.js";
import { usageError } from "../options.js";

/** Numbers from one to another, both included. */
interface Range {
  from: number;
  to: number;
}

/** A list as `1,3-5,7-`: which numbers are in it, and where one of its ranges begins. */
export class Ranges {
  readonly #ranges: Range[];
  readonly #complement: boolean;

  constructor(context: CommandContext, text: string, fields: boolean, complement: boolean) {
    const ranges = text.split(/[, \t]/).map((part) => parseRange(context, part, fields));
    ranges.sort((a, b) => a.from - b.from);
    this.#ranges = [];
    for (const range of ranges) {
      const last = this.#ranges.at(-1);
      if (last !== undefined && range.from <= last.to) last.to = Math.max(last.to, range.to);
      else this.#ranges.push({ ...range });
    }
    this.#complement = complement;
  }

  has(number: number): boolean {
    return this.#ranges.some(({ from, to }) => number >= from && number <= to) !== this.#complement;
  }

  /** The parts of a row of so many, as offsets of the first and behind the last. */
  within(count: number): { start: number; end: number }[] {
    const parts: { start: number; end: number }[] = [];
    let next = 1;
    for (const { from, to } of this.#ranges) {
      if (this.#complement) {
        if (from > next) parts.push({ start: next - 1, end: Math.min(from - 1, count) });
        next = to + 1;
      } else if (from <= count) parts.push({ start: from - 1, end: Math.min(to, count) });
    }
    if (this.#complement && next <= count) parts.push({ start: next - 1, end: count });
    return parts.filter(({ start, end }) => start < end);
  }
}

function parseRange(context: CommandContext, text: string, fields: boolean): Range {
  const [whole, first = "", dash, last = ""] = /^(\d*)(-?)(\d*)$/.exec(text) ?? [];
  if (whole === undefined)
    throw usageError(
      context,
      `invalid ${fields ? "field value" : "byte/character position"} ${quoted(text.replace(/^[\d-]*/, ""))}`,
    );
  if (dash === "-" && first === "" && last === "")
    throw usageError(context, "invalid range with no endpoint: -");
  const from = first === "" ? 1 : Number(first);
  if (whole === "" || (first !== "" && from === 0))
    throw usageError(
      context,
      fields ? "fields are numbered from 1" : "byte/character positions are numbered from 1",
    );
  if (dash === "") return { from, to: from };
  const to = last === "" ? Number.POSITIVE_INFINITY : Number(last);
  if (to < from) throw usageError(context, "invalid decreasing range");
  return { from, to };
}
