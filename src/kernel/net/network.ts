import { TCP_QUEUE, TCP_STREAM, UDP_QUEUE, UNIX_QUEUE } from "../../disk/socket.js";
import {
  EACCES,
  EADDRINUSE,
  EADDRNOTAVAIL,
  ECONNREFUSED,
  EINVAL,
  EMSGSIZE,
  ENOBUFS,
} from "../../syscall/errno.js";
import type { FdTable } from "../../syscall/process-page.js";
import { BIND_IPV6_ONLY, BIND_SHARED, FAMILY_UNIX } from "../../syscall/socket-name.js";
import { MAX_DATAGRAM } from "../../wire/datagrams.js";
import type { DiskAccess } from "../disk-access.js";
import {
  asFamily,
  destination,
  type InetAddress,
  inetAddress,
  isInet,
  isOwn,
  isWildcard,
  nameBytes,
  type SocketName,
  sourceFor,
  unmapped,
} from "./address.js";
import { type Binding, Bindings, MAX_BINDINGS } from "./bindings.js";
import { datagramBytes } from "./datagram.js";
import type { Egress } from "./egress.js";
import { noEgress } from "./no-egress.js";
import { leaveMachine } from "./outside.js";
import { isTaken, MAX_BACKLOG, persist, refuseQueued } from "./queue.js";

/** Whether the rules allow what goes nowhere but within the machine; a refusal is reported. */
export type InsideJudge = (operation: "listen" | "loopback", target: InetAddress) => boolean;

/** Who asks: a process's number and its descriptors. */
export interface Asker {
  readonly pid: number;
  readonly files: FdTable;
}

/** Who takes connections. */
export interface Listener {
  readonly name: SocketName;
  readonly pid: number;
}

/** More connections than this don't wait for room at a time. */
const MAX_WAITING = 4096;

/** The sockets of the machine: who has which name, and who gets to whom. Bytes don't come by here. */
export class Network {
  egress: Egress = noEgress;
  judge: InsideJudge = () => true;
  readonly #disk: DiskAccess;
  readonly #bindings = new Bindings();
  /** How many connections wait for room in a queue. */
  #waiting = 0;
  #sweeping = false;
  #sweepAgain = false;

  constructor(disk: DiskAccess) {
    this.#disk = disk;
  }

  /** Whether any socket has a name. */
  get inUse(): boolean {
    return this.#bindings.size > 0;
  }

