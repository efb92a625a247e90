import type { Socket } from "node:dgram";
import { DatagramReader, frameDatagram } from "../../wire/datagrams.js";
import { type OutgoingStream, WINDOW_BYTES } from "../../wire/index.js";
import type { Meter } from "./meter.js";
import { Timers } from "./timers.js";

/** An association over which nothing goes for so long is over, in milliseconds. */
const IDLE = 60_000;
/** What the network adds to a datagram, in bytes: empty ones count too. */
const OVERHEAD = 28;

/** What an association tells. */
export interface AssociationEvents {
  /** It does what it was not allowed for, and is ended for it. */
  refused(reason: string): void;
  /** Nothing of it is left. */
  over(): void;
}

/**
 * Datagrams between a socket of a guest and one remote address, by a socket of the host that is connected to
 * it and hears nobody else. What there is no room or no rate for is lost, as datagrams may be.
 */
export class Association {
  readonly #socket: Socket;
  readonly #down: OutgoingStream;
  readonly #meter: Meter;
  readonly #events: AssociationEvents;
  readonly #reader = new DatagramReader();
  readonly #timers = new Timers();
  readonly #idle: NodeJS.Timeout;
  #closed = false;

  constructor(parts: { socket: Socket; down: OutgoingStream; meter: Meter; events: AssociationEvents }) {
    this.#socket = parts.socket;
    this.#down = parts.down;
    this.#meter = parts.meter;
    this.#events = parts.events;
    this.#idle = setTimeout(() => this.destroy(), IDLE).unref();
    this.#socket.on("message", (datagram) => this.#receive(datagram));
    // Such as that nobody listens there, which whoever sends datagrams need not be told.
    this.#socket.on("error", () => undefined);
  }

  /** Bytes of the machine's: they are consumed when their datagrams have left. */
  send(bytes: Uint8Array, consumed: (bytes: number) => void): void {
    const datagrams = this.#closed ? [] : this.#reader.push(bytes);
    const wait = this.#meter.pass(bytes.length + datagrams.length * OVERHEAD);
    const free = () =>
      wait > 0 ? this.#timers.after(wait, () => consumed(bytes.length)) : consumed(bytes.length);
    if (this.#meter.exhausted) this.#refuse();
    let left = this.#closed ? 0 : datagrams.length;
    if (left === 0) {
      free();
      return;
    }
    this.#idle.refresh();
    for (const datagram of datagrams) {
      this.#socket.send(datagram, () => {
        if (--left === 0) free();
      });
    }
  }

  /** The machine sends nothing more. */
  end(): void {
    this.destroy();
  }

  /** Nobody in the machine has the socket any more. */
  hangUp(): void {
    this.destroy();
  }

  /** Ends it at once. */
  destroy(): void {
    if (this.#closed) return;
    this.#closed = true;
    clearTimeout(this.#idle);
    this.#timers.clear();
    this.#socket.close();
    this.#down.abort();
    this.#events.over();
  }

  #receive(datagram: Buffer): void {
    if (this.#closed || this.#down.queued >= WINDOW_BYTES) return;
    const late = this.#meter.pass(datagram.length + OVERHEAD) > 0;
    if (this.#meter.exhausted) this.#refuse();
    else if (!late) {
      this.#idle.refresh();
      this.#down.write(frameDatagram(datagram));
    }
  }

  #refuse(): void {
    if (this.#closed) return;
    this.#events.refused("limits.networkBytes");
    this.destroy();
  }
}
