import { EBADF, EINVAL } from "../../syscall/errno.js";
import type { FdTable } from "../../syscall/process-page.js";
import type { DiskAccess } from "../disk-access.js";

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
  const values: number[] = [];
  let trouble = stdio.length > to.limit ? -EINVAL : 0;
  for (const fd of stdio) {
    if (trouble < 0) break;
    const value = fd < 0 ? -EBADF : from.get(fd);
    if (fd >= 0 && value === -EBADF) trouble = value;
    else if (value >= 0) trouble = Math.min(0, await disk.attempt(() => disk.root.dup(value)));
    if (trouble === 0) values.push(value);
  }
  if (trouble < 0) for (const value of values) if (value >= 0) await disk.attempt(() => disk.root.close(value));
  if (trouble < 0) return trouble;
  // A fresh table has the standard streams of a call.
  for (let fd = 0; fd < 3; fd++) to.free(fd);
  values.forEach((value, fd) => {
    if (value !== -EBADF) to.set(fd, value);
  });
  return 0;
}
