import { constants } from "node:fs";
import { encodeBlock, type MountName } from "../../wire/mount-blocks.js";
import type { OutgoingStream } from "../../wire/outgoing-stream.js";
import type { Pace } from "./pace.js";
import { type SourceEntry, SourceFailure, type SourceReader } from "./source.js";
import type { Told, ToldDirectory } from "./told.js";

/** Bytes of a file in one block. */
const PART = 256 * 1024;
/** Bytes that are sent together. */
const TOGETHER = 64 * 1024;
/** Bytes that may wait for the machine to take them. */
const QUEUED = 1024 * 1024;

const { S_IFDIR, S_IFLNK, S_IFREG } = constants;
const types = { file: S_IFREG, directory: S_IFDIR, symlink: S_IFLNK };

/** The answer to one request, as it is sent. */
export class Answer {
  readonly #source: SourceReader;
  readonly #told: Told;
  readonly #stream: OutgoingStream;
  readonly #pace: Pace;
  /** Pieces of blocks that are sent together, and their length. */
  #pieces: Uint8Array[] = [];
  #length = 0;
  /** Names of directories that it has. */
  entries = 0;
  /** Files that it has, and their bytes. */
  files = 0;
  bytes = 0;
  /** What it has of packages' descriptions, which nobody has looked into yet. */
  readonly manifests: { directory: readonly string[]; bytes: Uint8Array }[] = [];

  constructor(source: SourceReader, told: Told, stream: OutgoingStream, pace: Pace) {
    this.#source = source;
    this.#told = told;
    this.#stream = stream;
    this.#pace = pace;
  }

  /** Sends the names of a directory. Throws SourceFailure. */
  async names(path: readonly string[]): Promise<ToldDirectory> {
    const told = this.#told.begin(path);
    const names = path.join("/");
    try {
      let before: SourceEntry[] | null = null;
      for await (const entries of this.#source.list(path)) {
        if (before !== null) this.#entries(names, before, told, false);
        before = entries;
        await this.#rest();
      }
      this.#entries(names, before ?? [], told, true);
      return told;
    } catch (error) {
      this.#told.fail(told);
      throw error;
    }
  }

  #entries(names: string, entries: readonly SourceEntry[], told: ToldDirectory, last: boolean): void {
    this.entries += entries.length;
    for (const { name, type, size } of entries) {
      if (type === "directory") told.directories.add(name);
      else if (type === "file") told.files.set(name, size);
    }
    this.#write(encodeBlock({ names, entries: entries.map(nameOf), last }));
  }

  /** Sends the bytes of a file. Throws SourceFailure. */
  async content(path: readonly string[]): Promise<void> {
    const file = await this.#source.open(path);
    const content = path.join("/");
    const { size, mtimeMs: mtime, ctimeMs: ctime } = file;
    try {
      for (let position = 0; ; ) {
        const bytes = await file.read(position, Math.min(PART, size - position));
        position += bytes.length;
        const last = position >= size;
        // A file that is shorter by now changes once more, which the machine is told of.
        if (bytes.length === 0 && !last) throw new SourceFailure("EIO");
        this.#write(encodeBlock({ content, size, mtime, ctime, last }, bytes));
        this.bytes += bytes.length;
        if (last && position === bytes.length && path.at(-1) === "package.json")
          this.manifests.push({ directory: path.slice(0, -1), bytes });
        await this.#rest();
        if (last) break;
      }
    } finally {
      file.close();
    }
    this.files++;
    this.#told.get(path.slice(0, -1))?.sent.add(path.at(-1) as string);
  }

  /** What was asked for is there; more may follow. */
  done(): void {
    this.#write(encodeBlock({ done: true }));
    this.#flush();
  }

  failed(errno: number): void {
    this.#write(encodeBlock({ failed: errno }));
  }

  /** Nothing more follows. */
  end(): void {
    this.#flush();
    this.#stream.end();
  }

  #write(pieces: readonly Uint8Array[]): void {
    for (const piece of pieces) {
      this.#pieces.push(piece);
      this.#length += piece.length;
    }
    if (this.#length >= TOGETHER) this.#flush();
  }

  #flush(): void {
    if (this.#length > 0) this.#stream.write(Buffer.concat(this.#pieces, this.#length));
    this.#pieces = [];
    this.#length = 0;
  }

  async #rest(): Promise<void> {
    await this.#pace.turn();
    if (this.#stream.queued <= QUEUED) return;
    if (!(await this.#stream.flushed())) throw new SourceFailure("EIO");
    this.#pace.begin();
  }
}

function nameOf({ name, type, mode, size, mtimeMs, ctimeMs, target }: SourceEntry): MountName {
  const entry: MountName = [name, types[type] | mode, size, mtimeMs, ctimeMs];
  if (target !== undefined) entry.push(target);
  return entry;
}
