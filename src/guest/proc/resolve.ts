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

/** A node and its key: the path of it, with `process` for the process's number. */
export interface FoundNode {
  readonly key: string;
  readonly node: ProcNode;
}

/** What a path below /proc leads to: a node, back to the disk by another path, or a negative errno. */
export type Found = FoundNode | { readonly path: string } | number;

/** What is asked about the tree while a path is gone along. */
export interface ProcTree {
  keyOf(directory: string, name: string): string;
  nodeAt(key: string): ProcNode | undefined;
  /** The path of a descriptor's file, or a negative errno. */
  pathOf(fd: number): string | number;
}

/** Goes along `rest`, which has one character a byte, from /proc on. */
export function resolve(tree: ProcTree, rest: string, follow: boolean): Found {
  const walk: Walk = { key: "", left: withoutSlashes(rest), links: 0 };
  while (walk.left !== "") {
    const found = step(tree, walk, follow);
    if (found !== undefined) return found;
  }
  return { key: walk.key, node: tree.nodeAt(walk.key) as ProcNode };
}

interface Walk {
  /** The directory that has been come to, and what is left of the path. */
  key: string;
  left: string;
  links: number;
}

/** Takes one component; answers if that ends the walk. */
function step(tree: ProcTree, walk: Walk, follow: boolean): Found | undefined {
  const { key, left } = walk;
  const cut: number = StringPrototypeIndexOf(left, "/");
  const name: string = cut < 0 ? left : StringPrototypeSlice(left, 0, cut);
  // Begins with its slash, if there is one.
  const after: string = cut < 0 ? "" : StringPrototypeSlice(left, cut);
  if (name === ".." && key === "") return { path: after === "" ? "/" : after };
  const child = childOf(tree, key, name);
  const node = tree.nodeAt(child);
  if (node === undefined) return -ENOENT;
  walk.left = withoutSlashes(after);
  if (node.kind === "directory") {
    walk.key = child;
    return undefined;
  }
  if (after === "" && !isFollowed(node, follow)) return { key: child, node };
  return followLink(tree, walk, node, after);
}

function followLink(tree: ProcTree, walk: Walk, node: ProcNode, after: string): Found | undefined {
  const target = targetOf(tree, node);
  if (typeof target === "number") return target;
  if (StringPrototypeCharCodeAt(target, 0) === SLASH) return { path: target + after };
  walk.left = target + after;
  return ++walk.links > MAX_LINKS ? -ELOOP : undefined;
}

function childOf(tree: ProcTree, key: string, name: string): string {
  if (name === ".") return key;
  return name === ".." ? parentOf(key) : tree.keyOf(key, name);
}

/** Where a descriptor leads to is no matter of paths, unless the path goes on there. */
function isFollowed(node: ProcNode, follow: boolean): boolean {
  return follow && node.kind === "link";
}

function targetOf(tree: ProcTree, node: ProcNode): string | number {
  if (node.kind === "link") return node.target();
  if (node.kind !== "descriptor") return -ENOTDIR;
  const path = tree.pathOf(node.fd);
  return typeof path === "number" ? -ENOTDIR : path;
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
