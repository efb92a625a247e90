import { EBADF, EINVAL } from "../../syscall/errno.js";
import type { FdTable } from "../../syscall/process-page.js";
import type { DiskAccess } from "../disk-access.js";

/** For a descriptor that stays closed: no value of a table. */
const NONE = Number.MIN_SAFE_INTEGER;

/**
 * What a process to come gets as its descriptors, of which its parent names its own, with one more reference
 * to each. What was taken is given back where one can't be had. A negative errno then.
 */
export async function takeDescriptors(
  disk: DiskAccess,
  from: FdTable,
  stdio: readonly number[],
  limit: number,
): Promise<readonly number[] | number> {
  if (stdio.length > limit) return -EINVAL;
  const values: number[] = [];
  for (const fd of stdio) {
    const value = fd < 0 ? NONE : await share(disk, from, fd);
    if (value === -EBADF) {
      await giveBack(disk, values);
      return value;
    }
    values.push(value);
  }
  return values;
}

/** Fills the table of a process that has not started. */
export function giveDescriptors(to: FdTable, values: readonly number[]): void {
  // A fresh table has something in their place.
  for (let fd = 0; fd < 3; fd++) to.free(fd);
  values.forEach((value, fd) => {
    if (value !== NONE) to.set(fd, value);
  });
}

/** Drops the references of a process that will not be. */
export async function giveBack(disk: DiskAccess, values: readonly number[]): Promise<void> {
  for (const value of values) if (value >= 0) await disk.attempt(() => disk.root.close(value));
}

/** The value of a descriptor, with one more reference to what it stands for; -EBADF where there is none. */
async function share(disk: DiskAccess, from: FdTable, fd: number): Promise<number> {
  const value = from.get(fd);
  if (value < 0) return value;
  return (await disk.attempt(() => disk.root.dup(value))) < 0 ? -EBADF : value;
}
