/**
 * Paths as strings with one character a byte, so that names which are no UTF-8 can be cut and joined like
 * any others. An ASCII path is its own such string.
 */
import type { Path } from "../../../disk/types.js";
import { StringPrototypeCharCodeAt, TypedArrayPrototypeGetLength } from "../../../primordials/primordials.js";
import { primordials } from "../../internals.js";
import { decode, type Encoding, encodeLatin1, encodeUtf8, latin1Slice } from "./encoding.js";

const { StringPrototypeLastIndexOf, StringPrototypeSlice } = primordials;
const slash = 0x2f;

function isAscii(text: string): boolean {
  for (let i = 0; i < text.length; i++) if (StringPrototypeCharCodeAt(text, i) > 0x7f) return false;
  return true;
}

export function toBytePath(path: Path): string {
  if (typeof path === "string") {
    if (isAscii(path)) return path;
    return toBytePath(encodeUtf8(path));
  }
  return latin1Slice(path, 0, TypedArrayPrototypeGetLength(path));
}

/** What the disk takes. */
export function toPath(bytePath: string): Path {
  return isAscii(bytePath) ? bytePath : encodeLatin1(bytePath);
}

/** What Node answers with, in the encoding that was asked for. */
export function decodeBytePath(bytePath: string, encoding: Encoding): string | Uint8Array {
  if ((encoding === "utf8" || encoding === "latin1") && isAscii(bytePath)) return bytePath;
  return decode(encodeLatin1(bytePath), 0, bytePath.length, encoding);
}

/** For messages. */
export function textOf(bytePath: string): string {
  return decodeBytePath(bytePath, "utf8") as string;
}

export function endsWithSlash(path: string): boolean {
  return path.length > 0 && StringPrototypeCharCodeAt(path, path.length - 1) === slash;
}

/** `directory` and `name` with one slash between them. */
export function joinPath(directory: string, name: string): string {
  if (directory === "") return name;
  return endsWithSlash(directory) ? directory + name : `${directory}/${name}`;
}

/** What stands before the last slash, or the path itself when there is none. */
export function beforeLastSlash(path: string): string {
  const at: number = StringPrototypeLastIndexOf(path, "/");
  return at < 0 ? path : StringPrototypeSlice(path, 0, at);
}

/** The directory that a path names something in, as the C++ library sees it: that of `a/` is `a`. */
export function parentPath(path: string): string {
  let cut = beforeLastSlash(path);
  if (cut === path) return "";
  while (cut.length > 1 && endsWithSlash(cut)) cut = StringPrototypeSlice(cut, 0, -1);
  return cut === "" ? "/" : cut;
}
