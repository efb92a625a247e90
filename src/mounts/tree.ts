import type { MountEntry } from "../broker/mounts/backend.js";

/** A file or a link of a tree; a directory is a map of such. */
export interface TreeFile<Content> {
  entry: Omit<MountEntry, "name">;
  content: Content;
}

interface Directory<Content> {
  mode: number | undefined;
  mtime: number;
  children: Map<string, Directory<Content> | TreeFile<Content>>;
}

/** An error as a guest gets it. */
export function failure(code: "ENOENT" | "ENOTDIR" | "EISDIR"): Error {
  return Object.assign(new Error(code), { code });
}

/** Files by their paths, which are relative and normal, and the directories that come of them. */
export class Tree<Content> {
  readonly #root: Directory<Content> = { mode: undefined, mtime: 0, children: new Map() };

  /** Puts a file or link there; false where a file is in the way, or a directory. */
  put(path: string, file: TreeFile<Content>): boolean {
    const names = path.split("/");
    const name = names.pop() as string;
    const directory = this.#make(names);
    if (directory === null) return false;
    const there = directory.children.get(name);
    if (there !== undefined && "children" in there) return false;
    directory.children.set(name, file);
    return true;
  }

  /** Makes a directory; false where a file is in the way. */
  makeDirectory(path: string, mode: number | undefined, mtime: number): boolean {
    const directory = this.#make(path === "" ? [] : path.split("/"));
    if (directory === null) return false;
    directory.mode = mode;
    directory.mtime = mtime;
    return true;
  }

  #make(names: readonly string[]): Directory<Content> | null {
    let at = this.#root;
    for (const name of names) {
      let next = at.children.get(name);
      if (next === undefined) {
        next = { mode: undefined, mtime: 0, children: new Map() };
        at.children.set(name, next);
      }
      if (!("children" in next)) return null;
      at = next;
    }
    return at;
  }

  /** Takes a file or a directory away; false if there is none. */
  remove(path: string): boolean {
    const names = path.split("/");
    const name = names.pop() as string;
    const directory = this.#find(names.join("/"));
    return directory !== undefined && "children" in directory && directory.children.delete(name);
  }

  #find(path: string): Directory<Content> | TreeFile<Content> | undefined {
    let at: Directory<Content> | TreeFile<Content> | undefined = this.#root;
    for (const name of path === "" ? [] : path.split("/")) {
      if (at === undefined || !("children" in at)) return undefined;
      at = at.children.get(name);
    }
    return at;
  }

  /** What is in a directory. */
  list(path: string): MountEntry[] {
    const directory = this.#find(path);
    if (directory === undefined) throw failure("ENOENT");
    if (!("children" in directory)) throw failure("ENOTDIR");
    return [...directory.children].map(([name, child]) =>
      "children" in child
        ? { name, type: "directory", mode: child.mode, mtime: child.mtime }
        : { name, ...child.entry },
    );
  }

  /** The content of a file. */
  file(path: string): Content {
    const file = this.#find(path);
    if (file === undefined) throw failure("ENOENT");
    if ("children" in file) throw failure("EISDIR");
    return file.content;
  }
}
