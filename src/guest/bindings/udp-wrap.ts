import { DATAGRAM_HEAD, UDP_QUEUE } from "../../disk/socket.js";
import { BufferPrototypeCopy } from "../../primordials/primordials.js";
import {
  EACCES,
  EALREADY,
  EBADF,
  EINVAL,
  EISCONN,
  EMSGSIZE,
  ENOTCONN,
  ERESTARTSYS,
} from "../../syscall/errno.js";
import { SYS_BIND, SYS_SEND, SYS_UNBOUND } from "../../syscall/numbers.js";
import { BIND_IPV6_ONLY, BIND_SHARED, FAMILY_IPV4, FAMILY_IPV6 } from "../../syscall/socket-name.js";
import { MAX_PAYLOAD } from "../../syscall/thread-page.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { addReason } from "./add-reason.js";
import { callBack, endOperation, later, Operation } from "./completions.js";
import { LoopHandle } from "./loop-handle.js";
import { Memberships } from "./multicast.js";
import { refusalOf } from "./refused-connection.js";
import type { SocketParts } from "./socket-handle.js";
import {
  encodeName,
  isAddress,
  isAnyAddress,
  nameLength,
  readAddress,
  readName,
  type SocketAddress,
} from "./socket-name.js";

const {
  DataViewPrototypeGetByteLength,
  ReflectApply,
  TypedArrayPrototypeGetBuffer,
  TypedArrayPrototypeGetByteLength,
  TypedArrayPrototypeSet,
  TypedArrayPrototypeSlice,
  TypedArrayPrototypeSubarray,
  Uint8Array: ByteView,
} = primordials;
const bufferFrom = Buffer.from;
const { isTypedArray } = requireBuiltin("internal/util/types");
const { getErrorMessage, errname } = internalBinding("uv");

/** Where a datagram is received, and where one is put together to be sent. All sockets of a thread share them. */
const received: Uint8Array = new ByteView(DATAGRAM_HEAD + MAX_PAYLOAD);
const outgoing: Uint8Array = new ByteView(MAX_PAYLOAD);

/** The size that Linux gives to both buffers. */
const BUFFER_SIZE = 212_992;

