import { DisposedError } from "../errors/disposed-error.js";
import { FileSystemError } from "../errors/file-system-error.js";
import { MachineExitedError } from "../errors/machine-exited-error.js";
import { ProtocolError } from "../errors/protocol-error.js";
import type { FsFlow, FsResult } from "../machine/index.js";
import type { ArchiveOperation, DiskOperation, FsOperation } from "../wire/messages.js";
import { Turns } from "./call/turns.js";
import { Dirent, Stats } from "./file-info.js";
import {
  checkBoolean,
  checkBytes,
  checkInteger,
  checkStillThere,
  readFields,
  refuse,
} from "./options/checks.js";
import type { InitialFile } from "./options/create-options.js";
import { checkFilePath, checkGuestPath, checkLinkTarget } from "./options/guest-path.js";
import type { LiveMachine, Revival } from "./revival.js";

/** Options of `writeFile()`. */
export interface WriteFileOptions {
  /** Permission bits of a file that is new. Default 0o644. */
  mode?: number | undefined;
}

/** Options of `readFile()`. */
export interface ReadFileOptions {
  /** Decodes the bytes: `"utf8"`, `"latin1"`, `"base64"`, `"hex"`, … Default: bytes. */
  encoding?: BufferEncoding | null | undefined;
}

/** Options of `mkdir()`. */
export interface MkdirOptions {
  /** Makes missing parents, and takes no offence at a directory that is there. Default false. */
  recursive?: boolean | undefined;
  /** Permission bits. Default 0o755. */
  mode?: number | undefined;
}

/** Options of `readdir()`. */
export interface ReaddirOptions {
  /** Answers `Dirent`s, which tell files from directories. Default false. */
  withFileTypes?: boolean | undefined;
}

/** Options of `rm()`. */
export interface RmOptions {
  /** Removes directories and all that is in them. Default false. */
  recursive?: boolean | undefined;
  /** Takes no offence at a path that is not there. Default false. */
  force?: boolean | undefined;
}

/** Operations that a machine has at a time: each has a file open in it. */
const OPERATIONS = 256;

/** Linux's numbers. */
const ENOTDIR = 20;
const ENOSPC = 28;

/** Bytes to write, as they were when they were checked. */
interface CheckedBytes {
  /** The option that they are the value of. */
  key: string;
  bytes: Uint8Array;
  length: number;
}

/** The disk of a runtime, from the host. */
export class FileSystem {
  readonly #revival: Revival;
  readonly #diskBytes: number;
  readonly #turns = new Turns(OPERATIONS);

  constructor(revival: Revival, diskBytes: number) {
    this.#revival = revival;
    this.#diskBytes = diskBytes;
  }

  async writeFile(path: unknown, data: unknown, options: unknown): Promise<void> {
    await this.#write(path, data, options, {});
  }

  async appendFile(path: unknown, data: unknown, options: unknown): Promise<void> {
    await this.#write(path, data, options, { append: true });
  }

