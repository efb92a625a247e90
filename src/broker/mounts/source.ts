import { constants } from "node:os";

/** What a mount says of a file, directory or link. */
export interface SourceEntry {
  name: string;
  type: "file" | "directory" | "symlink";
  /** Permissions, such as 0o644. A link without any may not be followed. */
  mode: number;
  /** In bytes. */
  size: number;
  /** Milliseconds since 1970; a file whose size and times are the old ones has the old content. */
  mtimeMs: number;
  ctimeMs: number;
  /** Of a link: its text, relative to where it is. */
  target?: string;
}

/** An open file of a mount. */
export interface SourceFile {
  readonly size: number;
  /** Null where they are those that the directory told. */
  readonly mtimeMs: number | null;
  readonly ctimeMs: number | null;
  /** At most `length` bytes from `position` on, none at the end. */
  read(position: number, length: number): Uint8Array | Promise<Uint8Array>;
  close(): void;
}

/** Reads one thing after the other from a source. Paths are lists of names, checked; the root is an empty one. */
export interface SourceReader {
  /** Entries in parts, so that a large directory keeps nobody waiting. Throws SourceFailure. */
  list(path: readonly string[]): Iterable<SourceEntry[]> | AsyncIterable<SourceEntry[]>;
  /** Throws SourceFailure. */
  open(path: readonly string[]): SourceFile | Promise<SourceFile>;
  /** Lets go of what it has open. */
  close(): void;
}

/** Where the content of a mount comes from. */
export interface MountSource {
  reader(): SourceReader;
  /**
   * Calls `changed` when the directory's names, or files in it, are others. Null where that can't be told: then
   * what is known of it is forgotten after a while.
   */
  watch(path: readonly string[], changed: () => void): (() => void) | null;
}

/** A file of bytes that are in memory, of the times that its directory told. */
export function fileOfBytes(bytes: Uint8Array): SourceFile {
  return {
    size: bytes.length,
    mtimeMs: null,
    ctimeMs: null,
    read: (position, length) => bytes.subarray(position, position + length),
    close: () => undefined,
  };
}

/** Why something can't be had, as a guest is told: nothing of the host but the number. */
export class SourceFailure extends Error {
  /** Negative. */
  readonly errno: number;
  /** What a machine must not ask for, and ours doesn't unless a link was swapped under its hands. */
  readonly refused: boolean;

  constructor(code: "ENOENT" | "ENOTDIR" | "EISDIR" | "EACCES" | "EIO" | "EFBIG", refused = false) {
    super(code);
    this.errno = -constants.errno[code];
    this.refused = refused;
  }
}

/** What an error of the system becomes. */
export function failureOf(error: unknown): SourceFailure {
  if (error instanceof SourceFailure) return error;
  const { code } = error as { code?: unknown };
  if (code === "ENOENT" || code === "ENOTDIR" || code === "EISDIR" || code === "EACCES")
    return new SourceFailure(code);
  // Something became a link, where none is followed.
  if (code === "ELOOP") return new SourceFailure("ENOENT", true);
  if (code === "EPERM") return new SourceFailure("EACCES");
  return new SourceFailure("EIO");
}
