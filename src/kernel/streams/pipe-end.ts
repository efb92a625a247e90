import { EBADF, EBUSY, ENOSPC, ERESTARTSYS } from "../../syscall/errno.js";
import type { DiskAccess } from "../disk-access.js";

/** Between attempts that nothing would tell the end of, in milliseconds. */
const PAUSE = 20;

/** An end of a pipe of the disk that the kernel has open. What has to wait doesn't stop the kernel's thread. */
export class PipeEnd {
  readonly #disk: DiskAccess;
  readonly #file: number;
  #closed = false;
  #wake: () => void = () => undefined;

  /** `file` is an open file of the disk, which belongs to this from now on. */
  constructor(disk: DiskAccess, file: number) {
    this.#disk = disk;
    this.#file = file;
  }

  /** Reads what there is, and waits for the first byte: the count, 0 at the end, or a negative errno. */
  read(bytes: Uint8Array): Promise<number> {
    return this.#persist(() => this.#disk.root.read(this.#file, bytes, 0, bytes.length, -1));
  }

  /** Writes all of the bytes: 0, or a negative errno, which is -EPIPE when nobody will read them. */
  async write(bytes: Uint8Array): Promise<number> {
    for (let at = 0; at < bytes.length; ) {
      const count = await this.#persist(() =>
        this.#disk.root.write(this.#file, bytes, at, bytes.length - at, -1),
      );
      if (count < 0) return count;
      at += count;
    }
    return 0;
  }

  /** Has who reads the other end of a connection find an error, after what is on its way. */
  async fail(error: number): Promise<void> {
    await this.#disk.attempt(() => (this.#closed ? 0 : this.#disk.root.sockets.fail(this.#file, error)));
  }

  /** Closes the end; what waits for it is given up with -EBADF. */
  async close(): Promise<void> {
    if (this.#closed) return;
    this.#closed = true;
    // The pipe's own word may be anything by now.
    this.#wake();
    await this.#disk.attempt(() => this.#disk.root.close(this.#file));
  }

  /** Does what may have to wait for a guest until it is done. */
  async #persist(operation: () => number): Promise<number> {
    for (;;) {
      let changed: Promise<void> | undefined;
      const result = await this.#disk.attempt(() => {
        if (this.#closed) return -EBADF;
        const count = operation();
        if (count === -ERESTARTSYS) changed = this.#changed();
        return count;
      });
      if (result === -ERESTARTSYS) await changed;
      else if (result === -EBUSY || result === -ENOSPC) await this.#pause();
      else return result;
    }
  }

  /** Resolves when something has happened to the pipe since the last call. */
  #changed(): Promise<void> {
    return new Promise((resolve) => {
      this.#wake = resolve;
      if (!this.#disk.root.waitLater(resolve)) resolve();
    });
  }

  #pause(): Promise<void> {
    return new Promise((resolve) => {
      const timer = setTimeout(resolve, PAUSE);
      this.#wake = () => {
        clearTimeout(timer);
        resolve();
      };
    });
  }
}
