import { S_IFIFO, S_IFMT, S_IFSOCK } from "../../disk/modes.js";
import { EBADF } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import { internalBinding, primordials } from "../internals.js";
import type { ProcessUsage } from "../process/usage.js";
import type { ProcessState } from "../process-state.js";
import { streamName } from "../standard-streams.js";
import type { ProcNode } from "./node.js";
import { EXECUTABLE, processTexts } from "./process-texts.js";
import type { ProcTree } from "./resolve.js";
import { systemTexts, type Texts } from "./system-texts.js";

const {
  ArrayPrototypePush,
  ObjectKeys,
  StringPrototypeIndexOf,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} = primordials;
const latin1Slice: (bytes: Uint8Array, start: number, end: number) => string =
  internalBinding("buffer")["latin1Slice"];
const Doubles = Float64Array;
const stats = new Doubles(18);
const toNumber: (text: string) => number = Number;

const PROCESS = "process";
const DESCRIPTORS = "process/fd";

/** What there is of it that is no file. */
const directories: Record<string, true> = {
  __proto__: null as never,
  "": true,
  [PROCESS]: true,
  [DESCRIPTORS]: true,
  sys: true,
  "sys/kernel": true,
  "sys/kernel/random": true,
};
const links: readonly string[] = ["mounts", "self", "process/cwd", "process/exe", "process/root"];

/** All that is below /proc: files about the machine, and the process's own directory. */
export class Tree implements ProcTree {
  readonly #env: GuestEnv;
  readonly #state: ProcessState;
  readonly #files: Texts;

  constructor(env: GuestEnv, state: ProcessState, usage: ProcessUsage) {
    this.#env = env;
    this.#state = state;
    const files = systemTexts();
    const own = processTexts(env, state, usage);
    const keys: string[] = ObjectKeys(own);
    for (let i = 0; i < keys.length; i++) {
      const key = keys[i] as string;
      files[key] = own[key] as () => string;
    }
    this.#files = files;
  }

  keyOf(directory: string, name: string): string {
    if (directory !== "") return `${directory}/${name}`;
    // Its own key is no name that a path may have.
    if (name === PROCESS) return "/";
    return name === `${this.#state.pid}` ? PROCESS : name;
  }

  nodeAt(key: string): ProcNode | undefined {
    if (directories[key] === true) {
      return { kind: "directory", mode: key === DESCRIPTORS ? 0o500 : 0o555, list: () => this.#names(key) };
    }
    const text = this.#files[key];
    if (text !== undefined) return { kind: "file", mode: key === "process/environ" ? 0o400 : 0o444, text };
    if (StringPrototypeStartsWith(key, `${DESCRIPTORS}/`)) return this.#descriptor(key);
    const target = this.#target(key);
    return target === undefined ? undefined : { kind: "link", target };
  }

  #names(key: string): string[] {
    const names: string[] = [];
    if (key === DESCRIPTORS) {
      const { fds } = this.#env;
      for (let fd = 0; fd < fds.limit; fd++) if (fds.get(fd) !== -EBADF) ArrayPrototypePush(names, `${fd}`);
      return names;
    }
    addNamesIn(key, ObjectKeys(directories), names);
    addNamesIn(key, ObjectKeys(this.#files), names);
    addNamesIn(key, links, names);
    for (let i = 0; i < names.length; i++) if (names[i] === PROCESS) names[i] = `${this.#state.pid}`;
    return names;
  }

  #target(key: string): (() => string | number) | undefined {
    switch (key) {
      case "mounts":
        return () => "self/mounts";
      case "self":
        return () => `${this.#state.pid}`;
      case "process/cwd":
        return () => this.#directory();
      case "process/exe":
        return () => EXECUTABLE;
      case "process/root":
        return () => "/";
      default:
        return undefined;
    }
  }

  /** The working directory, with one character a byte. */
  #directory(): string | number {
    const { disk, cred } = this.#env;
    const length = disk.pathOf(cred.cwd);
    return length < 0 ? length : latin1Slice(disk.result, 0, length);
  }

  #descriptor(key: string): ProcNode | undefined {
    const name: string = StringPrototypeSlice(key, DESCRIPTORS.length + 1);
    const fd = toNumber(name);
    // As it is written, and no other way.
    if (`${fd}` !== name || this.#env.fds.get(fd) === -EBADF) return undefined;
    return { kind: "descriptor", fd };
  }

  /** What the link of a descriptor says. */
  textOf(fd: number): string {
    const { fds } = this.#env;
    const value = fds.get(fd);
    if (value < 0) return streamName(value);
    const path = this.pathOf(fd);
    if (typeof path === "string") return path;
    // It has no name, or none any more.
    const found = this.#env.disk.fstat(value, stats);
    const type = found === 0 ? (stats[1] as number) & S_IFMT : 0;
    if (type === S_IFSOCK) return `socket:[${stats[7]}]`;
    return type === S_IFIFO ? `pipe:[${stats[7]}]` : `/#${stats[7]} (deleted)`;
  }

  pathOf(fd: number): string | number {
    const { disk, fds } = this.#env;
    const value = fds.get(fd);
    if (value < 0) return -EBADF;
    const length = disk.pathOfFile(value);
    return length < 0 ? length : latin1Slice(disk.result, 0, length);
  }
}

/** Adds the last parts of those keys that are right below `directory`. */
function addNamesIn(directory: string, keys: readonly string[], names: string[]): void {
  const start = directory === "" ? 0 : directory.length + 1;
  for (let i = 0; i < keys.length; i++) {
    const key = keys[i] as string;
    if (key.length <= start || (start > 0 && !StringPrototypeStartsWith(key, `${directory}/`))) continue;
    if (StringPrototypeIndexOf(key, "/", start) < 0)
      ArrayPrototypePush(names, StringPrototypeSlice(key, start));
  }
}
