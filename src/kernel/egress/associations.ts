import { ENOBUFS } from "../../syscall/errno.js";
import { DatagramReader, frameDatagram } from "../../wire/datagrams.js";
import {
  type ConnectedMessage,
  DOWNLOAD_WINDOW_BYTES,
  type EgressAnswer,
  type OutgoingStream,
  WINDOW_BYTES,
} from "../../wire/index.js";
import type { HostConnection } from "../host-call.js";
import type { Endpoint } from "../net/egress.js";
import { errnoOf } from "./outside-connection.js";

/** Associations that are wanted at a time. */
const MAX_ASSOCIATIONS = 1024;

/** What a socket and one remote address have in common at the host: asked for, then open. */
interface Association {
  key: string;
  socket: number;
  id: number;
  remote: Endpoint;
  received: (datagram: Uint8Array) => void;
  /** Null while it is not open. */
  stream: OutgoingStream | null;
  /** 0 when it is open, or a negative errno. */
  opened: Promise<number>;
  settle: (status: number) => void;
}

/** Datagrams that leave the machine, and those that come back: for each pair of ends a place at the host. */
export class Associations {
  readonly #connection: HostConnection;
  readonly #nextId: () => number;
  readonly #byKey = new Map<string, Association>();
  readonly #byId = new Map<number, Association>();

  constructor(connection: HostConnection, nextId: () => number) {
    this.#connection = connection;
    this.#nextId = nextId;
  }

  async send(
    socket: number,
    remote: Endpoint,
    datagram: Uint8Array,
    received: (datagram: Uint8Array) => void,
  ): Promise<number> {
    const key = `${socket} ${remote.address} ${remote.port}`;
    const there = this.#byKey.get(key);
    if (there === undefined && this.#byKey.size >= MAX_ASSOCIATIONS) return -ENOBUFS;
    const association = there ?? this.#open(key, socket, remote, received);
    const status = await association.opened;
    if (status !== 0) return status;
    const { stream } = association;
    // What the host has no room for is lost.
    if (stream !== null && stream.queued < WINDOW_BYTES) stream.write(frameDatagram(datagram));
    return 0;
  }

  /** A socket is gone. */
  forget(socket: number): void {
    for (const association of [...this.#byKey.values()]) {
      if (association.socket !== socket) continue;
      this.#connection.send({ type: "hangUp", id: association.id });
      this.#end(association);
      association.settle(-ENOBUFS);
    }
  }

  remoteOf(id: number): Endpoint | undefined {
    return this.#byId.get(id)?.remote;
  }

  /** What the host says; false if it is about no association. */
  hear(message: EgressAnswer): boolean {
    const association = this.#byId.get(message.id);
    if (association === undefined || message.type === "resolved") return false;
    if (message.type === "connected") this.#connected(association, message);
    else if (message.type === "unreachable") {
      this.#end(association);
      association.settle(errnoOf(message.code));
    }
    return true;
  }

  #open(
    key: string,
    socket: number,
    remote: Endpoint,
    received: (datagram: Uint8Array) => void,
  ): Association {
    const id = this.#nextId();
    let settle: Association["settle"] = () => undefined;
    const opened = new Promise<number>((resolve) => {
      settle = resolve;
    });
    const association = { key, socket, id, remote, received, stream: null, opened, settle };
    this.#byKey.set(key, association);
    this.#byId.set(id, association);
    this.#connection.send({ type: "associate", id, address: remote.address, port: remote.port });
    return association;
  }

  #connected(association: Association, { up, down }: ConnectedMessage): void {
    const reader = new DatagramReader();
    association.stream = this.#connection.openOutgoing(up);
    const data = (bytes: Uint8Array, consumed: (bytes: number) => void): void => {
      for (const datagram of reader.push(bytes)) association.received(datagram);
      consumed(bytes.length);
    };
    const end = (): void => this.#end(association);
    this.#connection.onIncoming(down, { data, end }, DOWNLOAD_WINDOW_BYTES);
    association.settle(0);
  }

  #end(association: Association): void {
    const { key, id, stream } = association;
    this.#byKey.delete(key);
    this.#byId.delete(id);
    stream?.end();
    association.stream = null;
  }
}
