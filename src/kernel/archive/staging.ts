import { O_CREAT, O_EXCL, O_WRONLY } from "../../disk/modes.js";
import { EEXIST } from "../../syscall/errno.js";
import type { DiskAccess } from "../disk-access.js";
import { DirectoryWalk } from "../fs/directory.js";
import { expect } from "../fs/failure.js";
import { USER } from "../fs/operations.js";
import { TreeRemoval } from "../fs/remove.js";
import { refusal } from "./refusal.js";

/** What the names of staging directories begin with. They lie in the root, where guests make nothing. */
const PREFIX = ".import-";
const MODE_BITS = 0o777;

/** Whether a path of the root is such a directory's. */
export function isStaging(path: string): boolean {
  return path.startsWith(`/${PREFIX}`);
}

/** A file, directory or link that has come out of an archive. */
export interface Staged {
  readonly kind: "directory" | "file" | "link";
  /** Where it is until it is moved to its place. */
  readonly path: string;
  readonly children: Map<string, Staged>;
}

/** What the archive says of an entry. */
export interface Attributes {
  mode: number;
  /** In seconds. */
  mtime: number;
}

/** Keeps what comes out of an archive where no guest program can reach it until all of it has come. */
export class Staging {
  readonly root: Staged;
  readonly #access: DiskAccess;
  /** Times of directories, which change as they are filled. */
  readonly #times: { path: string; mtime: number }[] = [];

  static async begin(access: DiskAccess): Promise<Staging> {
    for (;;) {
      const path = `/${PREFIX}${Math.floor(Math.random() * 2 ** 40).toString(36)}`;
      const made = await access.attempt(() => access.root.mkdir(path, 0o700));
      if (made === -EEXIST) continue;
      expect(made, "mkdir", path);
      return new Staging(access, path);
    }
  }

  private constructor(access: DiskAccess, path: string) {
    this.#access = access;
    this.root = { kind: "directory", path, children: new Map() };
  }

  async directory(names: readonly string[], { mode, mtime }: Attributes): Promise<void> {
    let at = this.root;
    for (const name of names) at = await this.#enter(at, name, names);
    if (at === this.root) return;
    const { path } = at;
    await this.#must(() => this.#access.root.chmod(path, mode & MODE_BITS), "chmod", path);
    this.#times.push({ path, mtime });
  }

  /** Makes a file of what is written by `write`, which is given its open file. */
  async file(
    names: readonly string[],
    { mode, mtime }: Attributes,
    write: (file: number) => Promise<void>,
  ): Promise<void> {
    const { root } = this.#access;
    const { path } = await this.#place(names, "file");
    const flags = O_WRONLY | O_CREAT | O_EXCL;
    const file = await this.#must(() => root.open(path, flags, mode & MODE_BITS), "open", path);
    try {
      await write(file);
      await this.#must(() => root.fchown(file, USER, USER), "chown", path);
      await this.#must(() => root.futimes(file, Number.NaN, mtime), "utime", path);
    } finally {
      await this.#access.attempt(() => root.close(file));
    }
  }

  async symlink(names: readonly string[], target: string, { mtime }: Attributes): Promise<void> {
    const { root } = this.#access;
    const { path } = await this.#place(names, "link");
    await this.#must(() => root.symlink(target, path), "symlink", path);
    await this.#must(() => root.lchown(path, USER, USER), "chown", path);
    await this.#must(() => root.lutimes(path, Number.NaN, mtime), "utime", path);
  }

  /** One more name for a file that came before. */
  async link(names: readonly string[], target: readonly string[]): Promise<void> {
    let at: Staged | undefined = this.root;
    for (const name of target) at = at?.children.get(name);
    if (at?.kind !== "file") throw refusal("link", names.join("/"));
    const { path: existing } = at;
    const { path } = await this.#place(names, "file", existing);
    if (path === existing) return;
    await this.#must(() => this.#access.root.link(existing, path), "link", path);
  }

  /** All has come: sets what would have changed in between. */
  async settle(): Promise<void> {
    for (const { path, mtime } of this.#times) {
      await this.#must(() => this.#access.root.utimes(path, Number.NaN, mtime), "utime", path);
    }
  }

  async remove(): Promise<void> {
    await new TreeRemoval(this.#access, this.root.path).run();
  }

  /** Makes room for a file: one that came before with the same name is replaced, unless it is `kept`. */
  async #place(names: readonly string[], kind: "file" | "link", kept?: string): Promise<Staged> {
    const last = names.at(-1);
    if (last === undefined) throw refusal("conflict", ".");
    let at = this.root;
    for (const name of names.slice(0, -1)) at = await this.#enter(at, name, names);
    const before = at.children.get(last);
    if (before?.kind === "directory") throw refusal("conflict", names.join("/"));
    const placed: Staged = { kind, path: `${at.path}/${last}`, children: new Map() };
    if (before !== undefined && before.path !== kept) {
      await this.#must(() => this.#access.root.unlink(placed.path), "unlink", placed.path);
    }
    at.children.set(last, placed);
    return placed;
  }

  /** A directory in another, made when it is not there. */
  async #enter(above: Staged, name: string, names: readonly string[]): Promise<Staged> {
    const there = above.children.get(name);
    if (there?.kind === "directory") return there;
    if (there !== undefined) throw refusal(there.kind === "link" ? "link" : "conflict", names.join("/"));
    const { root } = this.#access;
    const made: Staged = { kind: "directory", path: `${above.path}/${name}`, children: new Map() };
    await this.#must(() => root.mkdir(made.path, 0o755), "mkdir", made.path);
    await this.#must(() => root.chown(made.path, USER, USER), "chown", made.path);
    above.children.set(name, made);
    return made;
  }

  /** Errors tell a path in the archive, not where that is for now. */
  async #must(operation: () => number, syscall: string, path: string): Promise<number> {
    const shown = path.slice(this.root.path.length + 1);
    return expect(await this.#access.attempt(operation), syscall, shown);
  }
}

/** Removes what a machine left that died in the middle of an import. */
export async function removeStaged(access: DiskAccess): Promise<void> {
  const walk = new DirectoryWalk(access, "rm", "/");
  const file = await walk.open();
  const found: string[] = [];
  try {
    for (let cookie = 0; ; cookie = walk.disk.cookie) {
      const names = await walk.list(file, cookie);
      if (names.length === 0) break;
      for (const { name, directory } of names) {
        const text = Buffer.from(name).toString("utf8");
        if (directory && text.startsWith(PREFIX)) found.push(text);
      }
      // A guest that links a cycle must not keep the kernel here.
      if (found.length > MOST_LEFT) break;
    }
  } finally {
    await walk.close(file);
  }
  for (const name of found) await new TreeRemoval(access, `/${name}`).run();
}

/** One a machine that died, since they are removed each time; others a guest has made. */
const MOST_LEFT = 64;
