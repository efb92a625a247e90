import { internalBinding, primordials } from "../internals.js";

const {
  ArrayPrototypePush,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeSet,
} = primordials;
const ByteView: Uint8ArrayConstructor = primordials.Uint8Array;
const { latin1WriteStatic, ucs2Write, utf8WriteStatic } = internalBinding("buffer");
const encodeUtf8String: (text: string) => Uint8Array =
  internalBinding("encoding_binding")["encodeUtf8String"];

/** What a stream writes: bytes, or a text. */
export type Chunk = Uint8Array | string;

/** The encodings that a handle knows. */
export type Encoding = "utf8" | "latin1" | "ucs2";

const PLACE_BYTES = 16 * 1024;
/** Where little is put together, one write at a time: whoever keeps it makes a copy. */
export const place: Uint8Array = new ByteView(PLACE_BYTES);

/** The most bytes that a text takes, each of its units. */
const MOST_BYTES = { __proto__: null as never, utf8: 3, latin1: 1, ucs2: 2 };

/** The same for names of encodings as `stream.write` takes them. */
function known(encoding: string): Encoding {
  if (encoding === "ucs2" || encoding === "ucs-2" || encoding === "utf16le" || encoding === "utf-16le")
    return "ucs2";
  return encoding === "latin1" || encoding === "binary" || encoding === "ascii" ? "latin1" : "utf8";
}

/** The bytes of a text, in memory of their own. */
export function encode(text: string, encoding: Encoding): Uint8Array {
  if (encoding === "utf8") return encodeUtf8String(text);
  const bytes = new ByteView(text.length * MOST_BYTES[encoding]);
  encodeInto(bytes, 0, text, encoding);
  return bytes;
}

/** Writes a text where there is room for all of it; answers its bytes. */
function encodeInto(bytes: Uint8Array, at: number, text: string, encoding: Encoding): number {
  const most = text.length * MOST_BYTES[encoding];
  if (encoding === "latin1") return latin1WriteStatic(bytes, text, at, most);
  return encoding === "utf8" ? utf8WriteStatic(bytes, text, at, most) : ucs2Write(bytes, text, at, most);
}

/** Puts a text into the common place; -1 where it may be too long for that. */
export function placeText(text: string, encoding: Encoding): number {
  return text.length * MOST_BYTES[encoding] > PLACE_BYTES ? -1 : encodeInto(place, 0, text, encoding);
}

/** The same for buffers, or texts with their encodings, as `writev` has them. */
export function placeChunks(chunks: readonly Chunk[], allBuffers: boolean): number {
  const step = allBuffers ? 1 : 2;
  let most = 0;
  for (let i = 0; i < chunks.length; i += step) {
    const chunk = chunks[i] as Chunk;
    most +=
      typeof chunk === "string"
        ? chunk.length * MOST_BYTES[known(chunks[i + 1] as string)]
        : TypedArrayPrototypeGetByteLength(chunk);
    if (most > PLACE_BYTES) return -1;
  }
  let at = 0;
  for (let i = 0; i < chunks.length; i += step) {
    const chunk = chunks[i] as Chunk;
    if (typeof chunk === "string") at += encodeInto(place, at, chunk, known(chunks[i + 1] as string));
    else {
      TypedArrayPrototypeSet(place, chunk, at);
      at += TypedArrayPrototypeGetByteLength(chunk) as number;
    }
  }
  return at;
}

/** The bytes of texts with their encodings, and of buffers. */
export function encodeChunks(chunks: readonly Chunk[]): Uint8Array[] {
  const parts: Uint8Array[] = [];
  for (let i = 0; i < chunks.length; i += 2) {
    const chunk = chunks[i] as Chunk;
    ArrayPrototypePush(
      parts,
      typeof chunk === "string" ? encode(chunk, known(chunks[i + 1] as string)) : chunk,
    );
  }
  return parts;
}

export function totalLength(parts: readonly Uint8Array[]): number {
  let total = 0;
  for (let i = 0; i < parts.length; i++) total += TypedArrayPrototypeGetByteLength(parts[i]) as number;
  return total;
}

/** What follows the first bytes of parts: a view of the last part, or a copy of several. */
export function restOf(parts: readonly Uint8Array[], from: number): Uint8Array {
  let first = 0;
  let skip = from;
  for (; first < parts.length - 1; first++) {
    const length: number = TypedArrayPrototypeGetByteLength(parts[first]);
    if (skip < length) break;
    skip -= length;
  }
  const part = parts[first] as Uint8Array;
  const rest: Uint8Array = new ByteView(
    TypedArrayPrototypeGetBuffer(part),
    TypedArrayPrototypeGetByteOffset(part) + skip,
    TypedArrayPrototypeGetByteLength(part) - skip,
  );
  if (first === parts.length - 1) return rest;
  const whole = new ByteView(totalLength(parts) - from);
  TypedArrayPrototypeSet(whole, rest, 0);
  let at: number = TypedArrayPrototypeGetByteLength(rest);
  for (let i = first + 1; i < parts.length; i++) {
    TypedArrayPrototypeSet(whole, parts[i], at);
    at += TypedArrayPrototypeGetByteLength(parts[i]) as number;
  }
  return whole;
}
