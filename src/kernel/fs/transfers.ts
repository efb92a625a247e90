import { O_CREAT, O_EXCL, O_RDONLY, O_TRUNC, O_WRONLY, S_IFDIR, S_IFMT } from "../../disk/modes.js";
import { EEXIST, EFBIG, EIO, EISDIR, ENOENT } from "../../syscall/errno.js";
import type { OutgoingStream } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import { expect, OperationError } from "./failure.js";
import { makeParents, USER } from "./operations.js";

/** What is read from the disk at a time: the lock is held for no longer. */
const CHUNK_BYTES = 256 * 1024;

/** Opens a file to be written from its start; a new one belongs to the guest's user. */
async function openForWriting(disk: DiskAccess, path: string, mode: number | null): Promise<number> {
  const { root } = disk;
  // In between the two, a guest can make or remove the file.
  for (let tries = 0; tries < 3; tries++) {
    const file = await disk.attempt(() => root.open(path, O_WRONLY | O_TRUNC, 0));
    if (file !== -ENOENT) return file;
    const made = await disk.attempt(() => root.open(path, O_WRONLY | O_CREAT | O_EXCL, mode ?? 0o644));
    if (made >= 0) await disk.attempt(() => root.fchown(made, USER, USER));
    if (made !== -EEXIST) return made;
  }
  return -EIO;
}

/** Bytes of a file on their way in: written one after the other, and then the file is closed. */
export class FileWriter {
  readonly #disk: DiskAccess;
  readonly #path: string;
  readonly #file: Promise<number>;
  #written: Promise<void>;

  constructor(disk: DiskAccess, path: string, mode: number | null, parents: boolean) {
    this.#disk = disk;
    this.#path = path;
    this.#file = this.#open(mode, parents);
    this.#written = this.#file.then(() => undefined);
    // Told by `close`.
    this.#written.catch(() => undefined);
  }

  async #open(mode: number | null, parents: boolean): Promise<number> {
    if (parents) await makeParents(this.#disk, this.#path);
    const file = expect(await openForWriting(this.#disk, this.#path, mode), "open", this.#path);
    if (mode !== null) await this.#disk.attempt(() => this.#disk.root.fchmod(file, mode & 0o7777));
    return file;
  }

  /** Queues bytes; `written` is called when they are on the disk, or will never be. */
  push(bytes: Uint8Array, written: () => void): void {
    this.#written = this.#written.then(() => this.#write(bytes));
    this.#written.then(written, written);
  }

  /** Resolves when all is written; throws what went wrong first. */
  async close(): Promise<void> {
    try {
      await this.#written;
    } finally {
      const file = await this.#file.catch(() => -1);
      if (file >= 0) await this.#disk.attempt(() => this.#disk.root.close(file));
    }
  }

  async #write(bytes: Uint8Array): Promise<void> {
    const { root } = this.#disk;
    const file = await this.#file;
    for (let at = 0; at < bytes.length; ) {
      const count = await this.#disk.attempt(() => root.write(file, bytes, at, bytes.length - at, -1));
      at += expect(count === 0 ? -EIO : count, "write", this.#path);
    }
  }
}

/** Sends a file of at most `limit` bytes, as fast as the host takes it. */
export async function sendFile(
  disk: DiskAccess,
  path: string,
  limit: number,
  stream: OutgoingStream,
): Promise<void> {
  const { root } = disk;
  const out = new Float64Array(18);
  const file = expect(await disk.attempt(() => root.open(path, O_RDONLY, 0)), "open", path);
  try {
    expect(await disk.attempt(() => root.fstat(file, out)), "fstat", path);
    if (((out[1] as number) & S_IFMT) === S_IFDIR) throw new OperationError(-EISDIR, "read", path);
    if ((out[8] as number) > limit) throw new OperationError(-EFBIG, "read", path);
    for (let sent = 0; ; ) {
      const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
      const count = expect(
        await disk.attempt(() => root.read(file, chunk, 0, CHUNK_BYTES, -1)),
        "read",
        path,
      );
      if (count === 0) return;
      sent += count;
      // A guest may write to it meanwhile.
      if (sent > limit) throw new OperationError(-EFBIG, "read", path);
      stream.write(chunk.subarray(0, count));
      if (!(await stream.flushed())) return;
    }
  } finally {
    await disk.attempt(() => root.close(file));
  }
}
