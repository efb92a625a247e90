import type { DirectoryEntries } from "../../disk/types.js";
import {
  MathMin,
  TypedArrayPrototypeGetLength,
  TypedArrayPrototypeSet,
} from "../../primordials/primordials.js";
import { EBADF, EISDIR, EMFILE, ENOTDIR } from "../../syscall/errno.js";
import { primordials } from "../internals.js";
import type { FoundNode } from "./resolve.js";

const { ArrayPrototypePush, StringPrototypeCharCodeAt, Uint8Array: Bytes } = primordials;

/** Numbers of open files from here on are no open files of the disk, whose own are small. */
export const FIRST_OPEN_NODE = 0x40000000;
/** As many may a thread have at a time. The number of the thread is part of theirs, since threads share a table. */
const MOST = 4096;
const THREADS = 0xffff;

interface OpenNode {
  readonly found: FoundNode;
  /** Of a file: its text as it was when it was opened. */
  readonly bytes: Uint8Array | undefined;
  /** Of a directory. */
  readonly names: readonly string[];
  position: number;
  references: number;
}

/** Where a listing goes, as `Disk.readEntries` fills it. */
export interface Listing {
  readonly result: Uint8Array;
  readonly entries: DirectoryEntries;
  /** `DT_…` and inode of a name in an open directory. */
  describe(directory: FoundNode, name: string): { type: number; inode: number };
}

/** The open files and directories of /proc: they are known in the thread that has opened them. */
export class OpenNodes {
  readonly #nodes: (OpenNode | undefined)[] = [];
  readonly #first: number;

  /** `owner`: the thread's number. */
  constructor(owner: number) {
    this.#first = FIRST_OPEN_NODE + (owner & THREADS) * MOST;
  }

  /** Answers its number. */
  open(found: FoundNode, bytes: Uint8Array | undefined, names: readonly string[]): number {
    const node = { found, bytes, names, position: 0, references: 1 };
    const nodes = this.#nodes;
    for (let i = 0; i < nodes.length; i++) {
      if (nodes[i] !== undefined) continue;
      nodes[i] = node;
      return this.#first + i;
    }
    if (nodes.length >= MOST) return -EMFILE;
    ArrayPrototypePush(nodes, node);
    return this.#first + nodes.length - 1;
  }

  #at(file: number): OpenNode | undefined {
    const index = file - this.#first;
    return index >= 0 && index < this.#nodes.length ? this.#nodes[index] : undefined;
  }

  foundAt(file: number): FoundNode | undefined {
    return this.#at(file)?.found;
  }

  dup(file: number): number {
    const node = this.#at(file);
    if (node === undefined) return -EBADF;
    node.references++;
    return file;
  }

  close(file: number): number {
    const node = this.#at(file);
    if (node === undefined) return -EBADF;
    if (--node.references === 0) this.#nodes[file - this.#first] = undefined;
    return 0;
  }

  read(file: number, target: Uint8Array, offset: number, length: number, position: number): number {
    const node = this.#at(file);
    if (node === undefined) return -EBADF;
    const { bytes } = node;
    if (bytes === undefined) return -EISDIR;
    const from = position < 0 ? node.position : position;
    const left = TypedArrayPrototypeGetLength(bytes) - from;
    const count = left > 0 ? MathMin(left, length) : 0;
    if (count > 0)
      TypedArrayPrototypeSet(target, new Bytes(bytes.buffer, bytes.byteOffset + from, count), offset);
    if (position < 0) node.position += count;
    return count;
  }

  /** The cookie is how many names have been listed; answers how many more there are in the entries now. */
  readEntries(file: number, cookie: number, { result, entries, describe }: Listing): number {
    const node = this.#at(file);
    if (node === undefined) return -EBADF;
    if (node.bytes !== undefined) return -ENOTDIR;
    const { names } = node;
    let end = 0;
    let count = 0;
    for (let at = cookie; at < names.length && count < 512; at++) {
      const name = names[at] as string;
      const { type, inode } = describe(node.found, name);
      entries.types[count] = type;
      entries.inodes[count] = inode;
      entries.nameStart[count] = end;
      for (let i = 0; i < name.length; i++) result[end++] = StringPrototypeCharCodeAt(name, i);
      entries.nameEnd[count] = end;
      count++;
    }
    entries.count = count;
    return count;
  }
}
