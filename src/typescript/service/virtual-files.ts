import { posix } from "node:path";
import type ts from "typescript";

/** Names by directory. */
type Directories = Map<string, { files: Set<string>; directories: Set<string> }>;

/** Files in memory over those of the disk, as the compiler's own host gives them. */
export class VirtualFiles {
  readonly #texts: ReadonlyMap<string, string>;
  readonly #directories: Directories = new Map();
  readonly #below: ts.System | VirtualFiles;

  constructor(files: Readonly<Record<string, string>>, below: ts.System | VirtualFiles) {
    this.#texts = new Map(Object.entries(files));
    this.#below = below;
    for (const path of this.#texts.keys()) this.#enter(path);
  }

  #enter(path: string): void {
    let name = posix.basename(path);
    let isFile = true;
    for (let parent = posix.dirname(path); ; parent = posix.dirname(parent)) {
      const known = this.#directories.get(parent);
      const entries = known ?? { files: new Set(), directories: new Set() };
      (isFile ? entries.files : entries.directories).add(name);
      this.#directories.set(parent, entries);
      if (known !== undefined || parent === "/") return;
      name = posix.basename(parent);
      isFile = false;
    }
  }

  /** Whether a file is one of those in memory. */
  has(path: string): boolean {
    return this.#texts.has(path);
  }

  readonly readFile = (path: string): string | undefined => {
    return this.#texts.get(path) ?? this.#below.readFile(path);
  };

  readonly fileExists = (path: string): boolean => this.#texts.has(path) || this.#below.fileExists(path);

  readonly directoryExists = (path: string): boolean =>
    this.#directories.has(normal(path)) || this.#below.directoryExists(path);

  readonly getDirectories = (path: string): string[] => {
    const own = this.#directories.get(normal(path))?.directories ?? [];
    return [...new Set([...own, ...this.#below.getDirectories(path)])];
  };

  readonly realpath = (path: string): string =>
    this.#texts.has(path) || this.#directories.has(path) ? path : (this.#below.realpath?.(path) ?? path);

  /** What is right in a directory. */
  entries(path: string): { files: string[]; directories: string[] } {
    const own = this.#directories.get(normal(path));
    const below = this.#below instanceof VirtualFiles ? this.#below.entries(path) : listed(this.#below, path);
    return {
      files: [...new Set([...below.files, ...(own?.files ?? [])])].sort(),
      directories: [...new Set([...below.directories, ...(own?.directories ?? [])])].sort(),
    };
  }
}

function listed(system: ts.System, path: string): { files: string[]; directories: string[] } {
  if (!system.directoryExists(path)) return { files: [], directories: [] };
  const files = system.readDirectory(path, undefined, undefined, ["*"], 1);
  return { files: files.map((file) => posix.basename(file)), directories: system.getDirectories(path) };
}

/** Without the slash at the end that the compiler sometimes has. */
function normal(path: string): string {
  return path.length > 1 && path.endsWith("/") ? path.slice(0, -1) : path;
}
