import type { Change } from "./changes.js";

/** One of the two files. */
export interface Side {
  /** Its name and time, as the head of a comparison has them. */
  label: string;
  lines: readonly string[];
  /** Whether its last line ends with a newline. */
  ended: boolean;
}

/** A way to show changes: the text, in pieces. */
export type Format = (a: Side, b: Side, changes: readonly Change[]) => Generator<string, void>;

const NO_NEWLINE = "\\ No newline at end of file\n";

function shown({ lines, ended }: Side, mark: string, from: number, count: number): string {
  let text = "";
  for (let at = from; at < from + count; at++) text += `${mark}${lines[at]}\n`;
  return text + (count > 0 && from + count === lines.length && !ended ? NO_NEWLINE : "");
}

/** `3`, `3,5` */
function range(from: number, count: number): string {
  return count <= 1 ? String(count === 0 ? from : from + 1) : `${from + 1},${from + count}`;
}

export const normal: Format = function* (a, b, changes) {
  for (const change of changes) {
    const letter = change.deleted === 0 ? "a" : change.inserted === 0 ? "d" : "c";
    yield `${range(change.a, change.deleted)}${letter}${range(change.b, change.inserted)}\n`;
    yield shown(a, "< ", change.a, change.deleted);
    if (letter === "c") yield "---\n";
    yield shown(b, "> ", change.b, change.inserted);
  }
};

/** Changes that are so near that the lines around them meet. */
interface Hunk {
  changes: Change[];
  a: number;
  aEnd: number;
  b: number;
  bEnd: number;
}

function hunks(a: Side, b: Side, changes: readonly Change[], around: number): Hunk[] {
  const found: Hunk[] = [];
  for (const change of changes) {
    const last = found.at(-1);
    const before = Math.min(around, change.a);
    const after = Math.min(around, a.lines.length - change.a - change.deleted);
    const end = { aEnd: change.a + change.deleted + after, bEnd: change.b + change.inserted + after };
    if (last !== undefined && change.a - before <= last.aEnd) {
      last.changes.push(change);
      Object.assign(last, end);
    } else found.push({ changes: [change], a: change.a - before, b: change.b - before, ...end });
  }
  for (const hunk of found) hunk.bEnd = Math.min(hunk.bEnd, b.lines.length);
  return found;
}

export function unified(around: number): Format {
  const place = (from: number, end: number) => {
    const count = end - from;
    return count === 1 ? String(from + 1) : `${count === 0 ? from : from + 1},${count}`;
  };
  return function* (a, b, changes) {
    yield `--- ${a.label}\n+++ ${b.label}\n`;
    for (const hunk of hunks(a, b, changes, around)) {
      yield `@@ -${place(hunk.a, hunk.aEnd)} +${place(hunk.b, hunk.bEnd)} @@\n`;
      let at = hunk.a;
      for (const change of hunk.changes) {
        yield shown(a, " ", at, change.a - at);
        yield shown(a, "-", change.a, change.deleted);
        yield shown(b, "+", change.b, change.inserted);
        at = change.a + change.deleted;
      }
      yield shown(a, " ", at, hunk.aEnd - at);
    }
  };
}

export function context(around: number): Format {
  return function* (a, b, changes) {
    yield `*** ${a.label}\n--- ${b.label}\n`;
    for (const hunk of hunks(a, b, changes, around)) {
      yield `***************\n*** ${range(hunk.a, hunk.aEnd - hunk.a)} ****\n`;
      if (hunk.changes.some(({ deleted }) => deleted > 0)) yield* half(a, hunk, "a");
      yield `--- ${range(hunk.b, hunk.bEnd - hunk.b)} ----\n`;
      if (hunk.changes.some(({ inserted }) => inserted > 0)) yield* half(b, hunk, "b");
    }
  };
}

/** What one file has of a hunk: `!` marks what has changed, the other marks what has come or gone. */
function* half(side: Side, hunk: Hunk, which: "a" | "b"): Generator<string, void> {
  let at = hunk[which];
  for (const change of hunk.changes) {
    const count = which === "a" ? change.deleted : change.inserted;
    const mark = change.deleted > 0 && change.inserted > 0 ? "! " : which === "a" ? "- " : "+ ";
    yield shown(side, "  ", at, change[which] - at);
    yield shown(side, mark, change[which], count);
    at = change[which] + count;
  }
  yield shown(side, "  ", at, (which === "a" ? hunk.aEnd : hunk.bEnd) - at);
}
