/** What WASI tells about a file, and the times that it sets. */
import { primordials } from "../../internals.js";
import { stats } from "./descriptors.js";
import type { ProgramMemory } from "./memory.js";
import { fileTypeOf } from "./rights.js";

const { DateNow, MathFloor } = primordials;
const toNumber = Number;

/** Bytes that a stat takes. */
export const STAT_BYTES = 64;

const nanoseconds = 1_000_000_000n;

const SET_ATIM = 1;
const SET_ATIM_NOW = 2;
const SET_MTIM = 4;
const SET_MTIM_NOW = 8;

/** Writes what the last look filled in. */
export function putStat(memory: ProgramMemory, at: number): void {
  const field = (index: number) => stats[index] as bigint;
  const time = (index: number) => field(index) * nanoseconds + field(index + 1);
  memory.setU64(at, field(0));
  memory.setU64(at + 8, field(7));
  memory.setU8(at + 16, fileTypeOf(toNumber(field(1))));
  memory.setU64(at + 24, field(2));
  memory.setU64(at + 32, field(8));
  memory.setU64(at + 40, time(10));
  memory.setU64(at + 48, time(12));
  memory.setU64(at + 56, time(14));
}

/** Whether flags say for each time one thing at most. */
export function areTimeFlags(flags: number): boolean {
  if ((flags & ~(SET_ATIM | SET_ATIM_NOW | SET_MTIM | SET_MTIM_NOW)) !== 0) return false;
  const both = (pair: number) => (flags & pair) === pair;
  return !both(SET_ATIM | SET_ATIM_NOW) && !both(SET_MTIM | SET_MTIM_NOW);
}

/** The times to set in whole seconds, as uvwasi has them: those that stay come from the last look. */
export function chooseTimes(flags: number, access: bigint, modification: bigint): [number, number] {
  const now = MathFloor(DateNow() / 1000);
  const seconds = (given: bigint) => toNumber(given / nanoseconds);
  const kept = (index: number) => toNumber(stats[index] as bigint);
  return [
    (flags & SET_ATIM_NOW) !== 0 ? now : (flags & SET_ATIM) !== 0 ? seconds(access) : kept(10),
    (flags & SET_MTIM_NOW) !== 0 ? now : (flags & SET_MTIM) !== 0 ? seconds(modification) : kept(12),
  ];
}
