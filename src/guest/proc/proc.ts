/** What calls answer about /proc, in place of the disk. */
import {
  MAY_EXECUTE,
  MAY_READ,
  MAY_WRITE,
  O_ACCMODE,
  O_CREAT,
  O_DIRECTORY,
  O_EXCL,
  O_NOFOLLOW,
  O_RDONLY,
  O_RDWR,
  O_WRONLY,
  S_IFDIR,
  S_IFLNK,
  S_IFMT,
  S_IFREG,
} from "../../disk/modes.js";
import type { StatArray } from "../../disk/types.js";
import { EACCES, EBADF, EEXIST, EINVAL, EISDIR, ELOOP, ENOTDIR } from "../../syscall/errno.js";
import { TERMINAL } from "../../syscall/process-page.js";
import type { GuestEnv } from "../env.js";
import { internalBinding, primordials } from "../internals.js";
import type { ProcessUsage } from "../process/usage.js";
import type { ProcessState } from "../process-state.js";
import { fillStat } from "../special-stat.js";
import { statStream } from "../standard-streams.js";
import type { ProcNode } from "./node.js";
import { type Listing, OpenNodes } from "./open-nodes.js";
import { type Found, type FoundNode, resolve } from "./resolve.js";
import { Tree } from "./tree.js";

const { StringPrototypeCharCodeAt, StringPrototypeSlice, StringPrototypeStartsWith } = primordials;
const encodeUtf8: (text: string) => Uint8Array = internalBinding("encoding_binding")["encodeUtf8String"];

/** Opening a standard stream answers this plus the complement of its value in the table of descriptors. */
export const FIRST_STREAM = 0x50000000;

const DEVICE = 2;
const OWN = "process";
const NO_NAMES: readonly string[] = [];

export class Proc {
  readonly open: OpenNodes;
  readonly listing: Listing;
  readonly #env: GuestEnv;
  readonly #state: ProcessState;
  readonly #tree: Tree;

  /** `owner`: the thread's number. */
  constructor(env: GuestEnv, state: ProcessState, usage: ProcessUsage, owner: number) {
    this.open = new OpenNodes(owner);
    this.#env = env;
    this.#state = state;
    this.#tree = new Tree(env, state, usage);
    const { result, entries } = env.disk;
    this.listing = { result, entries, describe: (directory, name) => this.#describe(directory, name) };
  }

  find(rest: string, follow: boolean): Found {
    return resolve(this.#tree, rest, follow);
  }

  /** `follow`: what a descriptor stands for is meant, not its link. */
  stat(found: FoundNode, follow: boolean, out: StatArray): number {
    const { node, key } = found;
    if (node.kind === "descriptor" && follow) {
      const value = this.#env.fds.get(node.fd);
      if (value >= 0) return this.#env.disk.fstat(value, out);
      if (value !== -EBADF) statStream(this.#env, value, out);
      return value === -EBADF ? value : 0;
    }
    const own = StringPrototypeStartsWith(key, OWN);
    const { uid, gid } = this.#env.cred;
    fillStat(out, {
      device: DEVICE,
      mode: this.#modeOf(node),
      links: node.kind === "directory" ? 2 : 1,
      uid: own ? uid : 0,
      gid: own ? gid : 0,
      blockSize: 1024,
      inode: inodeOf(key),
      size: node.kind === "descriptor" ? 64 : 0,
      time: own ? this.#state.startTime : this.#state.bootTime,
    });
    return 0;
  }

  #modeOf(node: ProcNode): number {
    if (node.kind === "link") return S_IFLNK | 0o777;
    if (node.kind !== "descriptor") return node.mode | (node.kind === "file" ? S_IFREG : S_IFDIR);
    const access = this.#accessOf(node.fd);
    return S_IFLNK | (access === O_RDONLY ? 0o500 : access === O_WRONLY ? 0o300 : 0o700);
  }

  #accessOf(fd: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.flags(value) & O_ACCMODE;
    return value === TERMINAL ? O_RDWR : O_WRONLY;
  }

  /** Whether the process may do all of `wanted` (`MAY_…`): 0 or -EACCES. */
  access({ key, node }: FoundNode, wanted: number): number {
    if (node.kind === "descriptor" || node.kind === "link") return 0;
    const { uid } = this.#env.cred;
    if (uid === 0) return (wanted & MAY_EXECUTE) !== 0 && node.kind === "file" ? -EACCES : 0;
    const shift = StringPrototypeStartsWith(key, OWN) ? 6 : 0;
    return ((node.mode >>> shift) & wanted) === wanted ? 0 : -EACCES;
  }

  /** Answers the number of an open file. */
  openNode(found: FoundNode, flags: number): number {
    const { node } = found;
    if ((flags & (O_CREAT | O_EXCL)) === (O_CREAT | O_EXCL)) return -EEXIST;
    if (node.kind === "descriptor" && (flags & O_NOFOLLOW) === 0) return this.#reopen(node.fd, flags);
    if (node.kind === "link" || node.kind === "descriptor") return -ELOOP;
    const access = flags & O_ACCMODE;
    if (node.kind === "directory" && (access !== O_RDONLY || (flags & O_CREAT) !== 0)) return -EISDIR;
    if (node.kind === "file" && (flags & O_DIRECTORY) !== 0) return -ENOTDIR;
    const wanted = (access === O_WRONLY ? 0 : MAY_READ) | (access === O_RDONLY ? 0 : MAY_WRITE);
    const refused = this.access(found, wanted);
    if (refused < 0) return refused;
    if (node.kind === "directory") return this.open.open(found, undefined, node.list());
    return this.open.open(found, encodeUtf8(node.text()), NO_NAMES);
  }

  #reopen(fd: number, flags: number): number {
    const value = this.#env.fds.get(fd);
    if (value >= 0) return this.#env.disk.reopen(value, flags);
    return value === -EBADF ? value : FIRST_STREAM + ~value;
  }

  /** What a descriptor stands for in the table of descriptors. */
  descriptor(fd: number): number {
    return this.#env.fds.get(fd);
  }

  /** What a link says, or a negative errno. */
  textOf({ node }: FoundNode): string | number {
    if (node.kind === "link") return node.target();
    return node.kind === "descriptor" ? this.#tree.textOf(node.fd) : -EINVAL;
  }

  /** The path of a node, without links. */
  pathOf({ key }: FoundNode): string {
    if (key === "") return "/proc";
    if (!StringPrototypeStartsWith(key, OWN)) return `/proc/${key}`;
    return `/proc/${this.#state.pid}${StringPrototypeSlice(key, OWN.length)}`;
  }

  #describe(directory: FoundNode, name: string): { type: number; inode: number } {
    const key = this.#tree.keyOf(directory.key, name);
    const node = this.#tree.nodeAt(key);
    return { type: node === undefined ? 0 : (this.#modeOf(node) & S_IFMT) >>> 12, inode: inodeOf(key) };
  }
}

/** A number that is the same whenever one asks. */
function inodeOf(key: string): number {
  let hash = 1;
  for (let i = 0; i < key.length; i++) hash = (hash * 31 + StringPrototypeCharCodeAt(key, i)) % 0xfffffffb;
  return hash;
}
