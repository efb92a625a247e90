import {
  O_APPEND,
  O_CREAT,
  O_EXCL,
  O_NONBLOCK,
  O_RDONLY,
  O_TRUNC,
  O_WRONLY,
  S_IFDIR,
  S_IFMT,
  S_IFREG,
} from "../../disk/modes.js";
import { EEXIST, EFBIG, EIO, EISDIR, ENOENT, ENXIO } from "../../syscall/errno.js";
import type { FsOperation, OutgoingStream } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import { expect, OperationError } from "./failure.js";
import { makeParents, USER } from "./operations.js";

/** What is read from the disk at a time: the lock is held for no longer. */
const CHUNK_BYTES = 256 * 1024;

/** What `writeFile` is asked for. */
export type WriteRequest = FsOperation & { op: "writeFile" };

/** Opens a regular file, and nothing that another process would have to do with. */
function openRegular({ root }: DiskAccess, path: string, flags: number): number {
  const file = root.open(path, flags | O_NONBLOCK, 0);
  if (file < 0 || root.openedType === S_IFREG || root.openedType === S_IFDIR) return file;
  root.close(file);
  return -ENXIO;
}

/** Opens a file to be written; a new one belongs to the guest's user. `flag`: what becomes of an old one. */
async function openForWriting(
  disk: DiskAccess,
  path: string,
  mode: number | null,
  flag: number,
): Promise<number> {
  const { root } = disk;
  // In between the two, a guest can make or remove the file.
  for (let tries = 0; tries < 3; tries++) {
    const file = await disk.attempt(() => openRegular(disk, path, O_WRONLY | flag));
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

  constructor(disk: DiskAccess, request: WriteRequest) {
    this.#disk = disk;
    this.#path = request.path;
    this.#file = this.#open(request);
    this.#written = this.#file.then(() => undefined);
    // Told by `close`.
    this.#written.catch(() => undefined);
  }

  async #open({ mode, parents, append = false }: WriteRequest): Promise<number> {
    if (parents) await makeParents(this.#disk, this.#path);
    const flag = append ? O_APPEND : O_TRUNC;
    const file = expect(await openForWriting(this.#disk, this.#path, mode, flag), "open", this.#path);
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
  const file = expect(await disk.attempt(() => openRegular(disk, path, O_RDONLY)), "open", path);
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

/** Copies a file's bytes and permissions, in parts: the kernel has other work to do in between. */
export async function copyFile(disk: DiskAccess, path: string, dest: string): Promise<void> {
  const { root } = disk;
  const check = (result: number): number => expect(result, "copyfile", path, dest);
  const out = new Float64Array(18);
  const source = check(await disk.attempt(() => openRegular(disk, path, O_RDONLY)));
  let target = -1;
  try {
    check(await disk.attempt(() => root.fstat(source, out)));
    const [, mode, , , , , , inode] = out as unknown as number[];
    if (((mode as number) & S_IFMT) === S_IFDIR) check(-EISDIR);
    target = check(await openForWriting(disk, dest, (mode as number) & 0o7777, 0));
    check(await disk.attempt(() => root.fstat(target, out)));
    if (out[7] === inode) return;
    check(await disk.attempt(() => root.ftruncate(target, 0)));
    check(await disk.attempt(() => root.fchmod(target, (mode as number) & 0o7777)));
    const chunk = Buffer.allocUnsafeSlow(CHUNK_BYTES);
    for (;;) {
      const count = check(await disk.attempt(() => root.read(source, chunk, 0, CHUNK_BYTES, -1)));
      if (count === 0) return;
      for (let at = 0; at < count; ) {
        at += check(await disk.attempt(() => root.write(target, chunk, at, count - at, -1)));
      }
      await new Promise(setImmediate);
    }
  } finally {
    await disk.attempt(() => root.close(source));
    if (target >= 0) await disk.attempt(() => root.close(target));
  }
}
