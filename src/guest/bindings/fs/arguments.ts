/** The checks that Node's C++ makes of the arguments that its JavaScript passes on. */
import type { Path } from "../../../disk/types.js";
import {
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteOffset,
} from "../../../primordials/primordials.js";
import { internalBinding, primordials } from "../../internals.js";
import { codedError, invalidArgument, type Native } from "./errors.js";

const {
  ArrayBufferIsView,
  DataViewPrototypeGetBuffer,
  DataViewPrototypeGetByteLength,
  DataViewPrototypeGetByteOffset,
  JSONStringify,
  NumberIsFinite,
  NumberIsInteger,
  NumberIsSafeInteger,
  StringPrototypeIncludes,
  StringPrototypeSlice,
  String: toText,
  SymbolPrototypeToString,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeGetSymbolToStringTag,
} = primordials;
const { getConstructorName } = internalBinding("util");

const ByteView = Uint8Array;
const maxInt32 = 0x7fffffff;

/** The bytes of any view that a guest passes, as a view of our own. */
export function bytesOf(from: Native, value: unknown, name: string): Uint8Array {
  if (!ArrayBufferIsView(value)) throw invalidArgument(from, name);
  const tag = TypedArrayPrototypeGetSymbolToStringTag(value);
  if (tag === "Uint8Array") return value as Uint8Array;
  if (tag === undefined) {
    return new ByteView(
      DataViewPrototypeGetBuffer(value),
      DataViewPrototypeGetByteOffset(value),
      DataViewPrototypeGetByteLength(value),
    );
  }
  const buffer = TypedArrayPrototypeGetBuffer(value) as ArrayBuffer;
  return new ByteView(
    buffer,
    TypedArrayPrototypeGetByteOffset(value),
    TypedArrayPrototypeGetByteLength(value),
  );
}

/** A path: text, or the bytes of any view. */
export function checkPath(from: Native, value: unknown, name = "path"): Path {
  return typeof value === "string" ? value : bytesOf(from, value, name);
}

/** A descriptor: an integer from 0 to 2^31 - 1, which need not be open. */
export function checkFd(from: Native, value: unknown): number {
  if (typeof value !== "number") {
    const message = `The "fd" argument must be of type number. Received ${describe(value)}`;
    throw codedError(from, "TypeError", "ERR_INVALID_ARG_TYPE", message);
  }
  if ((value | 0) === value && value >= 0) return value;
  const finite = NumberIsFinite(value);
  if ((value < 0 || value > maxInt32) && finite) {
    const message = `The value of "fd" is out of range. It must be >= 0 && <= ${maxInt32}. Received ${value}`;
    throw codedError(from, "RangeError", "ERR_OUT_OF_RANGE", message);
  }
  const message = `The value of "fd" is out of range. It must be an integer. Received ${value}`;
  throw codedError(from, "RangeError", "ERR_OUT_OF_RANGE", message);
}

/** The mode of `access` and `copyFile`: 0 to 7. */
export function checkFileMode(from: Native, value: unknown): number {
  if (value === undefined || value === null) return 0;
  if (typeof value !== "number") {
    throw codedError(from, "TypeError", "ERR_INVALID_ARG_TYPE", "mode must be int32 or null/undefined");
  }
  if (!NumberIsFinite(value)) {
    throw codedError(from, "RangeError", "ERR_OUT_OF_RANGE", "mode is out of range");
  }
  const mode = value >= -maxInt32 && value <= maxInt32 ? value | 0 : -1;
  if (mode < 0 || mode > 7) {
    throw codedError(from, "RangeError", "ERR_OUT_OF_RANGE", "mode is out of range: >= 0 && <= 7");
  }
  return mode;
}

/** A number that Node's JavaScript has checked already. */
export function checkNumber(from: Native, value: unknown, name: string): number {
  if (typeof value !== "number") throw invalidArgument(from, name);
  return value;
}

/** An integer that Node's JavaScript has checked already. */
export function checkInteger(from: Native, value: unknown, name: string): number {
  if (typeof value !== "number" || !NumberIsInteger(value)) throw invalidArgument(from, name);
  return value;
}

/** Where in a file: an integer that a double holds exactly, or the current position (-1) for anything else. */
export function offsetOf(value: unknown): number {
  return NumberIsSafeInteger(value) && (value as number) >= 0 ? (value as number) : -1;
}

/** The same, or a bigint. */
export function positionOf(value: unknown): number {
  if (typeof value !== "bigint") return offsetOf(value);
  if (value < 0n) return -1;
  // Beyond every file's reach; as a double it stays there.
  return value > 0x1fffffffffffffn ? 0x1fffffffffffff : bigToNumber(value);
}

const bigToNumber: (value: bigint) => number = Number;

/** What a value is, in the words of C++. */
function describe(value: unknown): string {
  switch (typeof value) {
    case "function":
      return "function";
    case "string":
      return `type string (${quote(value)})`;
    case "symbol":
      return SymbolPrototypeToString(value);
    case "undefined":
      return "undefined";
    case "object":
      return value === null ? "null" : `an instance of ${getConstructorName(value)}`;
    default:
      return `type ${typeof value} (${toText(value)})`;
  }
}

function quote(value: string): string {
  const short = value.length > 28 ? `${StringPrototypeSlice(value, 0, 25)}...` : value;
  return StringPrototypeIncludes(short, "'") ? JSONStringify(value) : `'${short}'`;
}
