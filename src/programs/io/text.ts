import { isUtf8 } from "node:buffer";

/** Where a byte that is no text stands in a string: a half of a surrogate pair, which text never has alone. */
const ODD = 0xdc00;

/** Bytes as text of UTF-8; those that are none come out again as they were. */
export function decodeText(bytes: Buffer): string {
  if (isUtf8(bytes)) return bytes.toString();
  let text = "";
  for (let at = 0; at < bytes.length; ) {
    const length = sequenceLength(bytes, at);
    const odd = length === 0;
    text += odd ? String.fromCharCode(ODD + (bytes[at] as number)) : bytes.toString("utf8", at, at + length);
    at += odd ? 1 : length;
  }
  return text;
}

/** How many bytes make the character there; 0 for none. */
function sequenceLength(bytes: Buffer, at: number): number {
  for (let length = 1; length <= 4 && at + length <= bytes.length; length++)
    if (isUtf8(bytes.subarray(at, at + length))) return length;
  return 0;
}

/** The bytes that text was, or is. */
export function encodeText(text: string): Buffer {
  if (text.isWellFormed()) return Buffer.from(text);
  const parts = text.split(/(?<![\ud800-\udbff])([\udc80-\udcff])/);
  return Buffer.concat(
    parts.map((part, at) => (at % 2 === 0 ? Buffer.from(part) : Buffer.of(part.charCodeAt(0) - ODD))),
  );
}
