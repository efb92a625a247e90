import { EBADF, EINVAL } from "../../syscall/errno.js";
import type { FdTable } from "../../syscall/process-page.js";
import type { DiskAccess } from "../disk-access.js";

/** For a descriptor that stays closed: no value of a table. */
const NONE = Number.MIN_SAFE_INTEGER;

/**
 * Gives a process to come the descriptors that its parent names for it. What was opened for it is closed
 * again where one can't be had. 0, or a negative errno.
 */
export async function inherit(
  disk: DiskAccess,
  from: FdTable,
  to: FdTable,
  stdio: readonly number[],
): Promise<number> {
  if (stdio.length > to.limit) return -EINVAL;
  const values: number[] = [];
  for (const fd of stdio) {
    const value = fd < 0 ? NONE : await share(disk, from, fd);
    if (value === -EBADF) {
      await giveBack(disk, values);
      return value;
    }
    values.push(value);
  }
  // A fresh table has the standard streams of a call.
  for (let fd = 0; fd < 3; fd++) to.free(fd);
  values.forEach((value, fd) => {
    if (value !== NONE) to.set(fd, value);
  });
  return 0;
}

/** The value of a descriptor, with one more reference to what it stands for; -EBADF where there is none. */
async function share(disk: DiskAccess, from: FdTable, fd: number): Promise<number> {
  const value = from.get(fd);
  if (value < 0) return value;
  return (await disk.attempt(() => disk.root.dup(value))) < 0 ? -EBADF : value;
}

async function giveBack(disk: DiskAccess, values: readonly number[]): Promise<void> {
  for (const value of values) if (value >= 0) await disk.attempt(() => disk.root.close(value));
}
