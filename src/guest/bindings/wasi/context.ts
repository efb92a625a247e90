import type { Disk } from "../../../disk/disk.js";
import type { OpenFiles } from "../../files.js";
import type { Descriptors } from "./descriptors.js";
import type { ProgramMemory } from "./memory.js";

/** What the calls of one WebAssembly program work on. */
export interface Context {
  readonly disk: Disk;
  readonly files: OpenFiles;
  readonly descriptors: Descriptors;
  /** Arguments and `name=value` pairs, each with a NUL at its end. */
  readonly args: readonly Uint8Array[];
  readonly env: readonly Uint8Array[];
  /** Fresh for each call. */
  memory: ProgramMemory;
}

/**
 * One call: the types of its arguments, a letter each (u: 32 bits, L: 64 bits, l: 64 bits with a sign), and
 * what it does. Answers an error number of WASI.
 */
export interface Call {
  readonly types: string;
  // biome-ignore lint/suspicious/noExplicitAny: numbers and bigints, as `types` has them.
  readonly run: (context: Context, ...args: any[]) => number;
}

/** What a call needs of the process around it. */
export interface ProcessCalls {
  /** Nanoseconds of a clock that never goes back. */
  monotonic(): bigint;
  /** Nanoseconds since 1970. */
  realtime(): bigint;
  /** Nanoseconds of processor time. */
  cpuTime(): bigint;
  exit(code: number): void;
  /** Signals the process itself; 0 or the negative of Linux's number. */
  raise(signal: number): number;
  /** Fills bytes. */
  random(bytes: Uint8Array, offset: number, length: number): void;
}
