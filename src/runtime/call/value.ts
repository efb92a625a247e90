import { ValueRefusedError } from "../../errors/value-refused-error.js";
import { costOfJson } from "../../wire/json-cost.js";

/** The most JSON that a call may hand back, in bytes. */
export const MAX_VALUE_BYTES = 64 * 1024 * 1024;

/**
 * The most values in it: each object or array takes about 64 bytes of the host's heap, whatever its
 * JSON takes, so that 64 MiB of `[{},{},…]` would cost 1.4 GB.
 */
const MAX_VALUES = 2_000_000;

/** How deep it may be nested: code that walks a value, `JSON.stringify` first, does so recursively. */
const MAX_DEPTH = 1000;

/**
 * Decodes what a program returned: text that may have been made to hurt. Throws ValueRefusedError.
 *
 * The result is plain data. A key named `__proto__` is an ordinary own property in it.
 */
export function decodeValue(json: Buffer): unknown {
  const broken = costOfJson(json, { values: MAX_VALUES, depth: MAX_DEPTH });
  if (broken === "depth") throw new ValueRefusedError(`it is nested more than ${MAX_DEPTH} deep`);
  if (broken === "values") throw new ValueRefusedError(`it holds more than ${MAX_VALUES} values`);
  try {
    return JSON.parse(json.toString("utf8"));
  } catch (cause) {
    throw new ValueRefusedError("it is not JSON", { cause });
  }
}