/** What the `udp_wrap` binding has in its place: datagrams within the machine, and out of it by the kernel. */
export function udpWrap({ env, port, events }: SocketParts): Record<string, Internal> {
  const { constants } = internalBinding("udp_wrap");

  class UDP {
    readonly #handle = new LoopHandle({ port, events }, this, "UDPWRAP");
    readonly #memberships = new Memberships();
    readonly #bufferSizes = [BUFFER_SIZE, BUFFER_SIZE];
    #fd = -1;
    #file = 0;
    #closed = false;
    #receiving = false;
    /** `#receivable` will be called. */
    #awaited = false;
    /** Whom the socket is connected to, as datagrams name it. */
    #peer: { family: number; address: string; port: number } | null = null;
    declare onmessage: Internal;

    get fd(): number {
      return this.#fd;
    }

    open(fd: number): number {
      const file = env.fds.get(fd);
      if (file <= 0) return -EBADF;
      if (env.disk.sockets.kind(file) !== UDP_QUEUE) return -EINVAL;
      this.#fd = fd;
      this.#file = file;
      return 0;
    }

    bind(address: string, localPort: number, flags: number): number {
      return this.#bind(FAMILY_IPV4, address, localPort, flags);
    }

    bind6(address: string, localPort: number, flags: number): number {
      return this.#bind(FAMILY_IPV6, address, localPort, flags);
    }

    #bind(family: number, address: string, localPort: number, flags: number): number {
      if (this.#fd >= 0 || !isAddress(address, family)) return -EINVAL;
      const only = (flags & constants.UV_UDP_IPV6ONLY) !== 0 ? BIND_IPV6_ONLY : 0;
      const reuse = constants.UV_UDP_REUSEADDR | constants.UV_UDP_REUSEPORT;
      const shared = (flags & reuse) !== 0 ? BIND_SHARED : 0;
      const name = encodeName(family, address, localPort);
      const fd = env.channel.call(SYS_BIND, UDP_QUEUE, only | shared, name, nameLength());
      return fd < 0 ? fd : this.open(fd);
    }

    connect(address: string, peerPort: number): number {
      return this.#connect(FAMILY_IPV4, address, peerPort);
    }

    connect6(address: string, peerPort: number): number {
      return this.#connect(FAMILY_IPV6, address, peerPort);
    }

    #connect(family: number, address: string, peerPort: number): number {
      if (this.#file === 0) return -EBADF;
      if (!isAddress(address, family)) return -EINVAL;
      if (this.#peer !== null) return -EISCONN;
      this.#peer = { family, address, port: peerPort };
      return 0;
    }

    disconnect(): number {
      if (this.#peer === null) return -ENOTCONN;
      this.#peer = null;
      return 0;
    }

    /** To a connected socket's peer, port and address are left out. Answers a byte more than were sent. */
    send(
      request: Internal,
      list: Uint8Array[],
      _count: number,
      peerPort: unknown,
      address?: unknown,
    ): number {
      return this.#send(request, FAMILY_IPV4, list, peerPort, address);
    }

    send6(
      request: Internal,
      list: Uint8Array[],
      _count: number,
      peerPort: unknown,
      address?: unknown,
    ): number {
      return this.#send(request, FAMILY_IPV6, list, peerPort, address);
    }

    #send(
      request: Internal,
      family: number,
      list: Uint8Array[],
      peerPort: unknown,
      address: unknown,
    ): number {
      if (this.#file === 0) return -EBADF;
      const to = typeof address === "string" ? { family, address, port: peerPort as number } : this.#peer;
      if (to === null || !isAddress(to.address, to.family)) return -EINVAL;
      const name = encodeName(to.family, to.address, to.port);
      const start = nameLength();
      TypedArrayPrototypeSet(outgoing, TypedArrayPrototypeSubarray(name, 0, start), 0);
      const end = gather(list, start);
      if (end < 0) return end;
      const result = env.channel.call(SYS_SEND, this.#fd, start, outgoing, end);
      if (result >= 0) return end - start + 1;
      return result === -EACCES && this.#explain(request, to) ? 0 : result;
    }

    /** Has the error that the request ends with say what refused it; false if that is not known, or not heard. */
    #explain(request: Internal, { address, port }: { address: string; port: number }): boolean {
      const { callback } = request;
      const reason = typeof callback === "function" ? refusalOf(env, address, port) : "";
      if (reason === "") return false;
      request.callback = (error: Internal) => {
        addReason(error, reason);
        ReflectApply(callback, undefined, [error]);
      };
      const operation = new Operation("UDPSENDWRAP", request);
      later(() => {
        try {
          callBack(operation, request, () => request.oncomplete(-EACCES));
        } finally {
          endOperation(operation);
        }
      });
      return true;
    }

    recvStart(): number {
      if (this.#file === 0) return -EBADF;
      if (this.#receiving) return -EALREADY;
      this.#receiving = true;
      this.#handle.open();
      later(this.#receive);
      return 0;
    }

    recvStop(): number {
      this.#receiving = false;
      return 0;
    }

    readonly #receive = (): void => {
      while (this.#receiving && !this.#closed && !this.#awaited) {
        const length = env.disk.sockets.take(this.#file, received);
        if (length === -ERESTARTSYS) {
          this.#awaited = env.disk.waitLater(this.#receivable);
        } else {
          if (length < 0) return;
          later(this.#receive);
          this.#deliver(length);
          return;
        }
      }
    };

    readonly #receivable = (): void => {
      this.#awaited = false;
      later(this.#receive);
    };

    #deliver(length: number): void {
      const named = DATAGRAM_HEAD + ((received[0] as number) | ((received[1] as number) << 8));
      const sender = readName(received, DATAGRAM_HEAD);
      if (named > length || sender === null || !this.#hears(sender)) return;
      const { onmessage } = this;
      if (typeof onmessage !== "function") return;
      const bytes = bufferFrom(
        TypedArrayPrototypeGetBuffer(TypedArrayPrototypeSlice(received, named, length)),
      );
      callBack(this.#handle.operation, this, () =>
        ReflectApply(onmessage, this, [length - named, this, bytes, sender]),
      );
    }

    /** A connected socket hears its peer alone. */
    #hears({ address, port: from }: SocketAddress): boolean {
      const peer = this.#peer;
      return peer === null || (from === peer.port && (address === peer.address || isAnywhere(peer.address)));
    }

    getsockname(out: Internal): number {
      return this.#file === 0 ? -EBADF : readAddress(env, this.#file, false, out);
    }

    getpeername(out: Internal): number {
      const peer = this.#peer;
      if (this.#file === 0) return -EBADF;
      if (peer === null) return -ENOTCONN;
      out.address = peer.address;
      out.family = peer.family === FAMILY_IPV4 ? "IPv4" : "IPv6";
      out.port = peer.port;
      return 0;
    }

    /** Sizes are only told; what is asked for is doubled, as Linux does. */
    bufferSize(size: number, isReceiving: boolean, context: Internal): number | undefined {
      const errno = this.#opened();
      const which = isReceiving ? 1 : 0;
      if (errno === 0 && size !== 0) this.#bufferSizes[which] = 2 * size;
      if (errno === 0) return size === 0 ? this.#bufferSizes[which] : size;
      context.errno = errno;
      context.code = errname(errno);
      context.message = getErrorMessage(errno);
      context.syscall = isReceiving ? "uv_recv_buffer_size" : "uv_send_buffer_size";
      return undefined;
    }

    getSendQueueSize(): number {
      return 0;
    }

    getSendQueueCount(): number {
      return 0;
    }

    // Nothing is routed between threads.
    setBroadcast(): number {
      return this.#opened();
    }

    setTTL(ttl: number): number {
      return this.#opened() || (ttl >= 1 && ttl <= 255 ? 0 : -EINVAL);
    }

    setMulticastTTL(ttl: number): number {
      return this.#opened() || (ttl >= 0 && ttl <= 255 ? 0 : -EINVAL);
    }

    setMulticastLoopback(): number {
      return this.#opened();
    }

    setMulticastInterface(address: string): number {
      return this.#opened() || (isAnyAddress(address) ? 0 : -EINVAL);
    }

    addMembership(group: string, nearby?: string): number {
      return this.#boundAnywhere(group) || this.#memberships.join(group, "", nearby);
    }

    dropMembership(group: string, nearby?: string): number {
      return this.#boundAnywhere(group) || this.#memberships.leave(group, "", nearby);
    }

    addSourceSpecificMembership(source: string, group: string, nearby?: string): number {
      return this.#boundAnywhere(group) || this.#memberships.join(group, source, nearby);
    }

    dropSourceSpecificMembership(source: string, group: string, nearby?: string): number {
      return this.#boundAnywhere(group) || this.#memberships.leave(group, source, nearby);
    }

    /** Whoever joins a group has a name from then on. */
    #boundAnywhere(group: unknown): number {
      if (this.#file !== 0) return 0;
      if (!isAnyAddress(group)) return -EINVAL;
      return isAddress(group, FAMILY_IPV4) ? this.bind("0.0.0.0", 0, 0) : this.bind6("::", 0, 0);
    }

    #opened(): number {
      return this.#file === 0 ? -EBADF : 0;
    }

    close(callback?: unknown): void {
      if (this.#closed) return;
      this.#closed = true;
      if (this.#fd >= 0) {
        env.fds.free(this.#fd);
        env.disk.close(this.#file);
        env.channel.post(SYS_UNBOUND, 0, 0);
      }
      this.#fd = -1;
      this.#file = 0;
      // A handle is open from its making to its closing for whoever closes it.
      this.#handle.open();
      this.#handle.close(callback);
    }

    ref(): void {
      this.#handle.reference(true);
    }

    unref(): void {
      this.#handle.reference(false);
    }

    hasRef(): boolean {
      return this.#handle.isReferenced && !this.#closed;
    }

    getAsyncId(): number {
      return this.#handle.operation.asyncId;
    }
  }

  return { UDP };
}

/** Puts the parts of a datagram together; where they end, or -EMSGSIZE. */
function gather(list: readonly Uint8Array[], start: number): number {
  let end = start;
  for (let i = 0; i < list.length; i++) {
    const part = list[i] as Uint8Array;
    const size: number = isTypedArray(part)
      ? TypedArrayPrototypeGetByteLength(part)
      : DataViewPrototypeGetByteLength(part);
    if (end + size > MAX_PAYLOAD) return -EMSGSIZE;
    BufferPrototypeCopy(part, outgoing, end, 0, size);
    end += size;
  }
  return end;
}

function isAnywhere(address: string): boolean {
  return address === "0.0.0.0" || address === "::";
}
