import { diffArrays } from "diff";

/** Lines of two files that differ: from where, counted from 0, and how many. */
export interface Change {
  a: number;
  deleted: number;
  b: number;
  inserted: number;
}

/** What must become of the lines of `a` to be those of `b`. */
export function changesOf(a: readonly string[], b: readonly string[]): Change[] {
  // What both begin and end with needs no search.
  let start = 0;
  while (start < a.length && start < b.length && a[start] === b[start]) start++;
  let same = 0;
  while (same < a.length - start && same < b.length - start && a.at(-1 - same) === b.at(-1 - same)) same++;
  const changes: Change[] = [];
  const at = { a: start, b: start };
  let open: Change | null = null;
  for (const { added, removed, count } of diffArrays(
    a.slice(start, a.length - same),
    b.slice(start, b.length - same),
  )) {
    if (!added && !removed) {
      at.a += count;
      at.b += count;
      open = null;
      continue;
    }
    if (open === null) {
      open = { a: at.a, deleted: 0, b: at.b, inserted: 0 };
      changes.push(open);
    }
    if (removed) {
      open.deleted += count;
      at.a += count;
    } else {
      open.inserted += count;
      at.b += count;
    }
  }
  return shifted(changes, a, b);
}

/** Where lines could as well have come or gone further down, they do, as with GNU's. */
function shifted(changes: Change[], a: readonly string[], b: readonly string[]): Change[] {
  for (let at = changes.length - 1; at >= 0; at--) {
    const change = changes[at] as Change;
    const next = changes[at + 1];
    const [lines, from, count] =
      change.inserted === 0
        ? [a, change.a, change.deleted]
        : change.deleted === 0
          ? [b, change.b, change.inserted]
          : [a, 0, 0];
    if (count === 0) continue;
    let moves = 0;
    const most = Math.min(
      (next?.a ?? a.length) - change.a - change.deleted,
      (next?.b ?? b.length) - change.b - change.inserted,
    );
    while (moves < most && lines[from + moves] === lines[from + moves + count]) moves++;
    change.a += moves;
    change.b += moves;
    if (next === undefined || change.a + change.deleted !== next.a || change.b + change.inserted !== next.b)
      continue;
    change.deleted += next.deleted;
    change.inserted += next.inserted;
    changes.splice(at + 1, 1);
  }
  return changes;
}
