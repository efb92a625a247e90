/** The stat of what is not on the disk. */
import type { StatArray } from "../disk/types.js";
import { primordials } from "./internals.js";

const { MathFloor, TypedArrayPrototypeGetSymbolToStringTag } = primordials;
const toBig: (value: number) => bigint = BigInt;
const FIELDS = 18;

export interface SpecialStat {
  readonly device: number;
  readonly mode: number;
  readonly links: number;
  readonly uid: number;
  readonly gid: number;
  readonly blockSize: number;
  readonly inode: number;
  /** Of a device. */
  readonly number?: number;
  readonly size: number;
  /** Milliseconds since 1970, whole or not, for all four times. */
  readonly time: number;
}

/** Puts it into `out`, in the order of `StatArray`. */
export function fillStat(out: StatArray, stat: SpecialStat): void {
  for (let field = 0; field < FIELDS; field++) put(out, field, 0);
  put(out, 0, stat.device);
  put(out, 1, stat.mode);
  put(out, 2, stat.links);
  put(out, 3, stat.uid);
  put(out, 4, stat.gid);
  put(out, 5, stat.number ?? 0);
  put(out, 6, stat.blockSize);
  put(out, 7, stat.inode);
  put(out, 8, stat.size);
  const milliseconds = stat.time % 1000;
  const nanoseconds = MathFloor(milliseconds * 1e6);
  for (let field = 10; field < FIELDS; field += 2) {
    put(out, field, (stat.time - milliseconds) / 1000);
    put(out, field + 1, nanoseconds);
  }
}

function put(out: StatArray, field: number, value: number): void {
  if (TypedArrayPrototypeGetSymbolToStringTag(out) === "BigInt64Array") out[field] = toBig(value);
  else out[field] = value;
}
