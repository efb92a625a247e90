import { ValueRefusedError } from "../../errors/value-refused-error.js";
import { costOfJson } from "../../wire/json-cost.js";

/**
 * The most JSON that a call may hand back, in bytes. Decoding holds up the event loop, and with it every
 * other call: this much text takes 30 to 200 ms.
 */
export const MAX_VALUE_BYTES = 16 * 1024 * 1024;

/**
 * The most values in it: each object or array takes about 64 bytes of the host's heap, whatever its
 * JSON takes, so that 16 MiB of `[{},{},…]` would cost 350 MB. A plain list of so many is decoded in tens
 * of milliseconds, one that is made to hurt (as many different keys) in 0.3 s.
 */
const MAX_VALUES = 250_000;

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
