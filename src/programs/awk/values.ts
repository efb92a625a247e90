import { general, real } from "../text/numbers.js";

/** Text that came from outside and looks like a number: it compares as one. */
export class NumericText {
  readonly text: string;
  readonly number: number;

  constructor(text: string, number: number) {
    this.text = text;
    this.number = number;
  }
}

/** Undefined is what nothing has been assigned to. */
export type Value = number | string | NumericText | undefined;

const NUMERIC = /^\s*[-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?\s*$/;
const LEADING = /^\s*([-+]?(?:\d+\.?\d*|\.\d+)(?:[eE][-+]?\d+)?)/;

/** What text from outside is. */
export function fromOutside(text: string): Value {
  return NUMERIC.test(text) ? new NumericText(text, Number(text)) : text;
}

export function toNumber(value: Value): number {
  if (typeof value === "number") return value;
  if (value === undefined) return 0;
  if (typeof value === "string") return Number(LEADING.exec(value)?.[1] ?? 0);
  return value.number;
}

/** `format` is that of numbers that aren't whole: CONVFMT or OFMT. */
export function toText(value: Value, format: string): string {
  if (typeof value === "string") return value;
  if (value === undefined) return "";
  return typeof value === "number" ? numberText(value, format) : value.text;
}

/** Beyond, a number has no digits of its own for each place. */
const WHOLE = 1e18;

function numberText(number: number, format: string): string {
  if (Number.isInteger(number)) {
    if (Object.is(number, -0)) return "-0";
    return Math.abs(number) < WHOLE ? String(BigInt(number)) : shown(number, format);
  }
  if (Number.isNaN(number)) return "nan";
  if (!Number.isFinite(number)) return number > 0 ? "inf" : "-inf";
  return shown(number, format);
}

function shown(number: number, format: string): string {
  const digits = /^%\.(\d+)g$/.exec(format)?.[1];
  const sign = number < 0 ? "-" : "";
  if (digits !== undefined) return sign + general(Math.abs(number), Number(digits), "");
  const [, flags = "", decimals = "6", kind = "g"] =
    /^%([-+ 0#]*)\d*(?:\.(\d+))?([eEfFgGdi])/.exec(format) ?? [];
  return /[di]/.test(kind) ? String(Math.trunc(number)) : real(number, kind, flags, Number(decimals));
}

export function toBoolean(value: Value): boolean {
  if (typeof value === "number") return value !== 0;
  if (value === undefined) return false;
  return typeof value === "string" ? value !== "" : value.number !== 0;
}

/** Below 0, 0 or above: numbers as numbers, and everything else as text. */
export function compare(a: Value, b: Value, format: string): number {
  if (typeof a !== "string" && typeof b !== "string") return toNumber(a) - toNumber(b);
  const [left, right] = [toText(a, format), toText(b, format)];
  return left < right ? -1 : left > right ? 1 : 0;
}
