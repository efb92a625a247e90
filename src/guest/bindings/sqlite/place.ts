/** Where a database would lie that goes by a name: SQLite opens files by itself, past the disk. */
import { type Internal, primordials } from "../../internals.js";
import { utf8Slice } from "../fs/encoding.js";

const {
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeSplit,
  StringPrototypeStartsWith,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeGetSymbolToStringTag,
} = primordials;

const memory = ":memory:";
const scheme = "file:";

/**
 * Whether SQLite keeps a database of this name in memory that nobody else sees. Of names that are URIs
 * only those count that say nothing but that: a shared cache would be shared by all processes of the
 * machine, and another VFS may find files.
 */
export function isInMemory(name: string): boolean {
  if (name === memory || name === "") return true;
  if (!StringPrototypeStartsWith(name, scheme) || StringPrototypeIndexOf(name, "#") !== -1) return false;
  const mark: number = StringPrototypeIndexOf(name, "?");
  const path: string = StringPrototypeSlice(name, scheme.length, mark === -1 ? name.length : mark);
  if (StringPrototypeIndexOf(path, "%") !== -1) return false;
  let found = path === memory;
  if (mark === -1) return found;
  const parameters: string[] = StringPrototypeSplit(StringPrototypeSlice(name, mark + 1), "&");
  for (let i = 0; i < parameters.length; i++) {
    if (parameters[i] === "mode=memory") found = true;
    else if (parameters[i] !== "cache=private") return false;
  }
  return found;
}

/** A name that the native takes, and the place that it means: read once, so that both are the same. */
export interface Place {
  /** What to hand to the native. */
  readonly argument: unknown;
  /** Undefined where the native refuses the argument by itself. */
  readonly name: string | undefined;
}

/** Reads a path as the native does: text, bytes, or an object with the text of a URL. */
export function readPlace(path: unknown): Place {
  if (typeof path === "string") return named(path);
  if (TypedArrayPrototypeGetSymbolToStringTag(path) === "Uint8Array")
    return named(utf8Slice(path as Uint8Array, 0, TypedArrayPrototypeGetLength(path)));
  if (typeof path !== "object" || path === null) return { argument: path, name: undefined };
  const { href } = path as Internal;
  const argument = { __proto__: null, href };
  const isFile = typeof href === "string" && StringPrototypeStartsWith(href, scheme);
  return { argument, name: isFile ? href : undefined };
}

function named(name: string): Place {
  if (StringPrototypeIndexOf(name, "\0") !== -1) return { argument: name, name: undefined };
  // An empty name is a database in a temporary file, which is made when memory gets short.
  return { argument: name === "" ? memory : name, name };
}