  async #write(path: unknown, data: unknown, options: unknown, more: { append?: boolean }): Promise<void> {
    const file = checkFilePath(path, "path");
    const bytes = checkBytes(data, "data", Number.MAX_SAFE_INTEGER);
    const { mode } = readFields(options, "options", ["mode"]);
    const bits = checkMode(mode);
    this.#refuseTooLarge(file, bytes.length);
    const { length } = bytes;
    await this.#do(
      { op: "writeFile", path: file, mode: bits, parents: false, ...more },
      { key: "data", bytes, length },
    );
  }

  /** Puts a file there with all its parents. */
  async writeInitialFile({ path, data, length }: InitialFile): Promise<void> {
    const key = `files[${JSON.stringify(path)}]`;
    await this.#do({ op: "writeFile", path, mode: null, parents: true }, { key, bytes: data, length });
  }

  async readFile(path: unknown, options: unknown): Promise<Uint8Array | string> {
    const file = checkGuestPath(path, "path");
    const encoding = checkEncoding(options);
    const { data } = await this.#do({ op: "readFile", path: file, limit: this.#diskBytes });
    if (data === null) throw new ProtocolError("a file without its bytes");
    if (encoding !== null) return data.toString(encoding);
    return new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
  }

  async mkdir(path: unknown, options: unknown): Promise<void> {
    const directory = checkGuestPath(path, "path");
    const { recursive, mode } = readFields(options, "options", ["recursive", "mode"]);
    await this.#do({
      op: "mkdir",
      path: directory,
      recursive: checkFlag(recursive, "recursive"),
      mode: checkMode(mode),
    });
  }

  async readdir(path: unknown, options: unknown): Promise<string[] | Dirent[]> {
    const directory = checkGuestPath(path, "path");
    const { withFileTypes } = readFields(options, "options", ["withFileTypes"]);
    const typed = checkFlag(withFileTypes, "withFileTypes");
    const { entries } = await this.#do({ op: "readdir", path: directory });
    if (entries === null) throw new ProtocolError("a directory without its entries");
    if (!typed) return entries.map(([name]) => name);
    return entries.map(([name, type]) => new Dirent(name, directory, type));
  }

  async stat(path: unknown): Promise<Stats> {
    return await this.#stat({ op: "stat", path: checkGuestPath(path, "path") });
  }

  async lstat(path: unknown): Promise<Stats> {
    return await this.#stat({ op: "lstat", path: checkGuestPath(path, "path") });
  }

  async #stat(operation: FsOperation & { op: "stat" | "lstat" }): Promise<Stats> {
    const { value } = await this.#do(operation);
    if (typeof value !== "object" || value === null || !("ino" in value)) {
      throw new ProtocolError("stat without its answer");
    }
    return new Stats(value);
  }

  /** Throws what changing to a directory would. */
  async checkDirectory(path: string): Promise<void> {
    const failure = { syscall: "chdir", path };
    try {
      if ((await this.stat(path)).isDirectory()) return;
    } catch (cause) {
      if (!(cause instanceof FileSystemError)) throw cause;
      throw new FileSystemError({ ...failure, code: cause.code, errno: cause.errno }, { cause });
    }
    throw new FileSystemError({ ...failure, code: "ENOTDIR", errno: -ENOTDIR });
  }

  async exists(path: unknown): Promise<boolean> {
    const { value } = await this.#do({ op: "exists", path: checkGuestPath(path, "path") });
    return value === true;
  }

  async rm(path: unknown, options: unknown): Promise<void> {
    const target = checkGuestPath(path, "path");
    const { recursive, force } = readFields(options, "options", ["recursive", "force"]);
    await this.#do({
      op: "rm",
      path: target,
      recursive: checkFlag(recursive, "recursive"),
      force: checkFlag(force, "force"),
    });
  }

  async rename(from: unknown, to: unknown): Promise<void> {
    await this.#do({ op: "rename", path: checkGuestPath(from, "from"), dest: checkGuestPath(to, "to") });
  }

  async copyFile(from: unknown, to: unknown): Promise<void> {
    await this.#do({ op: "copyFile", path: checkGuestPath(from, "from"), dest: checkFilePath(to, "to") });
  }

  async link(from: unknown, to: unknown): Promise<void> {
    await this.#do({ op: "link", path: checkGuestPath(from, "from"), dest: checkGuestPath(to, "to") });
  }

  async symlink(target: unknown, path: unknown): Promise<void> {
    await this.#do({
      op: "symlink",
      target: checkLinkTarget(target, "target"),
      path: checkGuestPath(path, "path"),
    });
  }

  async chmod(path: unknown, mode: unknown): Promise<void> {
    const file = checkGuestPath(path, "path");
    await this.#do({ op: "chmod", path: file, mode: checkPermissions(mode) });
  }

  async utimes(path: unknown, atime: unknown, mtime: unknown): Promise<void> {
    const file = checkGuestPath(path, "path");
    await this.#do({
      op: "utimes",
      path: file,
      atime: checkTime(atime, "atime"),
      mtime: checkTime(mtime, "mtime"),
    });
  }

  async readlink(path: unknown): Promise<string> {
    return await this.#path({ op: "readlink", path: checkGuestPath(path, "path") });
  }

  async realpath(path: unknown): Promise<string> {
    return await this.#path({ op: "realpath", path: checkGuestPath(path, "path") });
  }

  async mkdtemp(prefix: unknown): Promise<string> {
    const path = checkGuestPath(prefix, "prefix");
    const made = await this.#path({ op: "mkdtemp", path });
    // The caller may do things to it that are meant for a directory below the prefix.
    if (!made.startsWith(path) || !/^[A-Za-z0-9]{6}$/u.test(made.slice(path.length))) {
      throw new ProtocolError("a temporary directory elsewhere");
    }
    return made;
  }

  async #path(operation: FsOperation): Promise<string> {
    const { value } = await this.#do(operation);
    if (typeof value !== "string") throw new ProtocolError(`${operation.op} without its answer`);
    return value;
  }

  /** Makes a file, or a directory's list of names, one that guest programs can't change. */
  async seal(path: string): Promise<void> {
    await this.#do({ op: "seal", path });
  }

  /** An operation whose bytes flow as they come. */
  async transfer(operation: ArchiveOperation | DiskOperation, flow: FsFlow): Promise<void> {
    await this.#do(operation, undefined, flow);
  }

  async #do(operation: FsOperation, data?: CheckedBytes, flow?: FsFlow): Promise<FsResult> {
    await this.#turns.enter();
    try {
      const live = await this.#revival.machine();
      if (data !== undefined) checkStillThere(data.bytes, data.key, data.length);
      return await this.#carryOut(live, operation, data?.bytes, flow);
    } finally {
      this.#turns.leave();
    }
  }

  async #carryOut(
    live: LiveMachine,
    operation: FsOperation,
    data?: Uint8Array,
    flow?: FsFlow,
  ): Promise<FsResult> {
    try {
      return await live.machine.fs(operation, data, flow);
    } catch (error) {
      throw asCallersError(error, this.#revival);
    }
  }

  #refuseTooLarge(path: string, length: number): void {
    if (length <= this.#diskBytes) return;
    throw new FileSystemError(
      { code: "ENOSPC", errno: -ENOSPC, syscall: "write", path },
      { hint: `${length} bytes are more than the whole disk holds: ${this.#diskBytes} (limits.diskBytes).` },
    );
  }
}

