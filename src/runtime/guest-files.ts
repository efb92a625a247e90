import type { Readable } from "node:stream";
import type { Archives } from "./archives.js";
import type { Dirent, Stats } from "./file-info.js";
import type {
  FileSystem,
  MkdirOptions,
  ReaddirOptions,
  ReadFileOptions,
  RmOptions,
  WriteFileOptions,
} from "./file-system.js";

/** The files of a runtime, as its administrator has them: what a NodeRuntime does with its disk. */
export abstract class GuestFiles {
  readonly #files: FileSystem;
  readonly #archives: Archives;

  protected constructor(files: FileSystem, archives: Archives) {
    this.#files = files;
    this.#archives = archives;
  }

  /**
   * Writes a file, replacing what was there. Its directory must exist.
   *
   * All paths are absolute paths in the guest. The operations on files act with the rights of the
   * system: the permission bits that bind guest code don't bind the host. What they make belongs to the
   * guest's user. They all throw InvalidOptionError, MachineExitedError, DiskLostError and DisposedError
   * as `exec()` does, and FileSystemError as `node:fs` would.
   */
  async writeFile(path: string, data: string | Uint8Array, options?: WriteFileOptions): Promise<void> {
    await this.#files.writeFile(path, data, options);
  }

  /** Writes at the end of a file, which is made if it is not there. */
  async appendFile(path: string, data: string | Uint8Array, options?: WriteFileOptions): Promise<void> {
    await this.#files.appendFile(path, data, options);
  }

  /** Reads a file of at most `limits.diskBytes`, holes included: bytes, or text with an encoding. */
  readFile(
    path: string,
    options: BufferEncoding | (ReadFileOptions & { encoding: BufferEncoding }),
  ): Promise<string>;
  readFile(
    path: string,
    options?: (ReadFileOptions & { encoding?: null | undefined }) | null,
  ): Promise<Uint8Array>;
  async readFile(
    path: string,
    options?: BufferEncoding | ReadFileOptions | null,
  ): Promise<Uint8Array | string> {
    return await this.#files.readFile(path, options);
  }

  /** Makes a directory. */
  async mkdir(path: string, options?: MkdirOptions): Promise<void> {
    await this.#files.mkdir(path, options);
  }

  /** Lists a directory without `.` and `..`, in no order. */
  readdir(path: string, options: ReaddirOptions & { withFileTypes: true }): Promise<Dirent[]>;
  readdir(path: string, options?: ReaddirOptions & { withFileTypes?: false | undefined }): Promise<string[]>;
  async readdir(path: string, options?: ReaddirOptions): Promise<string[] | Dirent[]> {
    return await this.#files.readdir(path, options);
  }

  /** Tells about a file; symbolic links are followed. */
  async stat(path: string): Promise<Stats> {
    return await this.#files.stat(path);
  }

  /** Tells about a file; of a symbolic link, about the link. */
  async lstat(path: string): Promise<Stats> {
    return await this.#files.lstat(path);
  }

  /** Whether there is something at a path; symbolic links are followed. */
  async exists(path: string): Promise<boolean> {
    return await this.#files.exists(path);
  }

  /** Removes a file, or with `recursive` a directory and all that is in it. */
  async rm(path: string, options?: RmOptions): Promise<void> {
    await this.#files.rm(path, options);
  }

  /** Gives a file or directory another path; a file that is there is replaced. */
  async rename(from: string, to: string): Promise<void> {
    await this.#files.rename(from, to);
  }

  /** Copies a file's bytes and permissions; a file that is there is replaced. */
  async copyFile(from: string, to: string): Promise<void> {
    await this.#files.copyFile(from, to);
  }

  /** Gives a file one more name. */
  async link(from: string, to: string): Promise<void> {
    await this.#files.link(from, to);
  }

  /** Makes a symbolic link at `path`, which says `target`: relative to its own directory, or absolute. */
  async symlink(target: string, path: string): Promise<void> {
    await this.#files.symlink(target, path);
  }

  /** What a symbolic link says. */
  async readlink(path: string): Promise<string> {
    return await this.#files.readlink(path);
  }

  /** The path of what is there, without symbolic links, `.` and `..`. */
  async realpath(path: string): Promise<string> {
    return await this.#files.realpath(path);
  }

  /** Changes permission bits; they bind guest code. */
  async chmod(path: string, mode: number): Promise<void> {
    await this.#files.chmod(path, mode);
  }

  /** Sets the times of the last access and change: a Date, or seconds since 1970. */
  async utimes(path: string, atime: Date | number, mtime: Date | number): Promise<void> {
    await this.#files.utimes(path, atime, mtime);
  }

  /** Makes a directory whose name is `prefix` and six letters that no other has; answers its path. */
  async mkdtemp(prefix: string): Promise<string> {
    return await this.#files.mkdtemp(prefix);
  }

  /**
   * A tar archive of a directory with all that is in it, or of one file: a stream of its bytes, which begins
   * when it is read. Devices, pipes and the like are left out. What programs change meanwhile may be in it as
   * it was before or after.
   *
   * The stream fails with what `readFile()` throws.
   *
   * @throws InvalidOptionError for a path that can't be one.
   *
   * @example
   * ```ts
   * import { createWriteStream } from "node:fs";
   * import { pipeline } from "node:stream/promises";
   *
   * await pipeline(rt.exportTar("/home/user"), createWriteStream("home.tar"));
   * ```
   */
  exportTar(path: string): Readable {
    return this.#archives.exportTar(path);
  }

  /**
   * Puts what is in a tar archive into a directory, which must exist: all of it, or nothing. What is there
   * already is replaced, file by file; what comes belongs to the guest's user. A compressed archive has to be
   * unpacked before, as with `zlib.createGunzip()`.
   *
   * The archive may be anybody's: names that lead out of the directory, links that do and what lies behind
   * links are refused, as is what the disk has no room for. Files are written where no program can reach them
   * and then moved to their places.
   *
   * @throws ArchiveError for an archive that is refused.
   * @throws FileSystemError when there is no such directory, no room (`ENOSPC`), or when a file is where the
   * archive has a directory (`ENOTDIR`) or the other way round (`EISDIR`).
   * @throws What the stream fails with.
   * @throws InvalidOptionError, MachineExitedError, DiskLostError and DisposedError as `exec()` does.
   */
  async importTar(archive: AsyncIterable<Uint8Array> | Uint8Array, path: string): Promise<void> {
    await this.#archives.importTar(archive, path);
  }
}
