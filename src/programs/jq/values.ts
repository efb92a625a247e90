import { CommandError } from "../errors.js";

/** A value of JSON. Objects keep the order of their keys, which JavaScript's own don't where they are numbers. */
export type Json = null | boolean | number | string | Json[] | Map<string, Json>;

/** What a filter raises; anything may be an error's value. */
export class JqError extends Error {
  readonly value: Json;

  constructor(value: Json) {
    super(typeof value === "string" ? value : toJson(value));
    this.value = value;
  }
}

export function typeName(value: Json): string {
  if (value === null) return "null";
  if (Array.isArray(value)) return "array";
  if (value instanceof Map) return "object";
  return typeof value;
}

export const truthy = (value: Json): boolean => value !== null && value !== false;

const ranks = ["null", "false", "true", "number", "string", "array", "object"];

function rank(value: Json): number {
  return ranks.indexOf(typeof value === "boolean" ? String(value) : typeName(value));
}

const byText = (a: string, b: string): number => Buffer.compare(Buffer.from(a), Buffer.from(b));

/** The order of all values: by type, then by content. */
export function compareJson(a: Json, b: Json): number {
  const order = rank(a) - rank(b);
  if (order !== 0) return order;
  if (typeof a === "number") return a < (b as number) ? -1 : a > (b as number) ? 1 : 0;
  if (typeof a === "string") return byText(a, b as string);
  if (Array.isArray(a)) {
    const other = b as Json[];
    for (let at = 0; at < Math.min(a.length, other.length); at++) {
      const each = compareJson(a[at] as Json, other[at] as Json);
      if (each !== 0) return each;
    }
    return a.length - other.length;
  }
  if (!(a instanceof Map)) return 0;
  const other = b as Map<string, Json>;
  const [keys, otherKeys] = [[...a.keys()].sort(byText), [...other.keys()].sort(byText)];
  const byKeys = compareJson(keys, otherKeys);
  if (byKeys !== 0) return byKeys;
  for (const key of keys) {
    const each = compareJson(a.get(key) as Json, other.get(key) as Json);
    if (each !== 0) return each;
  }
  return 0;
}

export function sortedKeys(object: ReadonlyMap<string, Json>): string[] {
  return [...object.keys()].sort(byText);
}

export interface JsonStyle {
  /** What a level is set in by; empty for all in one line. */
  indent: string;
  sorted: boolean;
  ascii: boolean;
}

const compact: JsonStyle = { indent: "", sorted: false, ascii: false };

export function toJson(value: Json, style: JsonStyle = compact, before = ""): string {
  if (typeof value === "number") return numberText(value);
  if (typeof value === "string") return quoted(value, style.ascii);
  if (value === null || typeof value === "boolean") return String(value);
  const [open, close] = Array.isArray(value) ? ["[", "]"] : ["{", "}"];
  const inner = before + style.indent;
  const parts = Array.isArray(value)
    ? value.map((one) => toJson(one, style, inner))
    : (style.sorted ? sortedKeys(value) : [...value.keys()]).map(
        (key) =>
          `${quoted(key, style.ascii)}:${style.indent === "" ? "" : " "}${toJson(value.get(key) as Json, style, inner)}`,
      );
  if (parts.length === 0) return open + close;
  if (style.indent === "") return `${open}${parts.join(",")}${close}`;
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${before}${close}`;
}

function numberText(value: number): string {
  if (Number.isNaN(value)) return "null";
  if (!Number.isFinite(value)) return value > 0 ? "1.7976931348623157e+308" : "-1.7976931348623157e+308";
  if (Object.is(value, -0)) return "-0";
  // As jq: with an exponent where there would be many zeros.
  const short = value.toExponential();
  const [, digits = "", exponent = "0"] = /^-?([\d.]+)e([-+]\d+)$/.exec(short) ?? [];
  const point = Number(exponent) + 1;
  if (value === 0 || (point > -4 && point <= digits.replace(".", "").length + 15)) return plain(value);
  return short.replace(/e([-+])(\d)$/, "e$10$2");
}

/** Without an exponent, which JavaScript has from 1e21 on. */
function plain(value: number): string {
  return Math.abs(value) < 1e21 ? String(value) : BigInt(value).toString();
}

function quoted(text: string, ascii: boolean): string {
  const json = JSON.stringify(text).replaceAll("\x7f", "\\u007f");
  return ascii
    ? json.replace(/[\u0080-\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`)
    : json;
}

const NUMBER = /-?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?/y;
const TEXT = /"(?:[^"\\]|\\[\s\S])*"/y;
const BLANK = /\s*/y;
const WORD = /[A-Za-z]+/y;

/** The most that values may lie within each other. */
const DEPTH = 10_000;

/** Reads one value that is all of a text. */
export function parseJson(text: string): Json {
  let at = 0;
  const take = (pattern: RegExp): string => {
    pattern.lastIndex = at;
    const found = pattern.exec(text)?.[0] ?? "";
    at += found.length;
    return found;
  };
  const fail = (): never => {
    throw new CommandError(`parse error: Invalid JSON at offset ${at}`, 2);
  };
  const string = (): string => {
    const found = take(TEXT);
    try {
      return JSON.parse(
        found.replace(/[^ -\uffff]/g, (one) => `\\u${one.charCodeAt(0).toString(16).padStart(4, "0")}`),
      );
    } catch {
      return fail();
    }
  };
  const value = (depth: number): Json => {
    if (depth > DEPTH) throw new CommandError("parse error: Exceeds depth limit for parsing", 2);
    take(BLANK);
    const character = text.charAt(at);
    if (character === '"') return string();
    if (character === "[") return array(depth);
    if (character === "{") return object(depth);
    const number = take(NUMBER);
    if (number !== "") return Number(number);
    const word = take(WORD);
    if (word === "true" || word === "false") return word === "true";
    return word === "null" || word === "nan" ? null : fail();
  };
  const array = (depth: number): Json[] => {
    const items: Json[] = [];
    at++;
    take(BLANK);
    if (text.charAt(at) === "]") at++;
    else
      for (;;) {
        items.push(value(depth + 1));
        take(BLANK);
        const mark = text.charAt(at++);
        if (mark === "]") break;
        if (mark !== ",") fail();
      }
    return items;
  };
  const object = (depth: number): Map<string, Json> => {
    const entries = new Map<string, Json>();
    at++;
    take(BLANK);
    if (text.charAt(at) === "}") at++;
    else
      for (;;) {
        take(BLANK);
        const key = string();
        take(BLANK);
        if (text.charAt(at++) !== ":") fail();
        entries.set(key, value(depth + 1));
        take(BLANK);
        const mark = text.charAt(at++);
        if (mark === "}") break;
        if (mark !== ",") fail();
      }
    return entries;
  };
  const result = value(0);
  take(BLANK);
  return at === text.length ? result : fail();
}
