import { closeSync, fstatSync, open, openSync, read, readSync, statSync, writeSync } from "node:fs";
import { setImmediate } from "node:timers/promises";
import { promisify } from "node:util";
import { Descriptor } from "./descriptor.js";

/** After so many bytes that nothing waited for, others get their turn. */
const TURN = 256 * 1024;

/** A descriptor of this process. */
export class FileDescriptor extends Descriptor {
  readonly #fd: number;
  readonly #inherited: boolean;
  #regular: boolean | null = null;
  #sinceTurn = 0;

  /** An `inherited` descriptor stays open at the end. */
  constructor(fd: number, inherited = false) {
    super();
    this.#fd = fd;
    this.#inherited = inherited;
  }

  /** A pipe may have to wait for who opens its other end, and holds up nobody else here. */
  static async open(path: string, flags: string | number, mode = 0o666): Promise<FileDescriptor> {
    const pipe = statSync(path, { throwIfNoEntry: false })?.isFIFO();
    return new FileDescriptor(pipe ? await promisify(open)(path, flags, mode) : openSync(path, flags, mode));
  }

  override get fd(): number {
    return this.#fd;
  }

  override get terminal(): boolean {
    // Loaded by who needs it, since it takes longer than all the rest.
    return process.getBuiltinModule("node:tty").isatty(this.#fd);
  }

  override async read(most: number): Promise<Buffer | null> {
    const bytes = Buffer.allocUnsafe(most);
    const count = this.#isRegular() ? readSync(this.#fd, bytes) : await this.#wait(bytes);
    await this.#turn(count);
    return count === 0 ? null : bytes.subarray(0, count);
  }

  override async write(bytes: Buffer): Promise<void> {
    for (let done = 0; done < bytes.length; ) {
      try {
        done += writeSync(this.#fd, bytes, done);
      } catch (error) {
        if ((error as NodeJS.ErrnoException).code !== "EAGAIN") throw error;
        await setImmediate();
      }
    }
    await this.#turn(bytes.length);
  }

  #isRegular(): boolean {
    this.#regular ??= fstatSync(this.#fd).isFile();
    return this.#regular;
  }

  #wait(bytes: Buffer): Promise<number> {
    return new Promise((resolve, reject) => {
      read(this.#fd, bytes, 0, bytes.length, null, (error, count) => {
        if (error === null) resolve(count);
        else reject(error);
      });
    });
  }

  /** Without it, a command that never waits would leave no time to signals and to other commands. */
  async #turn(bytes: number): Promise<void> {
    this.#sinceTurn += bytes;
    if (this.#sinceTurn < TURN) return;
    this.#sinceTurn = 0;
    await setImmediate();
  }

  protected override close(): void {
    if (!this.#inherited) closeSync(this.#fd);
  }
}
