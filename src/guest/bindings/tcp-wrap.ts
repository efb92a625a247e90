import { TCP_QUEUE, TCP_STREAM } from "../../disk/socket.js";
import { EADDRINUSE, EBADF, EINVAL } from "../../syscall/errno.js";
import { BIND_IPV6_ONLY, BIND_SHARED, FAMILY_IPV4, FAMILY_IPV6 } from "../../syscall/socket-name.js";
import { type Internal, internalBinding } from "../internals.js";
import { SocketHandle, type SocketParts } from "./socket-handle.js";
import { encodeName, isAddress, readAddress } from "./socket-name.js";

const kinds = { stream: TCP_STREAM, queue: TCP_QUEUE, connectType: "TCPCONNECTWRAP" };

/** What the `tcp_wrap` binding has in its place: connections within the machine, and what the kernel leads out of it. */
export function tcpWrap(parts: SocketParts): Record<string, Internal> {
  const { constants } = internalBinding("tcp_wrap");

  class TCP extends SocketHandle {
    constructor(type: number) {
      super(parts, type === constants.SERVER ? "TCPSERVERWRAP" : "TCPWRAP", kinds);
    }

    protected override accepted(): TCP {
      return new TCP(constants.SOCKET);
    }

    protected override bindAnywhere(): number {
      return this.bind("0.0.0.0", 0);
    }

    bind(address: string, port: number, flags = 0): number {
      return this.#bind(FAMILY_IPV4, address, port, flags);
    }

    bind6(address: string, port: number, flags = 0): number {
      return this.#bind(FAMILY_IPV6, address, port, flags);
    }

    #bind(family: number, address: string, port: number, flags: number): number {
      if (!isAddress(address, family)) return -EINVAL;
      const only = (flags & constants.UV_TCP_IPV6ONLY) !== 0 ? BIND_IPV6_ONLY : 0;
      const shared = (flags & constants.UV_TCP_REUSEPORT) !== 0 ? BIND_SHARED : 0;
      const error = this.bindTo(encodeName(family, address, port), only | shared);
      return error === -EADDRINUSE ? this.delay(error) : error;
    }

    connect(request: Internal, address: string, port: number): number {
      if (!isAddress(address, FAMILY_IPV4)) return -EINVAL;
      return this.connectTo(request, encodeName(FAMILY_IPV4, address, port));
    }

    connect6(request: Internal, address: string, port: number): number {
      if (!isAddress(address, FAMILY_IPV6)) return -EINVAL;
      return this.connectTo(request, encodeName(FAMILY_IPV6, address, port));
    }

    getsockname(out: Internal): number {
      return this.file > 0 ? readAddress(parts.env, this.file, false, out) : -EBADF;
    }

    getpeername(out: Internal): number {
      return this.file > 0 ? readAddress(parts.env, this.file, true, out) : -EBADF;
    }

    // Nothing is delayed, nobody falls silent and no packet is marked between threads.
    setNoDelay(): number {
      return 0;
    }

    setKeepAlive(): number {
      return 0;
    }

    setTypeOfService(): number {
      return 0;
    }

    getTypeOfService(): number {
      return 0;
    }
  }

  return { TCP };
}
