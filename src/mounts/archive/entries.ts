import type { MountEntry } from "../../broker/mounts/backend.js";
import { ArchiveError } from "../../errors/archive-error.js";
import { Tree } from "../tree.js";

/** What an archive may hold. */
export interface ArchiveBounds {
  bytes: number;
  entries: number;
}

/** The bytes of a file, or how to come by them. */
export type Content = Uint8Array | (() => Promise<Uint8Array>);

/** The entries of an archive as they are read. What can't be is refused, and with it the archive. */
export class ArchiveEntries {
  readonly tree = new Tree<Content>();
  readonly #bounds: ArchiveBounds;
  #bytes = 0;
  #entries = 0;

  constructor(bounds: ArchiveBounds) {
    this.#bounds = bounds;
  }

  /** Checks a name, and that there is room for what it names. */
  admit(name: string, size: number): string {
    if (name.startsWith("/") || /^[A-Za-z]:/.test(name) || name.includes("\\"))
      throw new ArchiveError("absolute", name);
    const names = name.split("/").filter((part) => part !== "" && part !== ".");
    if (names.includes("..")) throw new ArchiveError("traversal", name);
    if (names.some((part) => part.includes("\0") || Buffer.byteLength(part) > 255))
      throw new ArchiveError("malformed", name);
    this.#bytes += size;
    this.#entries++;
    if (this.#bytes > this.#bounds.bytes || this.#entries > this.#bounds.entries)
      throw new ArchiveError("size", name);
    return names.join("/");
  }

  directory(path: string, mode: number | undefined, mtime: number): void {
    if (!this.tree.makeDirectory(path, mode, mtime)) throw new ArchiveError("conflict", path);
  }

  file(path: string, entry: Omit<MountEntry, "name">, content: Content): void {
    if (path === "" || !this.tree.put(path, { entry, content })) throw new ArchiveError("conflict", path);
  }

  /** A further name of a file that the archive has had already. */
  link(path: string, target: string, entry: Omit<MountEntry, "name">): void {
    const parts = target.split("/").filter((part) => part !== "" && part !== ".");
    if (parts.includes("..")) throw new ArchiveError("link", path);
    let content: Content;
    try {
      content = this.tree.file(parts.join("/"));
    } catch {
      throw new ArchiveError("link", path);
    }
    this.file(path, { ...entry, size: content.length }, content);
  }
}
