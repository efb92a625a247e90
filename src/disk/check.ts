import { formatAs } from "./format.js";
import { geometryFor } from "./layout.js";
import { Findings } from "./repair/findings.js";
import { repair } from "./repair/repair.js";
import type { CheckReport, DiskMemory, DiskSize } from "./types.js";
import { readGeometry, Volume } from "./volume.js";

/**
 * Makes a whole disk of whatever is in the memory, for a machine that is to use it: no thread may be
 * using it now. What can't be right is dropped, as are files that have no name; no file is open after it
 * and the lock is free. With `size`, which the disk was made with, the geometry in the memory is not
 * believed; without it a memory that holds no disk can't be made one, and the call throws.
 */
export function checkDisk(memory: DiskMemory, size?: DiskSize): CheckReport {
  const stated = readGeometry(memory);
  const geometry = size === undefined ? stated : geometryFor(size);
  if (geometry === null) throw new RangeError("The memory holds no disk, and its size is not known");
  if (stated?.blocks !== geometry.blocks || stated.inodes !== geometry.inodes) {
    formatAs(memory, geometry);
    return { repaired: 1, problems: ["no superblock of such a disk"], formatted: true };
  }
  const findings = new Findings();
  repair(new Volume(memory, geometry), false, findings);
  return { repaired: findings.count, problems: findings.problems, formatted: false };
}

/** Whether the memory holds a disk of this size, in whatever state. */
export function holdsDisk(memory: DiskMemory, size: DiskSize): boolean {
  const stated = readGeometry(memory);
  const geometry = geometryFor(size);
  return stated !== null && stated.blocks === geometry.blocks && stated.inodes === geometry.inodes;
}
