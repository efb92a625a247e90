/** Reading and writing whole files, below everything that does so: small ones under one lock. */
import { S_IFMT, S_IFREG } from "../../../disk/modes.js";
import type { Path, StatArray } from "../../../disk/types.js";
import { MathMax, TypedArrayPrototypeSet } from "../../../primordials/primordials.js";
import { ENOMEM } from "../../../syscall/errno.js";
import { newBuffer } from "./encoding.js";

const Doubles = Float64Array;
const stats = new Doubles(18);
const chunk = 64 * 1024;

/** What a read or write stopped at. */
export interface Failure {
  readonly errno: number;
  readonly syscall: string;
}

/** Bytes, of which the first `length` count. */
export interface Content {
  readonly bytes: Uint8Array;
  readonly length: number;
}

type ReadInto = (bytes: Uint8Array, offset: number, length: number) => number;

/** What opens files: the disk itself, or the process with its descriptors. */
interface Opener {
  open(path: Path, flags: number, mode: number): number;
  fstat(file: number, out: StatArray): number;
  read(file: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  write(file: number, bytes: Uint8Array, offset: number, length: number, position: number): number;
  close(file: number): number;
}

/** The size of an open file as its own record says, 0 for what has none. */
function sizeHint(opener: Opener, file: number): number {
  if (opener.fstat(file, stats) < 0 || ((stats[1] as number) & S_IFMT) !== S_IFREG) return 0;
  return stats[8] as number;
}

/** Reads to the end, which may be elsewhere than `size` says. */
export function readToEnd(read: ReadInto, size: number): Content | Failure {
  let bytes: Uint8Array;
  try {
    // One more than the size, so that the read which finds the end has room.
    bytes = newBuffer(MathMax(size + 1, 512));
  } catch {
    return { errno: -ENOMEM, syscall: "read" };
  }
  let capacity = MathMax(size + 1, 512);
  let length = 0;
  for (;;) {
    if (length === capacity) {
      const grown = newBuffer(capacity * 2 + chunk);
      TypedArrayPrototypeSet(grown, bytes, 0);
      bytes = grown;
      capacity = capacity * 2 + chunk;
    }
    const count = read(bytes, length, capacity - length);
    if (count < 0) return { errno: count, syscall: "read" };
    if (count === 0) return { bytes, length };
    length += count;
  }
}

/** Opens, reads to the end and closes. */
export function readWhole(opener: Opener, path: Path, flags: number): Content | Failure {
  const file = opener.open(path, flags, 0o666);
  if (file < 0) return { errno: file, syscall: "open" };
  try {
    return readToEnd(
      (bytes, offset, length) => opener.read(file, bytes, offset, length, -1),
      sizeHint(opener, file),
    );
  } finally {
    opener.close(file);
  }
}

type WriteFrom = (bytes: Uint8Array, offset: number, length: number) => number;

/** Writes all bytes; 0 or a negative errno. */
export function writeAll(write: WriteFrom, bytes: Uint8Array, length: number): number {
  for (let done = 0; done < length; ) {
    const count = write(bytes, done, length - done);
    if (count < 0) return count;
    done += count;
  }
  return 0;
}

/** Opens, writes everything and closes. */
export function writeWhole(
  opener: Opener,
  path: Path,
  flags: number,
  mode: number,
  bytes: Uint8Array,
  length: number,
): Failure | undefined {
  const file = opener.open(path, flags, mode);
  if (file < 0) return { errno: file, syscall: "open" };
  const result = writeAll(
    (source, offset, count) => opener.write(file, source, offset, count, -1),
    bytes,
    length,
  );
  opener.close(file);
  return result < 0 ? { errno: result, syscall: "write" } : undefined;
}
