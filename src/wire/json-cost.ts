/** What a JSON text may hold. */
export interface JsonBounds {
  /** Values, those within others included. */
  values: number;
  /** Arrays and objects within each other. */
  depth: number;
}

const QUOTE = 0x22;
const COMMA = 0x2c;
const OPEN_ARRAY = 0x5b;
const BACKSLASH = 0x5c;
const CLOSE_ARRAY = 0x5d;
const OPEN_OBJECT = 0x7b;
const CLOSE_OBJECT = 0x7d;

/**
 * Bounds what parsing a text can cost, before it is parsed and without believing that it is JSON:
 * answers which bound it breaks, null when it keeps both.
 *
 * Each object or array takes some 64 bytes of the heap whatever its JSON takes, and a parser keeps a
 * record for each level: 60 MB of brackets hold up the event loop for seconds.
 */
export function costOfJson(json: Uint8Array, bounds: JsonBounds): keyof JsonBounds | null {
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
      if (depth > bounds.depth) return "depth";
    } else if (byte === CLOSE_ARRAY || byte === CLOSE_OBJECT) {
      depth--;
    }
    if (values > bounds.values) return "values";
  }
  return null;
}

/** The index of the quote that ends a string. */
function endOfString(json: Uint8Array, start: number): number {
  let end = json.indexOf(QUOTE, start);
  while (end !== -1 && isEscaped(json, end, start)) end = json.indexOf(QUOTE, end + 1);
  return end === -1 ? json.length : end;
}

function isEscaped(json: Uint8Array, index: number, start: number): boolean {
  let backslashes = 0;
  while (index - backslashes > start && json[index - backslashes - 1] === BACKSLASH) backslashes++;
  return backslashes % 2 === 1;
}
