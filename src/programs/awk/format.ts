import { integer, pad, real } from "../text/numbers.js";
import { NumericText, toNumber, toText, type Value } from "./values.js";

const DIRECTIVE = /%(?:%|([-+ 0#]*)(\*|\d+)?(?:\.(\*|\d+)?)?([diouxXeEfFgGcs]))/g;

/** `sprintf`: arguments that are missing count for nothing. */
export function formatted(format: string, args: readonly Value[], conversion: string): string {
  let at = 0;
  return format.replace(
    DIRECTIVE,
    (whole: string, flags: string, width?: string, precision?: string, kind?: string) => {
      if (kind === undefined) return "%";
      const given = (text: string | undefined) => (text === "*" ? toNumber(args[at++]) : Number(text ?? 0));
      const columns = given(width);
      const digits = whole.includes(".") ? given(precision) : undefined;
      return pad(one(kind, args[at++], flags, digits, conversion), columns, flags, kind);
    },
  );
}

function one(
  kind: string,
  value: Value,
  flags: string,
  digits: number | undefined,
  conversion: string,
): string {
  if (kind === "s") {
    const text = toText(value, conversion);
    return digits === undefined ? text : text.slice(0, digits);
  }
  if (kind === "c") {
    if (typeof value === "number" || value instanceof NumericText) {
      const code = Math.trunc(toNumber(value));
      return code >= 0 && code <= 0x10ffff ? String.fromCodePoint(code) : "";
    }
    return Array.from(value ?? "")[0] ?? "";
  }
  const number = toNumber(value);
  if (!/[diouxX]/.test(kind) || !Number.isFinite(number))
    return real(number, /[diouxX]/.test(kind) ? "f" : kind, flags, digits ?? 6);
  const whole = BigInt(Math.trunc(number));
  return integer(whole, kind, flags, digits);
}
