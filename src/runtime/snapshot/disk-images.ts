import { SnapshotError } from "../../errors/snapshot-error.js";
import type { DiskHandle } from "../../machine/index.js";
import { Turns } from "../call/turns.js";
import { asCallersError } from "../file-system.js";
import type { MachineHandle } from "../launcher.js";
import type { ResolvedCreateOptions } from "../options/create-options.js";
import type { Revival } from "../revival.js";
import { copyImage, readImage, writeImage } from "./copy.js";
import type { Content } from "./format.js";
import { fillDisk, whileFrozen } from "./frozen.js";
import type { PieceMap } from "./piece-map.js";
import { makeSnapshot, type Snapshot } from "./snapshot.js";

/** Copies of a runtime's disk. */
export class DiskImages {
  readonly #revival: Revival;
  readonly #options: ResolvedCreateOptions;
  /** The disk stands still for one at a time. */
  readonly #turns = new Turns(1);

  constructor(revival: Revival, options: ResolvedCreateOptions) {
    this.#revival = revival;
    this.#options = options;
  }

  async snapshot(): Promise<Snapshot> {
    const { limits, cwd, env } = this.#options;
    return await this.#frozen(async (disk, map) => {
      const image = await readImage(disk, map);
      const { diskBytes, inodes } = limits;
      return makeSnapshot({ description: { diskSize: disk.size, diskBytes, inodes, cwd, env }, map, image });
    });
  }

  /** Puts a copy on the disk of a new machine. */
  async copyTo(machine: MachineHandle): Promise<void> {
    await fillDisk(machine, (target) => this.#frozen((disk, map) => copyImage(disk, target, map)));
  }

  async #frozen<T>(work: (disk: DiskHandle, map: PieceMap) => Promise<T>): Promise<T> {
    await this.#turns.enter();
    try {
      const { machine } = await this.#revival.machine();
      const { disk } = this.#revival;
      if (disk === null) throw new SnapshotError("unavailable");
      return await whileFrozen(machine, disk, (map) => work(disk, map));
    } catch (error) {
      throw asCallersError(error, this.#revival);
    } finally {
      this.#turns.leave();
    }
  }
}

/** Puts a snapshot on the disk of a new machine. */
export async function restore({ description, map, image }: Content, machine: MachineHandle): Promise<void> {
  await fillDisk(machine, async (disk) => {
    // The same limits give the same disk, unless another version lays it out.
    if (disk.size !== description.diskSize) throw new SnapshotError("version");
    await writeImage(disk, map, image);
  });
}
