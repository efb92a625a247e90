/** The files of /dev that programs open by name. They are no files of the disk, which has no /dev. */
import type { Path } from "../disk/types.js";
import { TypedArrayPrototypeGetLength } from "../primordials/primordials.js";
import { primordials } from "./internals.js";

const { StringPrototypeStartsWith } = primordials;

/** Values in the table of descriptors, beside the kernel's pipes. */
export const NULL_DEVICE = -16;

const longest = 12;

/** What a path names: 0, 1 or 2 for that descriptor, `NULL_DEVICE`, or undefined. */
export function deviceAt(path: Path): number | undefined {
  const name = typeof path === "string" ? path : textOf(path);
  if (!StringPrototypeStartsWith(name, "/dev/")) return undefined;
  switch (name) {
    case "/dev/null":
      return NULL_DEVICE;
    case "/dev/stdin":
    case "/dev/fd/0":
      return 0;
    case "/dev/stdout":
    case "/dev/fd/1":
      return 1;
    case "/dev/stderr":
    case "/dev/fd/2":
      return 2;
    default:
      return undefined;
  }
}

function textOf(bytes: Uint8Array): string {
  const length = TypedArrayPrototypeGetLength(bytes);
  let text = "";
  if (length > longest) return text;
  for (let i = 0; i < length; i++) text += fromCode(bytes[i] as number);
  return text;
}

const fromCode: (code: number) => string = String.fromCharCode;
