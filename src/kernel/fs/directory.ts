import type { Credentials, Disk } from "../../disk/disk.js";
import { O_DIRECTORY, O_NOFOLLOW } from "../../disk/modes.js";
import { ENOTDIR } from "../../syscall/errno.js";
import type { DiskAccess } from "../disk-access.js";
import { expect, OperationError } from "./failure.js";

const DT_DIR = 4;

/** A name in a directory, as bytes: it may be any. */
export interface Name {
  name: Uint8Array;
  directory: boolean;
}

/**
 * Goes through directories one name at a time, each reached from the one above: paths are never joined, and
 * no link is followed that a guest puts in a directory's place.
 */
export class DirectoryWalk {
  readonly access: DiskAccess;
  /** Its relative paths begin in `directory`. */
  readonly disk: Disk;
  readonly #credentials: Credentials = { uid: 0, gid: 0, umask: 0, cwd: 1 };
  readonly #out = new Float64Array(18);
  readonly #syscall: string;
  readonly #path: string;

  /** `syscall` and `path`: what errors say. */
  constructor(access: DiskAccess, syscall: string, path: string) {
    this.access = access;
    this.disk = access.open(this.#credentials);
    this.#syscall = syscall;
    this.#path = path;
  }

  /** A directory as `Disk.resolveDirectory` answers it. */
  get directory(): number {
    return this.#credentials.cwd;
  }

  set directory(handle: number) {
    this.#credentials.cwd = handle;
  }

  /** The directory of a name in this one. Throws ENOTDIR for a link, also for one that comes meanwhile. */
  async enter(name: Uint8Array | string): Promise<number> {
    const { disk } = this;
    const out = this.#out;
    const file = await this.must(() => disk.open(name, O_DIRECTORY | O_NOFOLLOW, 0));
    const known = await this.access.attempt(() => disk.fstat(file, out));
    await this.access.attempt(() => disk.close(file));
    this.expect(known);
    const inode = out[7];
    const handle = await this.must(() => disk.resolveDirectory(name));
    const above = this.directory;
    this.directory = handle;
    const arrived = await this.access.attempt(() => disk.stat(".", out));
    this.directory = above;
    this.expect(arrived);
    if (out[7] !== inode) throw new OperationError(-ENOTDIR, this.#syscall, this.#path);
    return handle;
  }

  /** Opens this directory for `list`. */
  async open(): Promise<number> {
    return await this.must(() => this.disk.open(".", O_DIRECTORY, 0));
  }

  /** The entries behind a cookie, 0 at the beginning; none at the end. `disk.cookie` tells where to go on. */
  async list(file: number, cookie: number): Promise<Name[]> {
    const { disk } = this;
    const count = await this.must(() => disk.readEntries(file, cookie));
    const { types, nameStart, nameEnd } = disk.entries;
    return Array.from({ length: count }, (_, i) => ({
      name: disk.result.slice(nameStart[i], nameEnd[i]),
      directory: types[i] === DT_DIR,
    }));
  }

  async close(file: number): Promise<void> {
    await this.access.attempt(() => this.disk.close(file));
  }

  /** Does something on the disk, and throws what it says. */
  async must(operation: () => number): Promise<number> {
    return this.expect(await this.access.attempt(operation));
  }

  expect(result: number): number {
    return expect(result, this.#syscall, this.#path);
  }
}
