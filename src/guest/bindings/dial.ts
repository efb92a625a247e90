import { EMFILE } from "../../syscall/errno.js";
import { SYS_CONNECT } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { primordials } from "../internals.js";
import { nameLength } from "./socket-name.js";

const ends: Int32Array = new primordials.Int32Array(2);

/** Descriptor and open file of a socket; -1 and 0 for none. */
export interface Descriptor {
  readonly fd: number;
  readonly file: number;
}

/** The near end of a connection to be, and where the name is kept that it was bound to, or -1. */
export interface Dialled extends Descriptor {
  readonly bound: number;
}

/**
 * Makes the ends of a connection and has the kernel take the far one to whom `name` is. The descriptor of a
 * socket that is `bound` to a name becomes the connection's. Answers a negative errno if there is no room.
 */
export function dial(env: GuestEnv, kind: number, own: Descriptor, name: Uint8Array): Dialled | number {
  const { disk, fds, channel } = env;
  const made = disk.sockets.pair(ends, kind);
  if (made < 0) return made;
  const near = ends[0] as number;
  const far = ends[1] as number;
  const isBound = own.fd >= 0;
  const fd = isBound ? own.fd : fds.alloc(near);
  const bound = isBound ? fds.alloc(own.file) : -1;
  const farFd = fd < 0 || (isBound && bound < 0) ? -EMFILE : fds.alloc(far);
  if (farFd < 0) {
    if (!isBound) fds.free(fd);
    if (bound >= 0) fds.free(bound);
    disk.close(near);
    disk.close(far);
    return farFd;
  }
  if (bound >= 0) fds.set(fd, near);
  channel.post(SYS_CONNECT, farFd, bound, name, nameLength());
  return { fd, file: near, bound };
}
