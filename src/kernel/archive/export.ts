import type { Pack } from "tar-stream";
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, S_IFDIR, S_IFLNK, S_IFMT, S_IFREG } from "../../disk/modes.js";
import { EINVAL, ELOOP, ENOENT, EPIPE } from "../../syscall/errno.js";
import type { OutgoingStream } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import { DirectoryWalk } from "../fs/directory.js";
import { expect, OperationError } from "../fs/failure.js";
import type { TarLibrary } from "./library.js";

/** What is read from the disk at a time. */
const CHUNK_BYTES = 256 * 1024;
/** Deeper trees only a writer of raw memory makes. */
const MAX_DEPTH = 2048;
const MAX_ENTRIES = 10_000_000;
/** Entries without contents that are added at a time. */
const BATCH = 64;

/** Sends a tar archive of a directory and all that is in it, or of one file. */
export async function exportTar(
  access: DiskAccess,
  tar: TarLibrary,
  path: string,
  stream: OutgoingStream,
): Promise<void> {
  const pack = tar.pack();
  pack.on("data", (bytes) => stream.write(bytes as Uint8Array));
  const ended = new Promise<void>((resolve) => pack.once("close", () => resolve()));
  await new Archiver(access, pack, path, stream).run();
  pack.finalize();
  await ended;
}

/** What is said of an entry. */
type Header = Parameters<Pack["entry"]>[0];

class Archiver {
  readonly #access: DiskAccess;
  readonly #pack: Pack;
  readonly #path: string;
  readonly #stream: OutgoingStream;
  readonly #walk: DirectoryWalk;
  readonly #out = new Float64Array(18);
  /** Names in the archive of files that have more than one, by inode. */
  readonly #linked = new Map<number, string>();
  #entries = 0;

  constructor(access: DiskAccess, pack: Pack, path: string, stream: OutgoingStream) {
    this.#access = access;
    this.#pack = pack;
    this.#path = path;
    this.#stream = stream;
    this.#walk = new DirectoryWalk(access, "open", path);
  }

  async run(): Promise<void> {
    const walk = this.#walk;
    const { root } = this.#access;
    expect(await this.#access.attempt(() => root.stat(this.#path, this.#out)), "stat", this.#path);
    if (((this.#out[1] as number) & S_IFMT) === S_IFDIR) {
      await this.#directory(await walk.must(() => walk.disk.resolveDirectory(this.#path)), "", 0);
      return;
    }
    const name = this.#path.slice(this.#path.lastIndexOf("/") + 1);
    await this.#entry(Buffer.from(this.#path), name, 0);
  }

  async #directory(handle: number, above: string, depth: number): Promise<void> {
    if (depth > MAX_DEPTH) throw new OperationError(-ELOOP, "open", this.#path);
    const walk = this.#walk;
    walk.directory = handle;
    const file = await walk.open();
    try {
      for (let cookie = 0; ; ) {
        const names = await walk.list(file, cookie);
        if (names.length === 0) return;
        ({ cookie } = walk.disk);
        for (const { name } of names) {
          walk.directory = handle;
          await this.#entry(name, above + Buffer.from(name).toString("utf8"), depth);
        }
      }
    } finally {
      await walk.close(file);
    }
  }

  /** Adds what has a name in the directory of the walk. What is neither file, directory nor link is left out. */
  async #entry(name: Uint8Array, path: string, depth: number): Promise<void> {
    if (++this.#entries > MAX_ENTRIES) throw new OperationError(-ELOOP, "open", this.#path);
    const { disk } = this.#walk;
    const found = await this.#access.attempt(() => disk.lstat(name, this.#out));
    // It may have gone meanwhile.
    if (found === -ENOENT) return;
    expect(found, "lstat", path);
    const type = (this.#out[1] as number) & S_IFMT;
    if (type === S_IFDIR) {
      await this.#add(this.#header(`${path}/`, "directory"));
      await this.#directory(await this.#walk.enter(name), `${path}/`, depth + 1);
    } else if (type === S_IFLNK) {
      const header = this.#header(path, "symlink");
      const length = await this.#walk.must(() => disk.readlink(name));
      await this.#add({ ...header, linkname: Buffer.from(disk.result.subarray(0, length)).toString("utf8") });
    } else if (type === S_IFREG) await this.#file(name, path);
  }

  async #file(name: Uint8Array, path: string): Promise<void> {
    const { disk } = this.#walk;
    const [, , links, , , , , inode] = this.#out as unknown as number[];
    const before = (links as number) > 1 ? this.#linked.get(inode as number) : undefined;
    if (before !== undefined) {
      await this.#add({ ...this.#header(path, "link"), linkname: before });
      return;
    }
    if ((links as number) > 1) this.#linked.set(inode as number, path);
    const file = await this.#access.attempt(() => disk.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
    if (file === -ENOENT) return;
    expect(file, "open", path);
    try {
      if (disk.openedType !== S_IFREG) throw new OperationError(-EINVAL, "open", path);
      expect(await this.#access.attempt(() => disk.fstat(file, this.#out)), "fstat", path);
      const size = this.#out[8] as number;
      await this.#contents(file, { ...this.#header(path, "file"), size });
    } finally {
      await this.#access.attempt(() => disk.close(file));
    }
  }

  /** As many bytes as were announced, zeros where a guest has cut the file meanwhile. */
  async #contents(file: number, header: Header & { size: number }): Promise<void> {
    const { disk } = this.#walk;
    const sink = this.#pack.entry(header);
    for (let at = 0; at < header.size; ) {
      const bytes = Buffer.alloc(Math.min(CHUNK_BYTES, header.size - at));
      const count = await this.#access.attempt(() => disk.read(file, bytes, 0, bytes.length, at));
      expect(count, "read", header.name);
      at += bytes.length;
      sink.write(bytes);
      await this.#sent();
    }
    await new Promise<void>((resolve) => {
      sink.once("close", () => resolve());
      sink.end(null);
    });
  }

  async #add(header: Header): Promise<void> {
    await new Promise<void>((resolve) => {
      this.#pack.entry(header, () => resolve());
    });
    if (this.#entries % BATCH === 0) await this.#sent();
  }

  /** Waits for whoever reads, when much of what was added has not left: the library keeps all that it is given. */
  async #sent(): Promise<void> {
    await new Promise(setImmediate);
    if (this.#stream.queued < CHUNK_BYTES) return;
    if (!(await this.#stream.flushed())) throw new OperationError(-EPIPE, "write", this.#path);
  }

  #header(name: string, type: NonNullable<Header["type"]>): Header {
    const [, mode, , uid, gid, , , , , , , , seconds] = this.#out as unknown as number[];
    return {
      name,
      type,
      mode: (mode as number) & 0o7777,
      uid: uid as number,
      gid: gid as number,
      mtime: new Date((seconds as number) * 1000),
    };
  }
}
