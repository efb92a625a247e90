import { EBADF, EMFILE, ENOBUFS } from "../syscall/errno.js";
import type { FdTable } from "../syscall/process-page.js";
import type { DiskAccess } from "./disk-access.js";

/** More files than this are not on their way at a time. */
const MAX_PASSED = 1024;

/**
 * Open files that processes send each other beside the bytes of a channel, as sockets and servers go to a
 * worker of `cluster`. Each has a reference until it is taken, or until nobody reads the channel any more.
 */
export class PassedFiles {
  readonly #disk: DiskAccess;
  /** By the number of the pipe that the receiver reads: Node sends no second one before the first is taken. */
  readonly #files = new Map<number, number>();

  constructor(disk: DiskAccess) {
    this.#disk = disk;
  }

  /** `SYS_PASS`: 0, or a negative errno. */
  async pass(files: FdTable, channel: number, fd: number): Promise<number> {
    const { root } = this.#disk;
    const end = files.get(channel);
    const file = files.get(fd);
    if (end <= 0 || file <= 0) return -EBADF;
    if (this.#files.size >= MAX_PASSED) return -ENOBUFS;
    const shared = await this.#disk.attempt(() => root.dup(file));
    if (shared < 0) return shared;
    const pipe = await this.#disk.attempt(() => root.markPassed(end));
    if (pipe < 0) {
      await this.#close(file);
      return pipe;
    }
    const before = this.#files.get(pipe);
    this.#files.set(pipe, file);
    if (before !== undefined) await this.#close(before);
    return 0;
  }

  /** `SYS_TAKE`: a descriptor of what was sent over a channel, or a negative errno. */
  async take(files: FdTable, channel: number): Promise<number> {
    const end = files.get(channel);
    if (end <= 0) return -EBADF;
    const pipe = await this.#disk.attempt(() => this.#disk.root.takePassed(end));
    const file = this.#files.get(pipe);
    if (file === undefined) return -EBADF;
    this.#files.delete(pipe);
    const fd = files.alloc(file);
    if (fd >= 0) return fd;
    await this.#close(file);
    return -EMFILE;
  }

  /** A process has ended: what nobody will take is closed. */
  async sweep(): Promise<void> {
    for (const [pipe, file] of [...this.#files]) {
      if ((await this.#disk.attempt(() => this.#disk.root.isPipeRead(pipe))) !== 0) continue;
      // Another may have come in its place meanwhile.
      if (this.#files.get(pipe) !== file) continue;
      this.#files.delete(pipe);
      await this.#close(file);
    }
  }

  async #close(file: number): Promise<void> {
    await this.#disk.attempt(() => this.#disk.root.close(file));
  }
}
