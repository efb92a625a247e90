import type { FileStat, FileType } from "../wire/messages.js";

/** Tells what kind of a file something is, as Node's classes do. */
class FileKind {
  readonly #type: FileType;

  constructor(type: FileType) {
    this.#type = type;
  }

  isFile(): boolean {
    return this.#type === "file";
  }

  isDirectory(): boolean {
    return this.#type === "directory";
  }

  isSymbolicLink(): boolean {
    return this.#type === "symlink";
  }
}

/** What is known of a file on the guest's disk: the part of Node's `fs.Stats` that has a meaning here. */
export class Stats extends FileKind {
  /** Bytes. */
  readonly size: number;
  /** Type and permission bits. */
  readonly mode: number;
  readonly uid: number;
  readonly gid: number;
  /** Hard links. */
  readonly nlink: number;
  readonly ino: number;
  /** Times are milliseconds since 1970, with fractions. */
  readonly atimeMs: number;
  readonly mtimeMs: number;
  readonly ctimeMs: number;
  readonly birthtimeMs: number;

  /** @internal */
  constructor(stat: FileStat) {
    super(stat.type);
    this.size = stat.size;
    this.mode = stat.mode;
    this.uid = stat.uid;
    this.gid = stat.gid;
    this.nlink = stat.nlink;
    this.ino = stat.ino;
    this.atimeMs = stat.atimeMs;
    this.mtimeMs = stat.mtimeMs;
    this.ctimeMs = stat.ctimeMs;
    this.birthtimeMs = stat.birthtimeMs;
  }

  get atime(): Date {
    return new Date(this.atimeMs);
  }

  get mtime(): Date {
    return new Date(this.mtimeMs);
  }

  get ctime(): Date {
    return new Date(this.ctimeMs);
  }

  get birthtime(): Date {
    return new Date(this.birthtimeMs);
  }
}

/** A name in a directory of the guest's disk, as Node's `fs.Dirent`. */
export class Dirent extends FileKind {
  readonly name: string;
  /** The directory that was read. */
  readonly parentPath: string;

  /** @internal */
  constructor(name: string, parentPath: string, type: FileType) {
    super(type);
    this.name = name;
    this.parentPath = parentPath;
  }
}
