import { ValueRefusedError } from "../../errors/value-refused-error.js";

/** The most JSON that a call may hand back, in bytes. */
export const MAX_VALUE_BYTES = 64 * 1024 * 1024;

/**
 * The most values in it: each object or array takes about 64 bytes of the host's heap, whatever its
 * JSON takes, so that 64 MiB of `[{},{},…]` would cost 1.4 GB.
 */
const MAX_VALUES = 2_000_000;

/** How deep it may be nested: code that walks a value, `JSON.stringify` first, does so recursively. */
const MAX_DEPTH = 1000;

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Decodes what a program returned: text that may have been made to hurt. Throws ValueRefusedError.
 *
 * The result is plain data. A key named `__proto__` is an ordinary own property in it.
 */
export function decodeValue(json: Buffer): unknown {
  refuseCostly(json);
  try {
    return JSON.parse(json.toString("utf8"));
  } catch (cause) {
    throw new ValueRefusedError("it is not JSON", { cause });
  }
}

/** Bounds what parsing can cost, without believing that the text is JSON. */
function refuseCostly(json: Buffer): void {
  let values = 1;
  let depth = 0;
  for (let index = 0; index < json.length; index++) {
    const byte = json[index];
    if (byte === QUOTE) {
      index = endOfString(json, index + 1);
    } else if (byte === COMMA) {
      values++;
    } else if (byte === OPEN_ARRAY || byte === OPEN_OBJECT) {
      values++;
      depth++;
      if (depth > MAX_DEPTH) throw new ValueRefusedError(`it is nested more than ${MAX_DEPTH} deep`);
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      depth--;
    }
    if (values > MAX_VALUES) throw new ValueRefusedError(`it holds more than ${MAX_VALUES} values`);
  }
}

/** The index of the quote that ends a string. */
function endOfString(json: Buffer, start: number): number {
  let end = json.indexOf(QUOTE, start);
  while (end !== -1 && isEscaped(json, end, start)) end = json.indexOf(QUOTE, end + 1);
  return end === -1 ? json.length : end;
}

function isEscaped(json: Buffer, index: number, start: number): boolean {
  let backslashes = 0;
  while (index - backslashes > start && json[index - backslashes - 1] === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
