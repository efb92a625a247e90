import { ERESTARTSYS } from "../../syscall/errno.js";
import type { DiskAccess } from "../disk-access.js";

/** Bytes of a connection that waits: the number of its open file. */
const RECORD = 4;

/** No queue has room for more. */
export const MAX_BACKLOG = 4096;

/** Answers what a call does that may have to wait for a guest, when it no longer has to. */
export async function persist(disk: DiskAccess, operation: () => number): Promise<number> {
  for (;;) {
    let changed: Promise<void> | undefined;
    const result = await disk.attempt(() => {
      const answer = operation();
      if (answer === -ERESTARTSYS)
        changed = new Promise((resolve) => {
          if (!disk.root.waitLater(resolve)) resolve();
        });
      return answer;
    });
    if (changed === undefined) return result;
    await changed;
  }
}

/** Whether somebody takes from a queue. */
export async function isTaken(disk: DiskAccess, queue: number): Promise<boolean> {
  return (await disk.attempt(() => disk.root.sockets.isTaken(queue))) !== 0;
}

/** Ends the connections that nobody has taken from a queue. */
export async function refuseQueued(disk: DiskAccess, queue: number): Promise<void> {
  const record = new Int32Array(1);
  const bytes = new Uint8Array(record.buffer);
  for (let count = 0; count < MAX_BACKLOG; count++) {
    const taken = await disk.attempt(() => disk.root.sockets.takeBack(queue, bytes));
    if (taken !== RECORD) return;
    await disk.attempt(() => disk.root.sockets.reset(record[0] as number));
  }
}
