import { posix } from "node:path";
import {
  fileOfBytes,
  HostDirectory,
  type MountSource,
  type SourceEntry,
  SourceFailure,
  type SourceFile,
  type SourceReader,
} from "../../broker/mounts/index.js";
import { findHostNpm } from "./host-npm.js";
import { type NpmFiles, npmFiles } from "./npm-files.js";

/** Settings of this computer's npm, which can hold what is secret. */
function isHidden([name, ...below]: readonly string[]): boolean {
  return below.length === 0 && (name === "npmrc" || name === ".npmrc");
}

/** The npm of the host as guests see it. Nothing is looked for before a guest looks. */
export class NpmSource implements MountSource {
  #found: { npm: MountSource | null; files: Promise<NpmFiles> } | null = null;

  reader(): SourceReader {
    this.#found ??= find();
    return new NpmReader(this.#found.npm?.reader() ?? null, this.#found.files);
  }

  /** A runtime has one npm, and what becomes of the host's is of no matter to it. */
  watch(): () => void {
    return () => undefined;
  }
}

function find(): { npm: MountSource | null; files: Promise<NpmFiles> } {
  const directory = findHostNpm();
  if (directory === null) return { npm: null, files: Promise.resolve(new Map()) };
  return { npm: new HostDirectory(directory, directory), files: npmFiles() };
}

class NpmReader implements SourceReader {
  readonly #npm: SourceReader | null;
  readonly #files: Promise<NpmFiles>;

  constructor(npm: SourceReader | null, files: Promise<NpmFiles>) {
    this.#npm = npm;
    this.#files = files;
  }

  async *list(path: readonly string[]): AsyncIterable<SourceEntry[]> {
    if (this.#npm === null) {
      yield [];
      return;
    }
    const files = await this.#files;
    const at = path.join("/");
    const own = [...files].filter(([file]) => posix.dirname(file) === (at || "."));
    const names = new Set(own.map(([file]) => posix.basename(file)));
    for await (const entries of this.#npm.list(path)) {
      yield entries
        .filter(({ name }) => !names.has(name) && !isHidden([...path, name]))
        // Where npm was unpacked by another program than npm, nobody has made its commands executable.
        .map((entry) =>
          at === "bin" && entry.type === "file" ? { ...entry, mode: entry.mode | 0o111 } : entry,
        );
    }
    yield own.map(([file, { mode, bytes }]) => entryOf(posix.basename(file), mode, bytes.length));
  }

  async open(path: readonly string[]): Promise<SourceFile> {
    const own = (await this.#files).get(path.join("/"));
    if (own !== undefined) return fileOfBytes(own.bytes);
    if (this.#npm === null || isHidden(path)) throw new SourceFailure("ENOENT");
    return await this.#npm.open(path);
  }

  close(): void {
    this.#npm?.close();
  }
}

function entryOf(name: string, mode: number, size: number): SourceEntry {
  return { name, type: "file", mode, size, mtimeMs: 0, ctimeMs: 0 };
}
