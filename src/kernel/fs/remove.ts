import { ELOOP, ENOENT } from "../../syscall/errno.js";
import type { DiskAccess } from "../disk-access.js";
import { DirectoryWalk } from "./directory.js";
import { OperationError } from "./failure.js";

/** The deepest tree that is walked; deeper ones only a writer of raw memory makes. */
const MAX_DEPTH = 100_000;
/** What is removed at most, for the same reason. */
const MAX_ENTRIES = 10_000_000;
/** Removals between two looks at the kernel's other work. */
const BATCH = 256;

interface Level {
  handle: number;
  /** Its name in the level above. */
  name: Uint8Array;
}

/** Removes a directory with all that is in it. */
export class TreeRemoval {
  readonly #path: string;
  readonly #walk: DirectoryWalk;
  #removed = 0;

  constructor(access: DiskAccess, path: string) {
    this.#path = path;
    this.#walk = new DirectoryWalk(access, "rm", path);
  }

  async run(): Promise<void> {
    const walk = this.#walk;
    const levels = [await this.#enter(Buffer.from(this.#path))];
    for (let level = levels.at(-1); level !== undefined; level = levels.at(-1)) {
      walk.directory = level.handle;
      const below = await this.#empty();
      if (below !== null) {
        if (levels.push(below) > MAX_DEPTH) throw new OperationError(-ELOOP, "rm", this.#path);
        continue;
      }
      levels.pop();
      walk.directory = levels.at(-1)?.handle ?? 1;
      const { name } = level;
      await this.#gone(() => walk.disk.rmdir(name));
    }
  }

  /** Removes the files of the directory; answers the first directory in it, null when it is empty. */
  async #empty(): Promise<Level | null> {
    const walk = this.#walk;
    for (;;) {
      const file = await walk.open();
      const names = await walk.list(file, 0).finally(() => walk.close(file));
      if (names.length === 0) return null;
      for (const { name, directory } of names) {
        if (directory) return await this.#enter(name);
        if (++this.#removed % BATCH === 0) await new Promise(setImmediate);
        if (this.#removed > MAX_ENTRIES) throw new OperationError(-ELOOP, "rm", this.#path);
        await this.#gone(() => walk.disk.unlink(name));
      }
    }
  }

  async #enter(name: Uint8Array): Promise<Level> {
    return { handle: await this.#walk.enter(name), name };
  }

  /** Guests remove things too: what is gone already is fine. */
  async #gone(operation: () => number): Promise<void> {
    const result = await this.#walk.access.attempt(operation);
    if (result !== -ENOENT) this.#walk.expect(result);
  }
}
