import { ELOOP, ENOENT, ENOTDIR } from "../../syscall/errno.js";
import { primordials } from "../internals.js";
import type { ProcNode } from "./node.js";

const {
  StringPrototypeCharCodeAt,
  StringPrototypeIndexOf,
  StringPrototypeLastIndexOf,
  StringPrototypeSlice,
} = primordials;

const SLASH = 47;
const MAX_LINKS = 40;

/** What a path below /proc leads to. */
export type Found =
  | { readonly key: string; readonly node: ProcNode }
  /** Back to the disk, by this path. */
  | { readonly path: string };

/** What `resolve` asks about the tree: a directory's key and a name in it. */
export interface ProcTree {
  keyOf(directory: string, name: string): string;
  nodeAt(key: string): ProcNode | undefined;
  /** The path of a descriptor's file, or a negative errno. */
  pathOf(fd: number): string | number;
}

/** Goes along `rest`, which has one character a byte, from /proc on. Answers what is there or a negative errno. */
export function resolve(tree: ProcTree, rest: string, follow: boolean): Found | number {
  let key = "";
  let left = rest;
  for (let links = 0; links <= MAX_LINKS; ) {
    left = withoutSlashes(left);
    if (left === "") return { key, node: tree.nodeAt(key) as ProcNode };
    const cut: number = StringPrototypeIndexOf(left, "/");
    const name: string = cut < 0 ? left : StringPrototypeSlice(left, 0, cut);
    // Begins with its slash, if there is one.
    const after: string = cut < 0 ? "" : StringPrototypeSlice(left, cut);
    left = after;
    if (name === ".") continue;
    if (name === "..") {
      if (key === "") return { path: after === "" ? "/" : after };
      key = parentOf(key);
      continue;
    }
    const child = tree.keyOf(key, name);
    const node = tree.nodeAt(child);
    if (node === undefined) return -ENOENT;
    if (node.kind === "directory") {
      key = child;
      continue;
    }
    if (after === "" && (!follow || node.kind === "descriptor" || node.kind === "file"))
      return { key: child, node };
    if (node.kind === "file") return -ENOTDIR;
    const target = node.kind === "link" ? node.target() : tree.pathOf(node.fd);
    if (typeof target === "number") return node.kind === "link" ? target : -ENOTDIR;
    if (StringPrototypeCharCodeAt(target, 0) === SLASH) return { path: target + after };
    left = target + after;
    links++;
  }
  return -ELOOP;
}

function withoutSlashes(path: string): string {
  let start = 0;
  while (start < path.length && StringPrototypeCharCodeAt(path, start) === SLASH) start++;
  return start === 0 ? path : StringPrototypeSlice(path, start);
}

function parentOf(key: string): string {
  const at: number = StringPrototypeLastIndexOf(key, "/");
  return at < 0 ? "" : StringPrototypeSlice(key, 0, at);
}