/** What the caller is told of an operation that failed. */
export function asCallersError(error: unknown, { disposed }: { disposed: boolean }): unknown {
  if (disposed) return new DisposedError();
  return error instanceof MachineExitedError ? interrupted(error) : error;
}

/** The error of an operation whose machine ended, with what to make of it. */
function interrupted(cause: MachineExitedError): MachineExitedError {
  const { reason, signal, exitCode } = cause;
  const hint = "The operation may or may not have been done; the runtime lives on with its disk.";
  return new MachineExitedError({ reason, signal, exitCode, hint, cause });
}

function checkMode(value: unknown): number | null {
  return value === undefined ? null : checkPermissions(value);
}

/** A Date, or seconds since 1970. */
function checkTime(value: unknown, key: string): number {
  const seconds = value instanceof Date ? value.getTime() / 1000 : value;
  if (typeof seconds === "number" && Number.isFinite(seconds)) return seconds;
  return refuse(key, "a Date, or a number of seconds since 1970", value);
}

function checkPermissions(value: unknown): number {
  return checkInteger(value, "mode", { min: 0, max: 0o7777, unit: "permission bits" });
}

function checkFlag(value: unknown, key: string): boolean {
  return value === undefined ? false : checkBoolean(value, key);
}

function checkEncoding(options: unknown): BufferEncoding | null {
  const encoding =
    typeof options === "string"
      ? options
      : readFields(options ?? undefined, "options", ["encoding"]).encoding;
  if (encoding === undefined || encoding === null) return null;
  if (typeof encoding === "string" && Buffer.isEncoding(encoding)) return encoding;
  return refuse("encoding", `an encoding of Buffer, such as "utf8"`, encoding);
}
