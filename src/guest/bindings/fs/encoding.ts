/** Bytes to strings and back, in the encodings that Node's C++ knows. */
import {
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
} from "../../../primordials/primordials.js";
import { internalBinding, requireBuiltin } from "../../internals.js";

type Slice = (bytes: Uint8Array, start: number, end: number) => string;
type Write = (bytes: Uint8Array, text: string, offset: number, length: number) => number;

const binding = internalBinding("buffer");
const utf8Slice: Slice = binding.utf8Slice;
const ucs2Slice: Slice = binding.ucs2Slice;
const latin1Slice: Slice = binding.latin1Slice;
const asciiSlice: Slice = binding.asciiSlice;
const base64Slice: Slice = binding.base64Slice;
const base64urlSlice: Slice = binding.base64urlSlice;
const hexSlice: Slice = binding.hexSlice;
const utf8Write: Write = binding.utf8WriteStatic;
const latin1Write: Write = binding.latin1WriteStatic;
const utf8ByteLength: (text: string) => number = binding.byteLengthUtf8;

const { FastBuffer }: { FastBuffer: new (length: number) => Uint8Array } = requireBuiltin("internal/buffer");
const { Buffer: NodeBuffer } = requireBuiltin("buffer");
const bufferFrom: (text: string, encoding: string) => Uint8Array = NodeBuffer.from;
const { normalizeEncoding }: { normalizeEncoding(name: string): string | undefined } =
  requireBuiltin("internal/util");

const ByteView = Uint8Array;

/** "utf8", "utf16le", "latin1", "ascii", "base64", "base64url", "hex" or "buffer". */
export type Encoding = string;

/** What C++ takes an encoding argument for; anything unknown is UTF-8. */
export function parseEncoding(value: unknown): Encoding {
  if (value === "utf8" || value === undefined) return "utf8";
  if (typeof value !== "string") return "utf8";
  if (value === "buffer") return "buffer";
  const known = normalizeEncoding(value);
  if (known !== undefined) return known;
  return isBufferName(value) ? "buffer" : "utf8";
}

function isBufferName(value: string): boolean {
  if (value.length !== 6) return false;
  const name = "buffer";
  for (let i = 0; i < 6; i++) {
    if (value[i] !== name[i] && value[i] !== "BUFFER"[i]) return false;
  }
  return true;
}

export function decodeUtf8(bytes: Uint8Array): string {
  return utf8Slice(bytes, 0, TypedArrayPrototypeGetLength(bytes));
}

/** A part of the bytes, in the same memory. */
export function part(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const buffer = TypedArrayPrototypeGetBuffer(bytes) as ArrayBuffer;
  return new ByteView(buffer, TypedArrayPrototypeGetByteOffset(bytes) + start, end - start);
}

/** A copy of the bytes as a `Buffer`. */
export function copyToBuffer(bytes: Uint8Array, start: number, end: number): Uint8Array {
  const copy = new FastBuffer(end - start);
  if (end > start) TypedArrayPrototypeSet(copy, part(bytes, start, end), 0);
  return copy;
}

/** A zero-filled `Buffer`. */
export function newBuffer(length: number): Uint8Array {
  return new FastBuffer(length);
}

/** The bytes in an encoding. They must be the machine's own, not a view that the guest made. */
export function decode(
  bytes: Uint8Array,
  start: number,
  end: number,
  encoding: Encoding,
): string | Uint8Array {
  switch (encoding) {
    case "utf8":
      return utf8Slice(bytes, start, end);
    case "latin1":
      return latin1Slice(bytes, start, end);
    case "ascii":
      return asciiSlice(bytes, start, end);
    case "utf16le":
      return ucs2Slice(bytes, start, end);
    case "base64":
      return base64Slice(bytes, start, end);
    case "base64url":
      return base64urlSlice(bytes, start, end);
    case "hex":
      return hexSlice(bytes, start, end);
    default:
      return copyToBuffer(bytes, start, end);
  }
}

/** The text in an encoding, as `fs.write` writes it. */
export function encode(text: string, encoding: Encoding): Uint8Array {
  if (encoding === "utf8" || encoding === "buffer") return encodeUtf8(text);
  return bufferFrom(text, encoding);
}

export function encodeUtf8(text: string): Uint8Array {
  const length = utf8ByteLength(text);
  const bytes = new ByteView(length);
  utf8Write(bytes, text, 0, length);
  return bytes;
}

/** Each character is a byte. */
export function encodeLatin1(text: string): Uint8Array {
  const bytes = new ByteView(text.length);
  latin1Write(bytes, text, 0, text.length);
  return bytes;
}

export { latin1Slice, utf8Slice, utf8Write };
