import { S_IFDIR, S_IFMT } from "../../disk/modes.js";
import { ELOOP, ENOENT } from "../../syscall/errno.js";
import type { DiskAccess } from "../disk-access.js";
import { DirectoryWalk } from "./directory.js";
import { expect, OperationError } from "./failure.js";

/** Deeper trees only a writer of raw memory makes. */
const MAX_DEPTH = 2048;
const MAX_ENTRIES = 10_000_000;

/**
 * Is told of everything on the way, while the walk is in the directory that has the name; `walk.out` has what
 * `lstat` says. False keeps it from going into a directory.
 */
export type Visit = (name: Uint8Array, path: string) => Promise<boolean>;

/** Goes through all that is below a directory. What goes meanwhile is left out. */
export class TreeWalk extends DirectoryWalk {
  readonly out = new Float64Array(18);
  readonly #visit: Visit;
  readonly #top: string;
  #entries = 0;

  /** `top` is what errors name. */
  constructor(access: DiskAccess, top: string, visit: Visit) {
    super(access, "open", top);
    this.#top = top;
    this.#visit = visit;
  }

  /** How many entries it has come by. */
  get entries(): number {
    return this.#entries;
  }

  /** The type of what is being visited. */
  get type(): number {
    return (this.out[1] as number) & S_IFMT;
  }

  /** All that is in a directory and below it; `above` is what paths begin with. */
  async below(handle: number, above: string, depth = 0): Promise<void> {
    if (depth > MAX_DEPTH) throw new OperationError(-ELOOP, "open", this.#top);
    this.directory = handle;
    const file = await this.open();
    try {
      for (let cookie = 0; ; ) {
        const names = await this.list(file, cookie);
        if (names.length === 0) return;
        ({ cookie } = this.disk);
        for (const { name } of names) {
          this.directory = handle;
          await this.one(name, above + Buffer.from(name).toString("utf8"), depth);
        }
      }
    } finally {
      await this.close(file);
    }
  }

  /** What has a name in the directory of the walk, and what is below it. */
  async one(name: Uint8Array, path: string, depth = 0): Promise<void> {
    if (++this.#entries > MAX_ENTRIES) throw new OperationError(-ELOOP, "open", this.#top);
    const found = await this.access.attempt(() => this.disk.lstat(name, this.out));
    if (found === -ENOENT) return;
    expect(found, "lstat", path);
    const directory = this.type === S_IFDIR;
    if (!(await this.#visit(name, path)) || !directory) return;
    try {
      await this.below(await this.enter(name), `${path}/`, depth + 1);
    } catch (error) {
      if (!(error instanceof OperationError) || error.failure.errno !== -ENOENT) throw error;
    }
  }
}
