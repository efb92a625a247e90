import type { Credentials, Disk } from "../../disk/disk.js";
import { O_DIRECTORY, O_NOFOLLOW } from "../../disk/modes.js";
import { ELOOP, ENOENT, ENOTDIR } from "../../syscall/errno.js";
import type { DiskAccess } from "../disk-access.js";
import { expect, OperationError } from "./failure.js";

const DT_DIR = 4;

/** The deepest tree that is walked; deeper ones only a writer of raw memory makes. */
const MAX_DEPTH = 100_000;
/** What is removed at most, for the same reason. */
const MAX_ENTRIES = 10_000_000;
/** Removals between two looks at the kernel's other work. */
const BATCH = 256;

interface Level {
  /** What the working directory is set to. */
  handle: number;
  /** Its name in the level above. */
  name: Uint8Array;
}

/** Removes a directory with all that is in it. Names are taken as bytes and paths are never joined. */
export class TreeRemoval {
  readonly #access: DiskAccess;
  readonly #path: string;
  readonly #credentials: Credentials = { uid: 0, gid: 0, umask: 0, cwd: 1 };
  readonly #disk: Disk;
  readonly #out = new Float64Array(18);
  #removed = 0;

  constructor(access: DiskAccess, path: string) {
    this.#access = access;
    this.#path = path;
    this.#disk = access.open(this.#credentials);
  }

  async run(): Promise<void> {
    const levels = [await this.#enter(Buffer.from(this.#path))];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      this.#credentials.cwd = level.handle;
      const below = await this.#empty();
      if (below !== null) {
        if (levels.push(below) > MAX_DEPTH) throw new OperationError(-ELOOP, "rm", this.#path);
        continue;
      }
      levels.pop();
      this.#credentials.cwd = levels.at(-1)?.handle ?? 1;
      const { name } = level;
      await this.#gone(() => this.#disk.rmdir(name));
    }
  }

  /** Removes the files of the working directory; answers the first directory in it, null when it is empty. */
  async #empty(): Promise<Level | null> {
    for (;;) {
      const names = await this.#list();
      if (names.length === 0) return null;
      for (const { name, directory } of names) {
        if (directory) return await this.#enter(name);
        if (++this.#removed % BATCH === 0) await new Promise(setImmediate);
        if (this.#removed > MAX_ENTRIES) throw new OperationError(-ELOOP, "rm", this.#path);
        await this.#gone(() => this.#disk.unlink(name));
      }
    }
  }

  /** The first entries of the working directory. */
  async #list(): Promise<{ name: Uint8Array; directory: boolean }[]> {
    const disk = this.#disk;
    const file = await this.#must(() => disk.open(".", O_DIRECTORY, 0));
    try {
      const count = await this.#must(() => disk.readEntries(file, 0));
      const { types, nameStart, nameEnd } = disk.entries;
      return Array.from({ length: count }, (_, i) => ({
        name: disk.result.slice(nameStart[i], nameEnd[i]),
        directory: types[i] === DT_DIR,
      }));
    } finally {
      await this.#access.attempt(() => disk.close(file));
    }
  }

  /**
   * The directory of a name in the working directory. A guest may put a link in its place meanwhile, and
   * the walk must not follow it to where nobody asked to remove anything.
   */
  async #enter(name: Uint8Array): Promise<Level> {
    const disk = this.#disk;
    const out = this.#out;
    const file = await this.#must(() => disk.open(name, O_DIRECTORY | O_NOFOLLOW, 0));
    const known = await this.#access.attempt(() => disk.fstat(file, out));
    await this.#access.attempt(() => disk.close(file));
    expect(known, "rm", this.#path);
    const inode = out[7];
    const handle = await this.#must(() => disk.resolveDirectory(name));
    const above = this.#credentials.cwd;
    this.#credentials.cwd = handle;
    const arrived = await this.#access.attempt(() => disk.stat(".", out));
    this.#credentials.cwd = above;
    expect(arrived, "rm", this.#path);
    if (out[7] !== inode) throw new OperationError(-ENOTDIR, "rm", this.#path);
    return { handle, name };
  }

  async #must(operation: () => number): Promise<number> {
    return expect(await this.#access.attempt(operation), "rm", this.#path);
  }

  /** Guests remove things too: what is gone already is fine. */
  async #gone(operation: () => number): Promise<void> {
    const result = await this.#access.attempt(operation);
    if (result !== -ENOENT) expect(result, "rm", this.#path);
  }
}
