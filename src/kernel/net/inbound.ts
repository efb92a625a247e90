import { getSystemErrorName } from "node:util";
import { ECONNREFUSED, ECONNRESET } from "../../syscall/errno.js";
import { OWN_IPV4, OWN_IPV6 } from "../../syscall/socket-name.js";
import type {
  ConnectInMessage,
  Connection,
  HostMessage,
  ListenerDescription,
  MachineMessage,
  OutgoingStream,
} from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import { flowIn, flowOut } from "../streams/flow.js";
import { PipeEnd } from "../streams/pipe-end.js";
import { isInet } from "./address.js";
import type { Network } from "./network.js";

/** What a message can carry of them. */
const MAX_LISTENERS = 4096;

/** The addresses at which a server may be reached that listens to one of them alone. */
const own = ["127.0.0.1", "::1", OWN_IPV4, OWN_IPV6] as const;

/** Connections of the host to servers of the machine: the bytes of each flow on two streams of the wire. */
export class Inbound {
  readonly #disk: DiskAccess;
  readonly #network: Network;
  readonly #connection: Connection<MachineMessage, HostMessage>;
  /** What ends a connection that the host gives up, by its call. */
  readonly #open = new Map<number, () => Promise<void>>();

  constructor(disk: DiskAccess, network: Network, connection: Connection<MachineMessage, HostMessage>) {
    this.#disk = disk;
    this.#network = network;
    this.#connection = connection;
  }

  /** Connects to a port, and says what becomes of that. */
  connect({ call, port, streams }: ConnectInMessage): void {
    const received = this.#connection.openOutgoing(streams.received);
    const ends = this.#reach(port);
    const target = ends.then((made) => (typeof made === "number" ? null : made.received));
    this.#connection.onIncoming(streams.sent, flowIn(target));
    this.#open.set(call, async () => {
      // Nobody grants it room any more.
      received.abort();
      const made = await ends;
      if (typeof made !== "number") await reset(made);
    });
    this.#carry(call, ends, received);
  }

  /** The host wants no more of a connection. */
  close(call: number): void {
    this.#open.get(call)?.();
  }

  /** Tells who listens. */
  async list(call: number): Promise<void> {
    this.#connection.send({ type: "listeners", call, listeners: await this.#listeners() });
  }

  async #listeners(): Promise<ListenerDescription[]> {
    const found: ListenerDescription[] = [];
    for (const { name, pid } of await this.#network.listeners())
      if (isInet(name)) found.push({ address: name.address, port: name.port, pid });
    return found.slice(0, MAX_LISTENERS);
  }

  async #reach(port: number): Promise<Ends | number> {
    let file: number = -ECONNREFUSED;
    for (const address of own) {
      file = await this.#network.open(port, address);
      if (file !== -ECONNREFUSED) break;
    }
    if (file < 0) return file;
    const halves = new Int32Array(2);
    await this.#disk.attempt(() => this.#disk.root.sockets.split(file, halves));
    const [sent, received] = halves as unknown as [number, number];
    return { sent: new PipeEnd(this.#disk, sent), received: new PipeEnd(this.#disk, received) };
  }

  async #carry(call: number, reaching: Promise<Ends | number>, stream: OutgoingStream): Promise<void> {
    const ends = await reaching;
    if (typeof ends === "number") {
      this.#connection.send({ type: "connectedIn", call, error: getSystemErrorName(ends) });
      this.#open.delete(call);
      stream.end();
      return;
    }
    this.#connection.send({ type: "connectedIn", call, error: null });
    const result = await flowOut(ends.sent, stream);
    await ends.sent.close();
    stream.end();
    await stream.flushed();
    this.#open.delete(call);
    this.#connection.send({ type: "closedIn", call, error: result < 0 ? getSystemErrorName(result) : null });
  }
}

async function reset({ sent, received }: Ends): Promise<void> {
  await received.fail(ECONNRESET);
  await received.close();
  await sent.close();
}

/** The kernel's end of a connection: what the guest sends, and what it receives. */
interface Ends {
  sent: PipeEnd;
  received: PipeEnd;
}
