import type { DiskMemory } from "../../disk/disk.js";
import { MountDisk } from "../../disk/mount/mount-disk.js";
import type { DiskAccess } from "../disk-access.js";
import { Arrival } from "./arrival.js";

/** What is being put onto the disk, mount by mount. */
export class Filling {
  readonly #memory: DiskMemory;
  readonly #access: DiskAccess;
  /** A face of the disk for each mount, whose working directory is the mount's root. */
  readonly #disks = new Map<number, MountDisk>();
  readonly #arrivals = new Set<Arrival>();

  constructor(memory: DiskMemory, access: DiskAccess) {
    this.#memory = memory;
    this.#access = access;
  }

  /** `root`: what `Credentials.cwd` takes. */
  add(mount: number, root: number): void {
    const { owner, patience } = this.#access;
    this.#disks.set(
      mount,
      new MountDisk(this.#memory, owner, { uid: 0, gid: 0, umask: 0, cwd: root }, patience),
    );
  }

  /** Takes what the host sends; `done` is told, once, when what was asked for is there, or a negative errno. */
  begin(mount: number, done: (result: number) => void): Arrival {
    const disk = this.#disks.get(mount) as MountDisk;
    const arrival: Arrival = new Arrival(mount, this.#access, disk, done, () =>
      this.#arrivals.delete(arrival),
    );
    this.#arrivals.add(arrival);
    return arrival;
  }

  /** What is on its way beyond what was asked for; undefined where nothing is. */
  ahead(mount: number): Arrival | undefined {
    for (const arrival of this.#arrivals) if (arrival.mount === mount && arrival.isAhead) return arrival;
    return undefined;
  }

  /** What arrives of a directory may be old already. */
  disturb(mount: number, path: string): void {
    for (const arrival of this.#arrivals) if (arrival.mount === mount) arrival.disturbed.add(path);
  }

  /** Has whoever looks into a directory next ask for its names. */
  async doubt(mount: number, path: string): Promise<void> {
    const disk = this.#disks.get(mount) as MountDisk;
    await this.#access.attempt(() => disk.setFilled(path === "" ? "." : path, false));
  }
}
