import type { IncomingHandlers } from "../wire/index.js";
import type { DiskAccess } from "./disk-access.js";
import { USER } from "./fs/operations.js";
import { flowIn } from "./streams/flow.js";
import { PipeEnd } from "./streams/pipe-end.js";

/**
 * Standard input of a call: a pipe of the disk, which the host's bytes flow into. Its reading end is an open
 * file, so that processes read, inherit and close it like any other.
 */
export class Stdin {
  /** Takes the host's stream. */
  readonly incoming: IncomingHandlers;
  readonly #disk: DiskAccess;
  readonly #ends = new Int32Array(2);
  readonly #made: Promise<number>;
  #given = false;
  #writing: PipeEnd | null = null;

  constructor(disk: DiskAccess) {
    this.#disk = disk;
    this.#made = this.#make();
    this.incoming = flowIn(this.#made.then(() => this.#writing));
  }

  async #make(): Promise<number> {
    const { root } = this.#disk;
    const made = await this.#disk.attempt(() => root.pipe(this.#ends, 0));
    if (made < 0) return made;
    const [reading = 0, writing = 0] = this.#ends;
    this.#writing = new PipeEnd(this.#disk, writing);
    await this.#disk.attempt(() => root.fchown(reading, USER, USER));
    return reading;
  }

  /** The open file to read from, or a negative errno. */
  get reading(): Promise<number> {
    return this.#made;
  }

  /** The reading end belongs to a process from now on. */
  give(): void {
    this.#given = true;
  }

  /** What nobody has taken is dropped. */
  async close(): Promise<void> {
    const reading = await this.#made;
    if (reading < 0) return;
    if (!this.#given) await this.#disk.attempt(() => this.#disk.root.close(reading));
    await this.#writing?.close();
  }
}
