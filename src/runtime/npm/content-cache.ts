import { createHash, randomUUID } from "node:crypto";
import { mkdirSync } from "node:fs";
import { access, mkdir, readdir, rename, rm, stat, writeFile } from "node:fs/promises";
import { dirname, join, resolve } from "node:path";
import {
  fileOfBytes,
  HostDirectory,
  type MountSource,
  type SourceEntry,
  SourceFailure,
  type SourceFile,
  type SourceReader,
} from "../../broker/mounts/index.js";

/** Where a guest's npm has the contents of packages, by their hashes. */
export const CONTENT = "/home/user/.npm/_cacache/content-v2";

/** How npm names a content: by its hash, in two directories of two digits and a file of the others. */
const PLACE = /^sha512\/([0-9a-f]{2})\/([0-9a-f]{2})\/([0-9a-f]{124})$/;
/** The same as far as a path goes. */
const PART = [/^sha512$/, /^[0-9a-f]{2}$/, /^[0-9a-f]{2}$/, /^[0-9a-f]{124}$/];

/** What a package begins with. */
const GZIP = [0x1f, 0x8b];

/** A content that is larger is fetched each time: it has to be in memory to be looked at. */
export const LARGEST = 256 * 1024 * 1024;

/**
 * Contents of packages on the host, which runtimes share. A content is what its name says or it isn't there: its hash
 * is computed before it is kept, and again before a byte of it is served. Nothing else is shared; which package has
 * which content each npm asks the registry for.
 */
export class ContentCache implements MountSource {
  readonly #directory: string;
  readonly #most: number;
  #held: Promise<number> | null = null;
  #files: HostDirectory | null = null;
  /** Contents that were not what their names say. */
  readonly #refused = new Set<string>();

  constructor(directory: string, most: number) {
    this.#directory = resolve(directory);
    this.#most = most;
  }

  reader(): SourceReader {
    if (this.#files === null) {
      mkdirSync(this.#directory, { recursive: true });
      this.#files = new HostDirectory(this.#directory, this.#directory);
    }
    return new CacheReader(this.#files.reader(), this.#directory, this.#refused);
  }

  /** What others keep meanwhile is found by the next runtime. */
  watch(): () => void {
    return () => undefined;
  }

  /** Whether a content could be kept by this name, and isn't. */
  async wants(place: string): Promise<boolean> {
    if (!PLACE.test(place)) return false;
    return await access(join(this.#directory, place)).then(
      () => false,
      () => true,
    );
  }

  /** Keeps a package, if it is what its name says and there is room for it. Whether it was kept. */
  async keep(place: string, bytes: Uint8Array): Promise<boolean> {
    // npm's answers about packages are contents too, which nobody finds by their hash.
    if (!GZIP.every((byte, i) => bytes[i] === byte)) return false;
    if (bytes.length > LARGEST || !isContent(place, bytes)) return false;
    const held = await this.#measure();
    if (held + bytes.length > this.#most) return false;
    this.#held = Promise.resolve(held + bytes.length);
    const path = join(this.#directory, place);
    await mkdir(dirname(path), { recursive: true });
    // Nobody finds half of a content by its name.
    const temporary = join(this.#directory, `${randomUUID()}.part`);
    try {
      await writeFile(temporary, bytes, { mode: 0o644, flag: "wx" });
      await rename(temporary, path);
    } finally {
      await rm(temporary, { force: true });
    }
    return true;
  }

  /** Bytes that are in it; counted once. */
  #measure(): Promise<number> {
    this.#held ??= sizeOf(this.#directory);
    return this.#held;
  }
}

async function sizeOf(directory: string): Promise<number> {
  const entries = await readdir(directory, { recursive: true, withFileTypes: true }).catch(() => []);
  let bytes = 0;
  for (const entry of entries) {
    if (!entry.isFile()) continue;
    const stats = await stat(join(entry.parentPath, entry.name)).catch(() => null);
    bytes += stats?.size ?? 0;
  }
  return bytes;
}

/** Whether bytes are those of a name. */
function isContent(place: string, bytes: Uint8Array): boolean {
  const digits = PLACE.exec(place)?.slice(1).join("");
  return digits === createHash("sha512").update(bytes).digest("hex");
}

/** Reads what has the form of npm's cache, and nothing else that is in the directory. */
class CacheReader implements SourceReader {
  readonly #files: SourceReader;
  readonly #directory: string;
  readonly #refused: Set<string>;

  constructor(files: SourceReader, directory: string, refused: Set<string>) {
    this.#files = files;
    this.#directory = directory;
    this.#refused = refused;
  }

  async *list(path: readonly string[]): AsyncIterable<SourceEntry[]> {
    const form = PART[path.length];
    const type = path.length === PART.length - 1 ? "file" : "directory";
    if (form === undefined) throw new SourceFailure("ENOTDIR");
    const isThere = ({ name, type: kind, size }: SourceEntry): boolean =>
      kind === type && size <= LARGEST && form.test(name) && !this.#refused.has([...path, name].join("/"));
    for await (const entries of this.#files.list(path)) yield entries.filter(isThere);
  }

  async open(path: readonly string[]): Promise<SourceFile> {
    const place = path.join("/");
    const file = await this.#files.open(path);
    let bytes: Uint8Array;
    try {
      bytes = await file.read(0, file.size);
    } finally {
      file.close();
    }
    if (isContent(place, bytes)) return fileOfBytes(bytes);
    // Whoever asks for it fetches it, and the next install can keep it.
    this.#refused.add(place);
    await rm(join(this.#directory, place), { force: true }).catch(() => undefined);
    throw new SourceFailure("ENOENT");
  }

  close(): void {
    this.#files.close();
  }
}
