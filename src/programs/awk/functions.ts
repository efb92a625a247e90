import { formatDate } from "../process/date.js";
import { splitText } from "./fields.js";
import type { Globals } from "./globals.js";
import { regexOf } from "./regexes.js";
import { fromOutside, toNumber, toText, type Value } from "./values.js";

/** The functions that awk has for text, numbers and time. */
export class TextFunctions {
  readonly #globals: Globals;
  #seed = 0;
  #state = 0;

  constructor(globals: Globals) {
    this.#globals = globals;
  }

  /** A variable that has a meaning of its own, as text. */
  special(name: string): string {
    const value = this.#globals.values[name] as Value;
    return typeof value === "string" ? value : toText(value, "%.6g");
  }

  get format(): string {
    return this.special("CONVFMT");
  }

  #text(value: Value): string {
    return toText(value, this.format);
  }

  regex(source: string): RegExp {
    return regexOf(source);
  }

  matches(value: Value, regex: RegExp): boolean {
    regex.lastIndex = 0;
    return regex.test(this.#text(value));
  }

  length(value: Value): number {
    return characters(this.#text(value));
  }

  index(value: Value, part: Value): number {
    const text = this.#text(value);
    const at = text.indexOf(this.#text(part));
    return at < 0 ? 0 : characters(text.slice(0, at)) + 1;
  }

  substr(value: Value, from: Value, count?: Value): string {
    const text = this.#text(value);
    const start = Math.round(toNumber(from));
    const end = count === undefined ? Number.POSITIVE_INFINITY : start + Math.round(toNumber(count));
    const [first, last] = [Math.max(start, 1) - 1, end - 1];
    if (!(last > first)) return "";
    return /[\ud800-\udbff]/.test(text)
      ? Array.from(text).slice(first, last).join("")
      : text.slice(first, last);
  }

  split(text: string, array: Map<string, Value>, separator: string | RegExp | null): number {
    const parts = splitText(text, separator ?? this.special("FS"));
    array.clear();
    for (const [at, part] of parts.entries()) array.set(String(at + 1), fromOutside(part));
    return parts.length;
  }

  match(text: string, regex: RegExp, groups: Map<string, Value> | null): number {
    regex.lastIndex = 0;
    const match = regex.exec(text);
    const start = match === null ? 0 : characters(text.slice(0, match.index)) + 1;
    this.#globals.values["RSTART"] = start;
    this.#globals.values["RLENGTH"] = match === null ? -1 : characters(match[0]);
    groups?.clear();
    for (const [at, group] of (match ?? []).entries()) groups?.set(String(at), fromOutside(group ?? ""));
    return start;
  }

  /** `sub` and `gsub`: the text that comes of it, and how often something was replaced. */
  replace(all: boolean, regex: RegExp, replacement: string, text: string): { text: string; count: number } {
    const put = (found: string) =>
      replacement.includes("&") || replacement.includes("\\")
        ? replacement.replace(/\\\\(?=&)|\\&|&/g, (mark) =>
            mark === "&" ? found : mark === "\\&" ? "&" : "\\",
          )
        : replacement;
    return replaceMatches(text, regex, all ? null : 1, (match) => put(match[0]));
  }

  gensub(regex: RegExp, replacement: string, how: string, target?: string): string {
    const text = target ?? "";
    const number = /^[gG]/.test(how) ? null : Math.max(1, Math.trunc(toNumber(how)));
    const put = (match: RegExpExecArray) =>
      replacement.replace(/\\([\s\S])|&/g, (mark, escaped?: string) => {
        if (escaped === undefined) return match[0];
        return /\d/.test(escaped) ? (match[Number(escaped)] ?? "") : escaped === "&" ? "&" : mark;
      });
    return replaceMatches(text, regex, number, put).text;
  }

  tolower(value: Value): string {
    return this.#text(value).toLowerCase();
  }

  toupper(value: Value): string {
    return this.#text(value).toUpperCase();
  }

  int(value: Value): number {
    return Math.trunc(toNumber(value));
  }

  sqrt(value: Value): number {
    return Math.sqrt(toNumber(value));
  }

  exp(value: Value): number {
    return Math.exp(toNumber(value));
  }

  log(value: Value): number {
    return Math.log(toNumber(value));
  }

  sin(value: Value): number {
    return Math.sin(toNumber(value));
  }

  cos(value: Value): number {
    return Math.cos(toNumber(value));
  }

  atan2(y: Value, x: Value): number {
    return Math.atan2(toNumber(y), toNumber(x));
  }

  /** The same numbers for the same seed. */
  rand(): number {
    this.#state = (this.#state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(this.#state ^ (this.#state >>> 15), 1 | this.#state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4_294_967_296;
  }

  /** Answers the seed of before. */
  srand(seed?: Value): number {
    const before = this.#seed;
    this.#seed = seed === undefined ? this.systime() : toNumber(seed);
    this.#state = this.#seed | 0;
    return before;
  }

  systime(): number {
    return Math.floor(Date.now() / 1000);
  }

  strftime(format?: Value, time?: Value, utc?: Value): string {
    const date = new Date(time === undefined ? Date.now() : toNumber(time) * 1000);
    const shape = format === undefined ? "%a %b %e %H:%M:%S %Z %Y" : this.#text(format);
    return formatDate(shape, date, toNumber(utc) !== 0);
  }
}

function characters(text: string): number {
  return /[\ud800-\udbff]/.test(text) ? Array.from(text).length : text.length;
}

/** Replaces all matches, or the one of a number. */
function replaceMatches(
  text: string,
  regex: RegExp,
  number: number | null,
  put: (match: RegExpExecArray) => string,
): { text: string; count: number } {
  let result = "";
  let last = 0;
  let seen = 0;
  let count = 0;
  for (const match of text.matchAll(regex)) {
    // An empty match right behind another one is none.
    if (match[0] === "" && match.index === last && seen > 0 && text.slice(0, last) !== "") continue;
    if (number !== null && ++seen !== number) continue;
    result += text.slice(last, match.index) + put(match);
    last = match.index + match[0].length;
    seen++;
    count++;
    if (number !== null) break;
  }
  return { text: result + text.slice(last), count };
}
