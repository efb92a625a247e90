import {
  closeSync,
  type Dir,
  fstatSync,
  lstatSync,
  opendirSync,
  readlinkSync,
  readSync,
  type Stats,
  statfsSync,
  watch,
} from "node:fs";
import {
  failureOf,
  type MountSource,
  type SourceEntry,
  SourceFailure,
  type SourceFile,
  type SourceReader,
} from "../source.js";
import { openDirectory, openFile, pathOf } from "./confined.js";
import { innerTarget } from "./link-target.js";

/** Entries of a directory that are looked at at a time. */
const BATCH = 256;
/** Linux's PATH_MAX without the NUL. */
const MAX_TARGET = 4095;

/** File systems that others change too, without this computer being told. */
const remote: ReadonlySet<number> = new Set([
  0x6969, // NFS
  0x517b, // SMB
  0xff534d42, // CIFS
  0xfe534d42, // SMB2
  0x65735546, // FUSE
  0x01021997, // 9P
  0x00c36400, // Ceph
  0x5346414f, // AFS
]);

/** A directory of the host. Reads what is below it, and nothing else, whatever links and races say. */
export class HostDirectory implements MountSource {
  /** The real path. */
  readonly #root: string;
  readonly #roots: readonly string[];
  readonly #remote: boolean;

  /** `root`: the real path; `given`: what it was called. */
  constructor(root: string, given: string) {
    this.#root = root;
    this.#roots = [root, given];
    this.#remote = remote.has(statfsSync(root).type >>> 0);
  }

  reader(): SourceReader {
    return new HostReader(this.#root, this.#roots);
  }

  watch(path: readonly string[], changed: () => void): (() => void) | null {
    if (this.#remote) return null;
    let directory = -1;
    try {
      directory = openDirectory(this.#root, path);
      const watcher = watch(pathOf(directory), { persistent: false }, changed);
      watcher.on("error", changed);
      return () => watcher.close();
    } catch {
      // It has gone, or the system has no more watches to give.
      return null;
    } finally {
      if (directory >= 0) closeSync(directory);
    }
  }
}

/** What is read for one request: the directory that was opened last stays open. */
class HostReader implements SourceReader {
  readonly #root: string;
  readonly #roots: readonly string[];
  #directory = -1;
  #path = "";

  constructor(root: string, roots: readonly string[]) {
    this.#root = root;
    this.#roots = roots;
  }

  *list(path: readonly string[]): Iterable<SourceEntry[]> {
    this.close();
    const directory = this.#open(path);
    const listing = opendirSync(pathOf(directory), { bufferSize: BATCH });
    try {
      for (let entries = this.#some(listing, directory, path); entries !== null; ) {
        yield entries;
        entries = this.#some(listing, directory, path);
      }
    } finally {
      listing.closeSync();
    }
  }

  /** The next entries; null at the end. */
  #some(listing: Dir, directory: number, path: readonly string[]): SourceEntry[] | null {
    const entries: SourceEntry[] = [];
    for (let count = 0; count < BATCH; count++) {
      const name = listing.readSync()?.name;
      if (name === undefined) return count === 0 ? null : entries;
      const entry = this.#entry(directory, path, name);
      if (entry !== null) entries.push(entry);
    }
    return entries;
  }

  #open(path: readonly string[]): number {
    const key = path.join("/");
    if (this.#directory >= 0 && this.#path === key) return this.#directory;
    try {
      const directory = openDirectory(this.#root, path);
      this.close();
      this.#path = key;
      this.#directory = directory;
      return directory;
    } catch (error) {
      throw failureOf(error);
    }
  }

  /** Null for what is no file of a mount: sockets, devices, what went meanwhile, names that are no text. */
  #entry(directory: number, path: readonly string[], name: string): SourceEntry | null {
    if (name.includes("\ufffd")) return null;
    const place = `${pathOf(directory)}/${name}`;
    try {
      const stats = lstatSync(place);
      const { mode, size, mtimeMs, ctimeMs } = stats;
      const entry = { name, mode: mode & 0o777, mtimeMs, ctimeMs };
      if (stats.isFile()) return { ...entry, type: "file", size };
      if (stats.isDirectory()) return { ...entry, type: "directory", size: 0 };
      if (!stats.isSymbolicLink()) return null;
      const target = innerTarget(readlinkSync(place), path, this.#roots);
      const inside = target !== null && Buffer.byteLength(target) <= MAX_TARGET;
      return inside
        ? { ...entry, mode: 0o777, type: "symlink", size: Buffer.byteLength(target), target }
        : { ...entry, mode: 0, type: "symlink", size: 1, target: "." };
    } catch {
      return null;
    }
  }

  open(path: readonly string[]): SourceFile {
    const directory = this.#open(path.slice(0, -1));
    try {
      return new HostFile(openFile(directory, this.#root, path));
    } catch (error) {
      throw failureOf(error);
    }
  }

  close(): void {
    if (this.#directory >= 0) closeSync(this.#directory);
    this.#directory = -1;
  }
}

/** A regular file of the host. */
class HostFile implements SourceFile {
  readonly #fd: number;
  readonly size: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;

  constructor(fd: number) {
    const stats: Stats = fstatSync(fd);
    if (!stats.isFile()) {
      closeSync(fd);
      throw new SourceFailure("EACCES");
    }
    this.#fd = fd;
    this.size = stats.size;
    this.mtimeMs = stats.mtimeMs;
    this.ctimeMs = stats.ctimeMs;
  }

  read(position: number, length: number): Uint8Array {
    const bytes = Buffer.allocUnsafe(length);
    try {
      return bytes.subarray(0, readSync(this.#fd, bytes, 0, length, position));
    } catch (error) {
      throw failureOf(error);
    }
  }

  close(): void {
    closeSync(this.#fd);
  }
}
