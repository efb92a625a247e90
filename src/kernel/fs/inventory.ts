import { isUtf8 } from "node:buffer";
import { O_NOFOLLOW, O_NONBLOCK, O_RDONLY, S_IFLNK, S_IFREG } from "../../disk/modes.js";
import { EFBIG, ENOENT, EPIPE } from "../../syscall/errno.js";
import {
  encodeEntry,
  type FsOperation,
  MAX_INVENTORY_BYTES,
  MAX_PATH_BYTES,
  type OutgoingStream,
} from "../../wire/index.js";
import { isStaging } from "../archive/staging.js";
import type { DiskAccess } from "../disk-access.js";
import { expect, OperationError } from "./failure.js";
import { TreeWalk } from "./tree.js";

/** What is read from the disk at a time. */
const CHUNK_BYTES = 256 * 1024;
/** Entries that are told together, without letting others have their turn. */
const BATCH = 64;
/** How often as much as the disk holds is read at most: of files with holes there may be more without end. */
const READINGS = 2;

const NO_DIGEST = "\0".repeat(32);

type InventoryRequest = FsOperation & { op: "inventory" };

/** Sends what is on the disk, and a digest of each file's bytes. */
export async function sendInventory(
  access: DiskAccess,
  { leave, limit }: InventoryRequest,
  stream: OutgoingStream,
): Promise<void> {
  await new Inventory(access, new Set(leave), limit, stream).run();
}

class Inventory {
  readonly #access: DiskAccess;
  readonly #leave: ReadonlySet<string>;
  #left: number;
  readonly #stream: OutgoingStream;
  readonly #walk: TreeWalk;
  // Loaded when it is used: a machine that is never asked needs none of it.
  readonly #crypto = process.getBuiltinModule("node:crypto");
  readonly #chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
  #pieces: Buffer[] = [];
  #told = 0;
  /** Bytes of files that may be read. */
  #readable = 0;

  constructor(access: DiskAccess, leave: ReadonlySet<string>, limit: number, stream: OutgoingStream) {
    this.#access = access;
    this.#leave = leave;
    this.#left = limit;
    this.#stream = stream;
    this.#walk = new TreeWalk(access, "/", (name, path) => this.#entry(name, path));
  }

  async run(): Promise<void> {
    const walk = this.#walk;
    const { disk, out } = walk;
    await walk.must(() => disk.statfs("/", out));
    this.#readable = READINGS * (out[1] as number) * (out[2] as number);
    await walk.below(await walk.must(() => disk.resolveDirectory("/")), "/");
    this.#flush();
  }

  /** Names that are no text, and paths that nobody can give whole, are left out. */
  async #entry(name: Uint8Array, path: string): Promise<boolean> {
    if (this.#leave.has(path) || isStaging(path)) return false;
    if (!isUtf8(name) || Buffer.byteLength(path) > MAX_PATH_BYTES) return false;
    const [, mode, , uid, gid, , , , size] = this.#walk.out as unknown as number[];
    const digest = await this.#digest(name, path, size as number);
    if (digest === null) return false;
    const facts = { mode: mode as number, uid: uid as number, gid: gid as number, size: size as number };
    const entry = encodeEntry({ path, ...facts, digest });
    this.#told += entry.length;
    if (this.#left-- === 0 || this.#told > MAX_INVENTORY_BYTES)
      throw new OperationError(-EFBIG, "scandir", "/");
    this.#pieces.push(entry);
    if (this.#walk.entries % BATCH === 0) await this.#rest();
    return true;
  }

  /** Null for what is gone. */
  async #digest(name: Uint8Array, path: string, size: number): Promise<string | null> {
    const { disk, type } = this.#walk;
    const hash = this.#crypto.createHash("sha256");
    if (type === S_IFLNK) {
      const length = await this.#access.attempt(() => disk.readlink(name));
      if (length < 0) return null;
      return hash.update(disk.result.subarray(0, length)).digest().toString("latin1");
    }
    if (type !== S_IFREG) return NO_DIGEST;
    this.#readable -= size;
    if (this.#readable < 0) throw new OperationError(-EFBIG, "read", path);
    const file = await this.#access.attempt(() => disk.open(name, O_RDONLY | O_NOFOLLOW | O_NONBLOCK, 0));
    if (file === -ENOENT) return null;
    expect(file, "open", path);
    try {
      // Something else may have taken its place, and a pipe gives its bytes but once.
      if (disk.openedType !== S_IFREG) return null;
      const chunk = this.#chunk;
      // A program that keeps on writing must not keep this reading.
      for (let at = 0; at < size; at += chunk.length) {
        const length = Math.min(chunk.length, size - at);
        const count = await this.#access.attempt(() => disk.read(file, chunk, 0, length, at));
        hash.update(chunk.subarray(0, expect(count, "read", path)));
        if (length === chunk.length) await this.#rest();
      }
      return hash.digest().toString("latin1");
    } finally {
      await this.#access.attempt(() => disk.close(file));
    }
  }

  #flush(): void {
    if (this.#pieces.length > 0) this.#stream.write(Buffer.concat(this.#pieces));
    this.#pieces = [];
  }

  /** Others have their turn, whoever reads hears of what there is, and is waited for. */
  async #rest(): Promise<void> {
    this.#flush();
    await new Promise(setImmediate);
    if (this.#stream.queued < CHUNK_BYTES) return;
    if (!(await this.#stream.flushed())) throw new OperationError(-EPIPE, "write", "/");
  }
}
