import { closeSync, openSync, readFileSync, readSync } from "node:fs";
import type { Machine } from "../../src/machine/machine.js";

/** What is looked at at once; needles are shorter than its overlap with the piece before. */
const PIECE = 1 << 20;
const OVERLAP = 64 << 10;
const NOTHING = Buffer.alloc(PIECE);

/** A run of bytes of an open file. */
interface Run {
  fd: number;
  from: number;
  to: number;
}

/** Which of the needles lie in the memory of a machine, its disk included, and how much was looked at. */
export async function searchMachine(
  { pid, disk }: Machine,
  needles: ReadonlyMap<string, Buffer>,
): Promise<{ found: Set<string>; bytes: number }> {
  const found = new Set<string>();
  let bytes = 0;
  const search = (run: Run): void => {
    bytes += searchRun(run, needles, found);
  };
  const fd = openSync(`/proc/${pid}/mem`, "r");
  try {
    for (const { from, to } of readableMappings(pid)) search({ fd, from, to });
  } finally {
    closeSync(fd);
  }
  await disk?.use(async (diskFd) => search({ fd: diskFd, from: 0, to: disk.offset + disk.size }));
  return { found, bytes };
}

/** The disk is looked at by its descriptor: reading a hole through a mapping would fill it. */
function readableMappings(pid: number): { from: number; to: number }[] {
  const lines = readFileSync(`/proc/${pid}/maps`, "utf8").trim().split("\n");
  return lines.flatMap((line) => {
    const {
      from,
      to,
      path = "",
    } = /^(?<from>[\da-f]+)-(?<to>[\da-f]+) r\S+ \S+ \S+ \d+ *(?<path>.*)$/u.exec(line)?.groups ?? {};
    if (from === undefined || to === undefined || /^\[v|^\/memfd:/u.test(path)) return [];
    return [{ from: Number.parseInt(from, 16), to: Number.parseInt(to, 16) }];
  });
}

function searchRun({ fd, from, to }: Run, needles: ReadonlyMap<string, Buffer>, found: Set<string>): number {
  const piece = Buffer.allocUnsafe(OVERLAP + PIECE);
  let kept = 0;
  let read = 0;
  for (let at = from; at < to; ) {
    const count = readSome(fd, piece, kept, Math.min(PIECE, to - at), at);
    if (count === 0) return read;
    const bytes = piece.subarray(0, kept + count);
    const empty = bytes.subarray(kept).equals(NOTHING.subarray(0, count));
    for (const [name, needle] of empty ? [] : needles) if (bytes.includes(needle)) found.add(name);
    at += count;
    read += count;
    kept = Math.min(OVERLAP, bytes.length);
    piece.copyWithin(0, bytes.length - kept, bytes.length);
  }
  return read;
}

/** Pages that are gone by now end a mapping. */
function readSome(fd: number, into: Buffer, offset: number, length: number, at: number): number {
  try {
    return readSync(fd, into, offset, length, at);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code === "EIO") return 0;
    throw error;
  }
}
