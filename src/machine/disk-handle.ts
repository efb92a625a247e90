import { closeSync, constants, fstatSync, openSync, readlinkSync, statSync } from "node:fs";
import { DisposedError } from "../errors/disposed-error.js";
import { ProtocolError } from "../errors/protocol-error.js";
import { look } from "./proc.js";
import type { DiskHandle } from "./types.js";

/** A disk by a descriptor that is this object's to close. */
export class HeldDisk implements DiskHandle {
  readonly fd: number;
  readonly offset: number;
  #size: number;
  #closed = false;
  #users = 0;

  constructor(fd: number, size: number, offset = 0) {
    this.fd = fd;
    this.#size = size;
    this.offset = offset;
  }

  get size(): number {
    return this.#size;
  }

  /** The first machine has made the disk. */
  protected sized(size: number): void {
    this.#size = size;
  }

  async use<T>(work: (fd: number) => Promise<T>): Promise<T> {
    if (this.#closed) throw new DisposedError();
    this.#users++;
    try {
      return await work(this.fd);
    } finally {
      this.#users--;
      this.#settle();
    }
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#settle();
  }

  /** Another file may get the number of a descriptor that is closed, in the middle of what is done with it. */
  #settle(): void {
    if (this.#closed && this.#users === 0) closeSync(this.fd);
  }
}

/**
 * Opens the disk of a machine, which has not run guest code yet. Null where /proc doesn't lead there;
 * throws ProtocolError when it is not what the machine says.
 */
export function holdDisk(pid: number, disk: { fd: number; size: number }): DiskHandle | null {
  const path = `/proc/${pid}/fd/${disk.fd}`;
  const target = look(() => readlinkSync(path));
  if (typeof target === "symbol") return null;
  if (!target.startsWith("/memfd:")) throw new ProtocolError("its disk is not a memfd");
  // Node opens every descriptor so that children don't inherit it.
  const fd = look(() => openSync(path, constants.O_RDWR));
  if (typeof fd === "symbol") return null;
  const { size } = fstatSync(fd);
  if (size === disk.size) return new HeldDisk(fd, size);
  closeSync(fd);
  throw new ProtocolError(`its disk has ${size} bytes in place of ${disk.size}`);
}

/** Whether a machine's descriptor is the disk that the host holds; true where that can't be seen. */
export function isDisk(pid: number, fd: number, held: number): boolean {
  const machines = look(() => statSync(`/proc/${pid}/fd/${fd}`, { bigint: true }));
  if (typeof machines === "symbol") return true;
  const own = fstatSync(held, { bigint: true });
  return machines.dev === own.dev && machines.ino === own.ino;
}
