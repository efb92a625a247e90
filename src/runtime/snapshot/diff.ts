import { constants } from "node:fs";
import type { InventoryEntry } from "../../wire/inventory.js";
import type { FileType } from "../../wire/messages.js";
import { checkAbortSignal, readFields, refuse } from "../options/checks.js";
import type { Content } from "./format.js";
import type { Inventory } from "./inventory.js";
import { contentOf } from "./snapshot.js";

const { S_IFMT, S_IFDIR, S_IFLNK, S_IFREG } = constants;
const types: Record<number, FileType> = { [S_IFREG]: "file", [S_IFDIR]: "directory", [S_IFLNK]: "symlink" };

/** How `rt.diff()` goes about it. */
export interface DiffOptions {
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What has become of a disk since a snapshot, each list in the order of the paths. */
export interface DiskDiff {
  /** What wasn't there. */
  added: DiffEntry[];
  /** What has other contents, another type, other permissions or another owner. */
  changed: DiffEntry[];
  /** What is there no more, as it was. */
  removed: DiffEntry[];
}

/** A file, directory or link. */
export interface DiffEntry {
  /** Absolute. */
  path: string;
  type: FileType;
  /** Permission bits. */
  mode: number;
  /** In bytes. */
  size: number;
  /** What `rt.readFile(path)` gives: the bytes of the file as it is when this is called. */
  read(): Promise<Uint8Array>;
}

/** Checks what `diff()` is given. Throws InvalidOptionError. */
export function checkDiff(
  since: unknown,
  options: unknown,
): { content: Content; signal: AbortSignal | undefined } {
  const content = contentOf(since) ?? refuse("since", "a Snapshot, as snapshot() gives", since);
  const { signal } = readFields(options, "options", ["signal"]);
  return { content, signal: signal === undefined ? undefined : checkAbortSignal(signal, "signal") };
}

/** What differs between two disks. */
export function compare(
  before: Inventory,
  now: Inventory,
  read: (path: string) => Promise<Uint8Array>,
): DiskDiff {
  const diff: DiskDiff = { added: [], changed: [], removed: [] };
  const tell = ({ path, mode, size }: InventoryEntry): DiffEntry => ({
    path,
    type: types[mode & S_IFMT] ?? "other",
    mode: mode & 0o7777,
    size,
    read: () => read(path),
  });
  for (const entry of now.values()) {
    const old = before.get(entry.path);
    if (old === undefined) diff.added.push(tell(entry));
    else if (!isSame(old, entry)) diff.changed.push(tell(entry));
  }
  for (const entry of before.values()) if (!now.has(entry.path)) diff.removed.push(tell(entry));
  for (const list of [diff.added, diff.changed, diff.removed])
    list.sort((a, b) => (a.path < b.path ? -1 : 1));
  return diff;
}

function isSame(a: InventoryEntry, b: InventoryEntry): boolean {
  return (
    a.mode === b.mode && a.uid === b.uid && a.gid === b.gid && a.size === b.size && a.digest === b.digest
  );
}

/** What comes of the work, or the reason of a signal that is aborted meanwhile. */
export async function unlessAborted<T>(work: Promise<T>, signal: AbortSignal | undefined): Promise<T> {
  if (signal === undefined) return await work;
  // Who gives up hears of no failure that comes later.
  work.catch(() => undefined);
  let abort: () => void = () => undefined;
  const aborted = new Promise<never>((_, reject) => {
    abort = () => reject(signal.reason);
  });
  signal.addEventListener("abort", abort);
  try {
    if (signal.aborted) abort();
    return await Promise.race([work, aborted]);
  } finally {
    signal.removeEventListener("abort", abort);
  }
}
