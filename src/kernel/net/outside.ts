import type { DiskAccess } from "../disk-access.js";
import { type InetAddress, nameBytes } from "./address.js";
import type { Egress } from "./egress.js";

/** Hands the far end of a connection to what leads out of the machine. */
export async function leaveMachine(
  disk: DiskAccess,
  egress: Egress,
  far: number,
  remote: InetAddress,
): Promise<void> {
  const { root } = disk;
  const ends = new Int32Array(2);
  await disk.attempt(() => root.sockets.split(far, ends));
  const [sent, received] = ends as unknown as [number, number];

  async function end(status: number): Promise<void> {
    await disk.attempt(() => root.sockets.settle(sent, status));
    await disk.attempt(() => root.close(sent));
    await disk.attempt(() => root.close(received));
  }

  egress.connect(remote, {
    connected({ address, port }) {
      const own = nameBytes({ family: remote.family, address, port });
      const peer = nameBytes(remote);
      const settled = disk
        .attempt(() => root.sockets.putNames(sent, true, own, peer))
        .then(() => disk.attempt(() => root.sockets.settle(sent, 0)));
      settled.catch(() => undefined);
      return { sent, received };
    },
    failed: (errno) => {
      end(errno);
    },
    closed(errno) {
      if (errno !== 0) disk.attempt(() => root.sockets.fail(received, -errno));
    },
  });
}
