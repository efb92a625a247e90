import { S_IFDIR, S_IFMT } from "../../disk/modes.js";
import { EISDIR, ENOENT, ENOTDIR } from "../../syscall/errno.js";
import type { DiskAccess } from "../disk-access.js";
import { DirectoryWalk } from "../fs/directory.js";
import { expect, OperationError } from "../fs/failure.js";
import type { Staged } from "./staging.js";

/** One thing to be moved: a whole directory where there is none of its name yet. */
interface Move {
  from: string;
  /** The directory that it goes to. */
  directory: number;
  name: string;
}

/** Moves what was staged to its places: looks for everything that is in the way first. */
export class Commit {
  readonly #walk: DirectoryWalk;
  readonly #access: DiskAccess;
  readonly #out = new Float64Array(18);
  readonly #moves: Move[] = [];

  constructor(access: DiskAccess, path: string) {
    this.#access = access;
    this.#walk = new DirectoryWalk(access, "open", path);
  }

  /** `directory`: where an archive goes, as `Disk.resolveDirectory` answers it. */
  async run(staged: Staged, directory: number): Promise<void> {
    await this.#plan(staged, directory, "");
    const walk = this.#walk;
    for (const { from, directory: into, name } of this.#moves) {
      walk.directory = into;
      expect(await this.#access.attempt(() => walk.disk.rename(from, name)), "rename", name);
    }
  }

  async #plan(staged: Staged, directory: number, above: string): Promise<void> {
    for (const [name, child] of staged.children) {
      const path = above + name;
      const there = await this.#lookFor(name, directory, path);
      const isDirectory = child.kind === "directory";
      if (there === "nothing" || (there === "file" && !isDirectory)) {
        this.#moves.push({ from: child.path, directory, name });
        continue;
      }
      if (!isDirectory) throw new OperationError(-EISDIR, "open", path);
      if (there === "file") throw new OperationError(-ENOTDIR, "mkdir", path);
      this.#walk.directory = directory;
      await this.#plan(child, await this.#walk.enter(name), `${path}/`);
    }
  }

  /** A link is a file here: it is replaced, and nothing is put where it leads. */
  async #lookFor(name: string, directory: number, path: string): Promise<"nothing" | "file" | "directory"> {
    const { disk } = this.#walk;
    this.#walk.directory = directory;
    const found = await this.#access.attempt(() => disk.lstat(name, this.#out));
    if (found === -ENOENT) return "nothing";
    expect(found, "lstat", path);
    return ((this.#out[1] as number) & S_IFMT) === S_IFDIR ? "directory" : "file";
  }
}