  /** Who listens, after those have been forgotten that don't any more. */
  async listeners(): Promise<Listener[]> {
    await this.#forget([...this.#bindings]);
    return [...this.#bindings].filter(({ backlog }) => backlog > 0).map(({ name, pid }) => ({ name, pid }));
  }

  /** `SYS_BIND`: the descriptor and what the disk knows the name by, or a negative errno. */
  async bind(
    asker: Asker,
    kind: number,
    flags: number,
    name: SocketName,
  ): Promise<{ fd: number; number: number } | number> {
    const error = this.#bindError(kind, name);
    if (error !== 0) return error;
    const wanted = {
      ...{ kind, ipv6Only: (flags & BIND_IPV6_ONLY) !== 0, shared: (flags & BIND_SHARED) !== 0 },
      ...{ number: this.#bindings.nextNumber(), pid: asker.pid, backlog: 0 },
    };
    await this.#forget(this.#bindings.conflicting({ ...wanted, name }));
    const ends = new Int32Array(2);
    const made = await this.#disk.attempt(() => this.#disk.root.sockets.queue(ends, kind));
    if (made < 0) return -ENOBUFS;
    const [socket, queue] = ends as unknown as [number, number];
    const binding = await this.#enter({ ...wanted, queue }, name, socket);
    const fd = typeof binding === "number" ? binding : asker.files.alloc(socket);
    if (typeof binding !== "number" && fd >= 0) return { number: binding.number, fd };
    await this.#disk.attempt(() => this.#disk.root.close(socket));
    if (typeof binding === "number") await this.#disk.attempt(() => this.#disk.root.close(queue));
    else await this.#drop(binding);
    return fd;
  }

  #bindError(kind: number, name: SocketName): number {
    if (isInet(name) ? kind !== TCP_QUEUE && kind !== UDP_QUEUE : kind !== UNIX_QUEUE) return -EINVAL;
    if (this.#bindings.size >= MAX_BINDINGS) return -ENOBUFS;
    if (!isInet(name)) return 0;
    if (!isOwn(name) && !isWildcard(name)) return -EADDRNOTAVAIL;
    return kind === UDP_QUEUE && name.port !== 0 && !this.judge("listen", name) ? -EACCES : 0;
  }

  /** Gives a socket its name, unless another has it: nothing waits between the look and the deed. */
  async #enter(
    wanted: Omit<Binding, "name" | "inode">,
    name: SocketName,
    socket: number,
  ): Promise<Binding | number> {
    const { root } = this.#disk;
    const stat = new Float64Array(18);
    const stated = await this.#disk.attempt(() => root.fstat(socket, stat));
    if (stated < 0) return -ENOBUFS;
    const own = isInet(name) && name.port === 0 ? { ...name, port: this.#bindings.freePort() } : name;
    if (isInet(own) && own.port === 0) return -EADDRINUSE;
    if (this.#isUsed({ ...wanted, name: own })) return -EADDRINUSE;
    const binding = { ...wanted, name: own, inode: stat[7] as number };
    this.#bindings.add(binding);
    const bytes = nameBytes(own);
    await this.#disk.attempt(() => root.sockets.putNames(socket, false, bytes, new Uint8Array(0)));
    return binding;
  }

  /** A name of TCP is only taken by those who listen. */
  #isUsed(wanted: Pick<Binding, "kind" | "name" | "ipv6Only" | "shared" | "number">): boolean {
    if (!isInet(wanted.name) && wanted.name.family === FAMILY_UNIX) return false;
    return this.#bindings
      .conflicting(wanted)
      .some(({ number, kind, backlog }) => number !== wanted.number && (kind !== TCP_QUEUE || backlog > 0));
  }

  /** `SYS_LISTEN` */
  async listen(asker: Asker, fd: number, backlog: number): Promise<number> {
    const binding = await this.#bound(asker, fd);
    if (binding === undefined || binding.kind === UDP_QUEUE) return -EINVAL;
    if (isInet(binding.name) && !this.judge("listen", binding.name)) return -EACCES;
    if (binding.backlog === 0) {
      await this.#forget(this.#bindings.conflicting(binding).filter((other) => other !== binding));
      if (this.#isUsed(binding)) return -EADDRINUSE;
    }
    binding.backlog = Math.min(Math.max(Math.trunc(backlog) || 1, 1), MAX_BACKLOG);
    return 0;
  }

  async #bound({ files }: Asker, fd: number): Promise<Binding | undefined> {
    const file = files.get(fd);
    const stat = new Float64Array(18);
    const found = file > 0 && (await this.#disk.attempt(() => this.#disk.root.fstat(file, stat))) === 0;
    return found ? this.#bindings.byInode(stat[7] as number) : undefined;
  }

  /** `SYS_CONNECT`: takes the far end, and tells the near one what becomes of the connection. */
  async connect(asker: Asker, farFd: number, boundFd: number, to: SocketName | null): Promise<void> {
    const { root } = this.#disk;
    const far = asker.files.free(farFd);
    if (far <= 0) return;
    const bound = boundFd < 0 ? undefined : await this.#bound(asker, boundFd);
    const status = to === null ? -EINVAL : await this.#reach(far, to, bound?.name);
    if (status === 0) return;
    await this.#disk.attempt(() => root.sockets.settle(far, status));
    await this.#disk.attempt(() => root.close(far));
  }

  /** `SYS_SEND`: what nobody takes, or has no room for, is lost. */
  async send(asker: Asker, fd: number, to: InetAddress, bytes: Uint8Array): Promise<number> {
    const from = await this.#bound(asker, fd);
    if (from === undefined || from.kind !== UDP_QUEUE || !isInet(from.name)) return -EINVAL;
    if (bytes.length > MAX_DATAGRAM) return -EMSGSIZE;
    const target = destination(to);
    if (from.name.family === 4 && target.family === 6) return -EINVAL;
    if (!isOwn(target)) return await this.#sendOutside(from, target, bytes);
    if (!this.judge("loopback", target)) return -EACCES;
    const receiver = this.#bindings.at(UDP_QUEUE, target).at(0);
    if (receiver === undefined || !isInet(receiver.name)) {
      const lent = this.egress.lendsLoopback("udp", target.address, target.port);
      return lent ? await this.#sendOutside(from, target, bytes) : 0;
    }
    const here = isWildcard(from.name) ? sourceFor(target) : from.name.address;
    const source = inetAddress(here, from.name.port) as InetAddress;
    const name = nameBytes(asFamily(unmapped(source), receiver.name.family));
    const datagram = datagramBytes(name, bytes);
    await this.#disk.attempt(() => this.#disk.root.sockets.put(receiver.queue, datagram));
    return 0;
  }

  async #sendOutside(
    { number, name, queue }: Binding,
    remote: InetAddress,
    bytes: Uint8Array,
  ): Promise<number> {
    const source = nameBytes(asFamily(remote, (name as InetAddress).family));
    return await this.egress.send(number, remote, bytes, (answer) => {
      const datagram = datagramBytes(source, answer);
      this.#disk.attempt(() => this.#disk.root.sockets.put(queue, datagram));
    });
  }

  /** Hands the far end to whom it is for. 0, or a negative errno: then the caller still has it. */
  async #reach(far: number, to: SocketName, from: SocketName | undefined): Promise<number> {
    if (!isInet(to)) {
      const binding =
        to.family === FAMILY_UNIX ? this.#bindings.byNumber(Number(to.text)) : this.#abstract(to);
      if (binding === undefined || binding.kind !== UNIX_QUEUE) return -ECONNREFUSED;
      return await this.#introduce(far, binding, { family: FAMILY_UNIX, text: "" }, binding.name);
    }
    const target = destination(to);
    const local = isOwn(target);
    if (local && !this.judge("loopback", target)) return -EACCES;
    const binding = local ? await this.#listenerAt(target) : undefined;
    if (binding === undefined) {
      if (local && !this.egress.lendsLoopback("connect", target.address, target.port)) return -ECONNREFUSED;
      await leaveMachine(this.#disk, this.egress, far, target);
      return 0;
    }
    const client = this.#clientName(target, from);
    return client === null ? -EADDRNOTAVAIL : await this.#introduce(far, binding, client, target, to.family);
  }

  #abstract(name: SocketName): Binding | undefined {
    return this.#bindings.conflicting({ kind: UNIX_QUEUE, name, ipv6Only: false, shared: false })[0];
  }

  async #listenerAt(target: InetAddress): Promise<Binding | undefined> {
    for (const binding of this.#bindings.at(TCP_QUEUE, target)) {
      if (binding.backlog === 0) continue;
      if (await isTaken(this.#disk, binding.queue)) {
        this.#bindings.takeTurn(binding);
        return binding;
      }
      await this.#drop(binding);
    }
    return undefined;
  }

  #clientName(target: InetAddress, from: SocketName | undefined): InetAddress | null {
    const port = from !== undefined && isInet(from) ? from.port : this.#bindings.freePort();
    if (port === 0) return null;
    const given = from !== undefined && isInet(from) && !isWildcard(from) ? from.address : undefined;
    return inetAddress(given ?? sourceFor(target), port);
  }

