import { innerTarget } from "./host-directory/link-target.js";
import {
  failureOf,
  fileOfBytes,
  type MountSource,
  type SourceEntry,
  SourceFailure,
  type SourceFile,
  type SourceReader,
} from "./source.js";

/** What is in a directory of a mount. */
export interface MountEntry {
  /** Without a slash. */
  name: string;
  type: "file" | "directory" | "symlink";
  /** Bytes of a file. Default 0, which is an empty file. */
  size?: number | undefined;
  /** Permission bits. Default 0o644 of files and 0o755 of directories. */
  mode?: number | undefined;
  /**
   * When it was last changed: a date, or milliseconds since 1970. Default 0. A file whose size and time are the old
   * ones is taken to have the old content.
   */
  mtime?: Date | number | undefined;
  /** Where a link leads: relative to where it is, and within the mount. */
  target?: string | undefined;
}

/**
 * Where the content of a mount comes from, if not from a directory of this computer. Paths are relative to its root,
 * such as `lib/a.js`; the root is an empty one. An error with the `code` `ENOENT`, `ENOTDIR`, `EISDIR` or `EACCES` is
 * what the guest gets; any other is `EIO` there, and nothing of its message is told.
 */
export interface MountBackend {
  /** What is in a directory. */
  readdir(path: string): readonly MountEntry[] | Promise<readonly MountEntry[]>;
  /** All bytes of a file. */
  readFile(path: string): Uint8Array | Promise<Uint8Array>;
  /**
   * Has `changed` called with the path of a directory when its entries, or files in it, are others; answers what ends
   * that. A backend without it is asked again for a directory that was last asked for a second ago.
   */
  watch?(changed: (path: string) => void): () => void;
}

const defaults = { file: 0o644, directory: 0o755, symlink: 0o777 };

/** A backend of the caller's as a source: what it answers is checked. */
export class BackendSource implements MountSource, SourceReader {
  readonly #backend: MountBackend;
  readonly #watched = new Map<string, Set<() => void>>();
  #unwatch: (() => void) | null = null;

  constructor(backend: MountBackend) {
    this.#backend = backend;
  }

  reader(): SourceReader {
    return this;
  }

  async *list(path: readonly string[]): AsyncIterable<SourceEntry[]> {
    const entries: SourceEntry[] = [];
    const names = new Set<string>();
    try {
      for (const entry of await this.#backend.readdir(path.join("/"))) {
        const checked = checkEntry(entry, path);
        if (checked === null || names.has(checked.name)) continue;
        names.add(checked.name);
        entries.push(checked);
      }
    } catch (error) {
      throw failureOf(error);
    }
    yield entries;
  }

  async open(path: readonly string[]): Promise<SourceFile> {
    try {
      const bytes = await this.#backend.readFile(path.join("/"));
      if (!(bytes instanceof Uint8Array)) throw new SourceFailure("EIO");
      return fileOfBytes(bytes);
    } catch (error) {
      throw failureOf(error);
    }
  }

  close(): void {
    // Nothing is open.
  }

  watch(path: readonly string[], changed: () => void): (() => void) | null {
    const backend = this.#backend;
    if (backend.watch === undefined) return null;
    const key = path.join("/");
    const listeners = this.#watched.get(key) ?? new Set();
    this.#watched.set(key, listeners.add(changed));
    this.#unwatch ??= backend.watch((directory) => {
      for (const tell of [...(this.#watched.get(directory) ?? [])]) tell();
    });
    return () => {
      listeners.delete(changed);
      if (listeners.size === 0 && this.#watched.get(key) === listeners) this.#watched.delete(key);
      if (this.#watched.size > 0) return;
      this.#unwatch?.();
      this.#unwatch = null;
    };
  }
}

/** Null for what no directory can have. */
function checkEntry(entry: MountEntry, path: readonly string[]): SourceEntry | null {
  const { name, type, size = 0, mode, mtime = 0, target } = entry;
  if (typeof name !== "string" || !isName(name) || !Object.hasOwn(defaults, type)) return null;
  const mtimeMs = Number(mtime);
  const checked = {
    name,
    type,
    mode: (mode ?? defaults[type]) & 0o777,
    size: type === "file" ? size : 0,
    mtimeMs: Number.isFinite(mtimeMs) ? mtimeMs : 0,
    ctimeMs: Number.isFinite(mtimeMs) ? mtimeMs : 0,
  };
  if (!Number.isSafeInteger(checked.size) || checked.size < 0) return null;
  if (type !== "symlink") return checked;
  const inner = typeof target === "string" && isTarget(target) ? innerTarget(target, path, []) : null;
  if (inner === null) return { ...checked, mode: 0, size: 1, target: "." };
  return { ...checked, mode: 0o777, size: Buffer.byteLength(inner), target: inner };
}

function isName(name: string): boolean {
  if (name === "" || name === "." || name === "..") return false;
  return !/[/\0]/.test(name) && name.isWellFormed() && Buffer.byteLength(name) <= 255;
}

function isTarget(target: string): boolean {
  return target !== "" && !target.includes("\0") && Buffer.byteLength(target) <= 4095;
}
