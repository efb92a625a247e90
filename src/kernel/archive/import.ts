import type { Extract, Header } from "tar-stream";
import { EFBIG, ENOSPC } from "../../syscall/errno.js";
import type { DiskAccess } from "../disk-access.js";
import { expect, OperationError } from "../fs/failure.js";
import { Commit } from "./commit.js";
import type { TarLibrary } from "./library.js";
import { checkLink, entryNames } from "./names.js";
import { refusal } from "./refusal.js";
import { type Attributes, Staging } from "./staging.js";

/** What an archive is made of. */
const BLOCK = 512;
/** What the library says of an archive that ends in the middle of an entry. */
const CUT = "Unexpected end of data";
/** What a compressed archive most often begins with. */
const GZIP = Buffer.of(0x1f, 0x8b);

/** The bytes of an archive as they come; null at their end, where all of them have come. */
export interface ArchiveSource {
  next(): Promise<Uint8Array | null>;
}

/**
 * Puts what is in a tar archive into a directory, or nothing of it. Nothing is believed: the archive may be
 * made to write elsewhere, to lead elsewhere by links, or to fill the disk.
 */
export async function importTar(
  access: DiskAccess,
  tar: TarLibrary,
  path: string,
  source: ArchiveSource,
): Promise<void> {
  const directory = await access.attempt(() => access.root.resolveDirectory(path));
  expect(directory, "open", path);
  const staging = await Staging.begin(access);
  try {
    await unpack(access, tar, staging, source);
    await staging.settle();
    await new Commit(access, path).run(staging.root, directory);
  } finally {
    await staging.remove();
  }
}

async function unpack(
  access: DiskAccess,
  tar: TarLibrary,
  staging: Staging,
  source: ArchiveSource,
): Promise<void> {
  const extract = tar.extract();
  const feeder = new Feeder(extract, source);
  const fed = feeder.run();
  try {
    for await (const entry of extract) {
      await take(access, staging, entry.header, entry);
      // What is left of an entry that has no use for contents.
      entry.resume();
    }
  } catch (error) {
    if (error instanceof OperationError) throw error;
    throw feeder.problem ?? refusal((error as Error).message === CUT ? "truncated" : "malformed", "");
  }
  await fed;
  // Its reader ends without a word when it is ended.
  if (feeder.problem !== null) throw feeder.problem;
}

/** Gives an archive to its reader, as fast as that takes it. */
class Feeder {
  /** Why the archive is not all there. */
  problem: unknown = null;
  readonly #extract: Extract;
  readonly #source: ArchiveSource;

  constructor(extract: Extract, source: ArchiveSource) {
    this.#extract = extract;
    this.#source = source;
  }

  /** Never rejects. */
  async run(): Promise<void> {
    try {
      await this.#feed();
      this.#extract.end(null);
    } catch (error) {
      this.problem = error;
      this.#extract.destroy(error as Error);
    }
  }

  async #feed(): Promise<void> {
    const extract = this.#extract;
    let tail: Uint8Array = new Uint8Array(0);
    for (;;) {
      const bytes = await this.#source.next();
      if (bytes === null) break;
      // Its reader has had enough.
      if (extract.destroyed) return;
      if (tail.length === 0 && GZIP.equals(bytes.subarray(0, GZIP.length))) throw refusal("malformed", "");
      tail = (bytes.length < BLOCK ? Buffer.concat([tail, bytes]) : bytes).subarray(-BLOCK);
      if (!extract.write(bytes)) await new Promise<void>((resolve) => drained(extract, resolve));
    }
    // An archive that was cut between two entries looks whole but for this.
    if (tail.length < BLOCK || tail.some((byte) => byte !== 0)) throw refusal("truncated", "");
  }
}

function drained(extract: Extract, then: () => void): void {
  extract.once("drain", () => then());
  extract.once("close", () => then());
}

async function take(
  access: DiskAccess,
  staging: Staging,
  header: Header,
  contents: AsyncIterable<unknown>,
): Promise<void> {
  const names = entryNames(header.name);
  const attributes = attributesOf(header);
  switch (header.type) {
    case "directory":
      return await staging.directory(names, attributes);
    case "file":
    case "contiguous-file":
      if (Object.keys(header.pax ?? {}).some((key) => key.startsWith("GNU.sparse"))) break;
      await refuseTooLarge(access, header);
      return await staging.file(names, attributes, (file) => write(access, file, header.name, contents));
    case "symlink":
      checkLink(header.linkname ?? "", names.length - 1, header.name);
      return await staging.symlink(names, header.linkname ?? "", attributes);
    case "link":
      return await staging.link(names, entryNames(header.linkname ?? ""));
  }
  throw refusal("kind", header.name);
}

function attributesOf({ mode, mtime, type }: Header): Attributes {
  const usual = type === "directory" ? 0o755 : 0o644;
  const seconds = (mtime?.getTime() ?? 0) / 1000;
  return {
    mode: Number.isInteger(mode) ? (mode as number) : usual,
    mtime: Number.isFinite(seconds) ? seconds : 0,
  };
}

/** Before its bytes come: they would fill the disk for others too. */
async function refuseTooLarge(access: DiskAccess, { name, size = 0 }: Header): Promise<void> {
  if (!Number.isSafeInteger(size)) throw new OperationError(-EFBIG, "write", name);
  const out = new Float64Array(7);
  expect(await access.attempt(() => access.root.statfs("/", out)), "statfs", name);
  const [, blockSize, , free] = out as unknown as number[];
  if (size > (blockSize as number) * (free as number)) throw new OperationError(-ENOSPC, "write", name);
}

async function write(
  access: DiskAccess,
  file: number,
  name: string,
  contents: AsyncIterable<unknown>,
): Promise<void> {
  for await (const bytes of contents as AsyncIterable<Uint8Array>) {
    for (let at = 0; at < bytes.length; ) {
      const count = await access.attempt(() => access.root.write(file, bytes, at, bytes.length - at, -1));
      at += expect(count, "write", name);
    }
  }
}