  /** Names both ends, and has the far one wait for whoever reads the queue. */
  async #introduce(
    far: number,
    { queue, backlog, name: bound }: Binding,
    client: SocketName,
    server: SocketName,
    asked?: 4 | 6,
  ): Promise<number> {
    if (backlog === 0) return -ECONNREFUSED;
    const { sockets } = this.#disk.root;
    const show = (name: SocketName, family: number | undefined) =>
      nameBytes(isInet(name) ? asFamily(name, family === 6 ? 6 : 4) : name);
    const family = isInet(bound) ? bound.family : undefined;
    const names = [
      show(server, family),
      show(client, family),
      show(client, asked),
      show(server, asked),
    ] as const;
    await this.#disk.attempt(() => sockets.putNames(far, false, names[0], names[1]));
    await this.#disk.attempt(() => sockets.putNames(far, true, names[2], names[3]));
    if (this.#waiting >= MAX_WAITING) return -ECONNREFUSED;
    this.#waiting++;
    const queued = await persist(this.#disk, () => sockets.offer(queue, far, backlog));
    this.#waiting--;
    return queued < 0 ? -ECONNREFUSED : 0;
  }

  /**
   * Connects the kernel itself to a port of the machine: an open file, which is the caller's to close, or a
   * negative errno.
   */
  async open(port: number, address = "127.0.0.1"): Promise<number> {
    const target = inetAddress(address, port);
    if (target === null) return -EINVAL;
    const { root } = this.#disk;
    const ends = new Int32Array(2);
    const made = await this.#disk.attempt(() => root.sockets.pair(ends, TCP_STREAM));
    if (made < 0) return -ENOBUFS;
    const [near, far] = ends as unknown as [number, number];
    const binding = await this.#listenerAt(destination(target));
    const client = this.#clientName(target, undefined);
    const status =
      binding === undefined || client === null
        ? -ECONNREFUSED
        : await this.#introduce(far, binding, client, target, target.family);
    if (status === 0) return near;
    await this.#disk.attempt(() => root.close(far));
    await this.#disk.attempt(() => root.close(near));
    return status;
  }

  /** Some sockets may be gone: frees what was kept for them. */
  async sweep(): Promise<void> {
    this.#sweepAgain = true;
    if (this.#sweeping) return;
    this.#sweeping = true;
    while (this.#sweepAgain) {
      this.#sweepAgain = false;
      await this.#forget([...this.#bindings]);
    }
    this.#sweeping = false;
  }

  async #forget(bindings: readonly Binding[]): Promise<void> {
    for (const binding of bindings)
      if (!(await isTaken(this.#disk, binding.queue))) await this.#drop(binding);
  }

  async #drop(binding: Binding): Promise<void> {
    if (!this.#bindings.remove(binding)) return;
    if (binding.kind === UDP_QUEUE) this.egress.forget(binding.number);
    else await refuseQueued(this.#disk, binding.queue);
    await this.#disk.attempt(() => this.#disk.root.close(binding.queue));
  }
}
