import { closestMatch } from "leven";
import { InvalidOptionError } from "../../errors/invalid-option-error.js";

/** Values are shown in messages up to this many characters. */
const SHOWN = 60;

/** What came, in a few words: `"5s"`, `NaN`, `an array`. */
export function describe(value: unknown): string {
  if (typeof value === "string") {
    return JSON.stringify(value.length > SHOWN ? `${value.slice(0, SHOWN)}…` : value);
  }
  if (typeof value === "function") return "a function";
  if (typeof value === "bigint") return `the bigint ${value}`;
  if (typeof value === "symbol") return "a symbol";
  if (Array.isArray(value)) return "an array";
  if (typeof value !== "object" || value === null) return String(value);
  const name: unknown = value.constructor?.name;
  return typeof name === "string" && name !== "Object" && name !== "" ? `a ${name}` : "an object";
}

/** Throws the error that names the key, what was expected and what came. */
export function refuse(key: string, expected: string, value: unknown): never {
  throw new InvalidOptionError({ key, expected, received: describe(value) });
}

/** Whether a value is an object whose own keys are to be read: not one that holds its content elsewhere. */
export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && Object.prototype.toString.call(value) === "[object Object]";
}

/** The known name that a wrong one was probably meant to be. */
export function nearest(name: string, known: readonly string[]): string | undefined {
  const folded = name.toLowerCase();
  const begun = known.find((candidate) => folded.length > 2 && candidate.toLowerCase().startsWith(folded));
  return begun ?? closestMatch(name, known, { maxDistance: 1 + Math.ceil(name.length / 3) });
}

/**
 * Reads the known keys of an options object, each once. Unknown ones are refused, also when their value
 * is undefined: a misspelt limit that does nothing is worse than an error.
 */
export function readFields<K extends string>(
  options: unknown,
  where: string,
  known: readonly K[],
  prefix = "",
): Partial<Record<K, unknown>> {
  if (options === undefined) return {};
  if (!isRecord(options)) refuse(where, "an object", options);
  const fields: Partial<Record<K, unknown>> = {};
  for (const name of Object.keys(options)) {
    const key = known.find((candidate) => candidate === name);
    if (key === undefined) {
      const guess = nearest(name, known);
      throw new InvalidOptionError({
        key: prefix + name,
        expected: known.join(", "),
        unknown: true,
        nearest: guess === undefined ? undefined : prefix + guess,
      });
    }
    fields[key] = options[key];
  }
  return fields;
}

/** A whole number within bounds; `unit` is part of the message: "milliseconds". */
export function checkInteger(
  value: unknown,
  key: string,
  { min, max, unit }: { min: number; max: number; unit: string },
): number {
  if (typeof value === "number" && Number.isInteger(value) && value >= min && value <= max) return value;
  return refuse(key, `a whole number of ${unit} from ${min} to ${max}`, value);
}

/** A boolean. */
export function checkBoolean(value: unknown, key: string): boolean {
  if (typeof value === "boolean") return value;
  return refuse(key, "true or false", value);
}

/** A string without NUL, which would end it early in every system call. */
export function checkText(value: unknown, key: string): string {
  if (typeof value === "string" && !value.includes("\0")) return value;
  return refuse(key, "a string without NUL characters", value);
}

/** A function, by the type that the caller names. */
export function checkFunction<F extends (...args: never[]) => unknown>(value: unknown, key: string): F {
  if (typeof value === "function") return value as F;
  return refuse(key, "a function", value);
}

/** An AbortSignal, also one of another realm or a polyfill. */
export function checkAbortSignal(value: unknown, key: string): AbortSignal {
  const signal = value as Partial<AbortSignal> | null;
  if (
    typeof signal === "object" &&
    signal !== null &&
    typeof signal.aborted === "boolean" &&
    typeof signal.addEventListener === "function"
  ) {
    return signal as AbortSignal;
  }
  return refuse(key, "an AbortSignal", value);
}

/** Bytes up to this many are copied at once: what becomes of the caller's buffer then is of no matter. */
const COPIED_BYTES = 64 * 1024;

/** Text, which is encoded as UTF-8, or bytes: a copy of them where they are few. */
export function checkBytes(value: unknown, key: string, max: number): Uint8Array {
  let bytes: Uint8Array;
  if (typeof value === "string") bytes = Buffer.from(value);
  else if (value instanceof Uint8Array) bytes = value.length > COPIED_BYTES ? value : Uint8Array.from(value);
  else return refuse(key, "a string or a Uint8Array", value);
  if (bytes.length > max) {
    throw new InvalidOptionError({
      key,
      expected: `at most ${max} bytes`,
      received: `${bytes.length} bytes`,
    });
  }
  return bytes;
}

/** Bytes that were checked, of which there were so many: refused when their buffer is detached by now. */
export function checkStillThere(bytes: Uint8Array, key: string, length: number): void {
  if (bytes.length === length) return;
  refuse(key, "bytes that stay where they are until the call is answered", bytes);
}
