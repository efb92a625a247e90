import type { Pack } from "tar-stream";
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, S_IFDIR, S_IFLNK, S_IFREG } from "../../disk/modes.js";
import { EINVAL, ENOENT, EPIPE } from "../../syscall/errno.js";
import type { OutgoingStream } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import { expect, OperationError } from "../fs/failure.js";
import { TreeWalk } from "../fs/tree.js";
import type { TarLibrary } from "./library.js";

/** What is read from the disk at a time. */
const CHUNK_BYTES = 256 * 1024;
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
  readonly #walk: TreeWalk;
  /** Names in the archive of files that have more than one, by inode. */
  readonly #linked = new Map<number, string>();

  constructor(access: DiskAccess, pack: Pack, path: string, stream: OutgoingStream) {
    this.#access = access;
    this.#pack = pack;
    this.#path = path;
    this.#stream = stream;
    this.#walk = new TreeWalk(access, path, (name, place) => this.#entry(name, place));
  }

  async run(): Promise<void> {
    const walk = this.#walk;
    const { root } = this.#access;
    expect(await this.#access.attempt(() => root.stat(this.#path, walk.out)), "stat", this.#path);
    if (walk.type === S_IFDIR) {
      await walk.below(await walk.must(() => walk.disk.resolveDirectory(this.#path)), "");
      return;
    }
    await walk.one(Buffer.from(this.#path), this.#path.slice(this.#path.lastIndexOf("/") + 1));
  }

  /** Adds what has a name in the directory of the walk. What is neither file, directory nor link is left out. */
  async #entry(name: Uint8Array, path: string): Promise<boolean> {
    const { disk, type } = this.#walk;
    if (type === S_IFDIR) await this.#add(this.#header(`${path}/`, "directory"));
    else if (type === S_IFLNK) {
      const header = this.#header(path, "symlink");
      const length = await this.#walk.must(() => disk.readlink(name));
      await this.#add({ ...header, linkname: Buffer.from(disk.result.subarray(0, length)).toString("utf8") });
    } else if (type === S_IFREG) await this.#file(name, path);
    return true;
  }

  async #file(name: Uint8Array, path: string): Promise<void> {
    const { disk } = this.#walk;
    const [, , links, , , , , inode] = this.#walk.out as unknown as number[];
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
      expect(await this.#access.attempt(() => disk.fstat(file, this.#walk.out)), "fstat", path);
      const size = this.#walk.out[8] as number;
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
    if (this.#walk.entries % BATCH === 0) await this.#sent();
  }

  /** Waits for whoever reads, when much of what was added has not left: the library keeps all that it is given. */
  async #sent(): Promise<void> {
    await new Promise(setImmediate);
    if (this.#stream.queued < CHUNK_BYTES) return;
    if (!(await this.#stream.flushed())) throw new OperationError(-EPIPE, "write", this.#path);
  }

  #header(name: string, type: NonNullable<Header["type"]>): Header {
    const [, mode, , uid, gid, , , , , , , , seconds] = this.#walk.out as unknown as number[];
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
