import { constants } from "node:os";
import { type ConnectedMessage, DOWNLOAD_WINDOW_BYTES } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import type { HostConnection } from "../host-call.js";
import type { Endpoint, OutsideHandlers } from "../net/egress.js";
import { Downstream, nobody } from "./downstream.js";
import { Upstream } from "./upstream.js";

/** The number of an error that the host names; an unknown one is as good as a broken connection. */
export function errnoOf(code: string): number {
  const { errno } = constants;
  return -(errno[code as keyof typeof errno] ?? errno.ECONNRESET);
}

/** A connection that leaves the machine: asked for, then open, then over. */
export class OutsideConnection {
  readonly #disk: DiskAccess;
  readonly #connection: HostConnection;
  readonly #id: number;
  readonly remote: Endpoint;
  readonly #handlers: OutsideHandlers;
  readonly #onOver: () => void;
  #up: Upstream | null = null;
  #down: Downstream | null = null;
  #downId = 0;
  /** Why nothing more comes, if it is not an orderly end. */
  #error = 0;
  #hungUp = false;

  /** `onOver` is called when the host need not be told anything of it any more. */
  constructor(parts: {
    disk: DiskAccess;
    connection: HostConnection;
    id: number;
    remote: Endpoint;
    handlers: OutsideHandlers;
    onOver: () => void;
  }) {
    this.#disk = parts.disk;
    this.#connection = parts.connection;
    this.#id = parts.id;
    this.remote = parts.remote;
    this.#handlers = parts.handlers;
    this.#onOver = parts.onOver;
    const { address, port } = parts.remote;
    parts.connection.send({ type: "connect", id: parts.id, address, port });
  }

  /** The host has the connection. */
  connected({ up, down }: ConnectedMessage, local: Endpoint): void {
    const stream = this.#connection.openOutgoing(up);
    const ends = this.#handlers.connected(local);
    this.#downId = down;
    if (ends === null) {
      this.#connection.onIncoming(down, nobody, DOWNLOAD_WINDOW_BYTES);
      stream.end();
      this.#sayHangUp();
      this.#onOver();
      return;
    }
    this.#down = new Downstream(this.#disk, ends.received, {
      ended: () => this.#received(),
      unwanted: () => this.hangUp(),
    });
    this.#connection.onIncoming(down, this.#down, DOWNLOAD_WINDOW_BYTES);
    this.#up = new Upstream(this.#disk, ends.sent, stream, () => {
      this.#up = null;
      this.#down?.halfClosed();
      this.#settle();
    });
    this.#settle();
  }

  /** There is no connection. */
  unreachable(code: string): void {
    this.#handlers.failed(errnoOf(code));
    this.#onOver();
  }

  /** It broke; the end of what is received comes next. */
  lost(code: string): void {
    this.#error = errnoOf(code);
    this.#up?.abort();
  }

  /** Nobody wants it any more: what was sent still goes. */
  hangUp(): void {
    if (this.#hungUp) return;
    this.#hungUp = true;
    if (this.#down !== null) this.#connection.discardIncoming(this.#downId);
    this.#down?.close();
    this.#down = null;
    this.#settle();
  }

  #received(): void {
    this.#down = null;
    this.#handlers.closed(this.#error);
    this.#settle();
  }

  #settle(): void {
    if (this.#up !== null || this.#down !== null) return;
    if (this.#hungUp) this.#sayHangUp();
    this.#onOver();
  }

  #sayHangUp(): void {
    this.#connection.send({ type: "hangUp", id: this.#id });
  }
}
