import type { Input } from "./input.js";
import { decodeText } from "./text.js";

/** Bytes as characters of their own, or the text that they are; that is `exact` where odd bytes come out as they went in. */
export type Encoding = "latin1" | "utf8" | "exact";

/** Lines that came at once, without their ends. */
export interface Batch {
  lines: string[];
  /** Whether the last of them had an end: only of the last batch it may have none. */
  ended: boolean;
}

/**
 * The lines of an input, as many at once as there are: what reads them in batches and writes a batch at
 * once is quick, and yet holds nothing back.
 */
export async function* lineBatches(
  input: Input,
  encoding: Encoding = "latin1",
  delimiter = "\n",
): AsyncGenerator<Batch, void> {
  const byte = delimiter.charCodeAt(0);
  let rest: Buffer[] = [];
  for await (const chunk of input.chunks()) {
    const end = chunk.lastIndexOf(byte);
    if (end < 0) {
      rest.push(chunk);
      continue;
    }
    const whole = chunk.subarray(0, end);
    const text = decode(rest.length === 0 ? whole : Buffer.concat([...rest, whole]), encoding);
    rest = end + 1 < chunk.length ? [chunk.subarray(end + 1)] : [];
    yield { lines: text.split(delimiter), ended: true };
  }
  if (rest.length > 0) yield { lines: [decode(Buffer.concat(rest), encoding)], ended: false };
}

function decode(bytes: Buffer, encoding: Encoding): string {
  return encoding === "exact" ? decodeText(bytes) : bytes.toString(encoding);
}

/** Lines with their ends, as bytes. */
export function joinLines(
  lines: readonly string[],
  encoding: Exclude<Encoding, "exact"> = "latin1",
  delimiter = "\n",
  ended = true,
): Buffer {
  if (lines.length === 0) return Buffer.alloc(0);
  return Buffer.from(lines.join(delimiter) + (ended ? delimiter : ""), encoding);
}
