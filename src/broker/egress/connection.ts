import type { Duplex } from "node:stream";
import type { OutgoingStream } from "../../wire/index.js";
import type { Checked, NameCheck } from "./check/name-check.js";
import type { Meter } from "./meter.js";
import { Timers } from "./timers.js";

/** How long what the guest sent may take to leave once it has hung up, in milliseconds. */
const LINGER = 30_000;

/** A socket, or what stands in front of one. */
export type OutsideSocket = Duplex & { destroySoon(): void };

/** What a connection tells. */
export interface ConnectionEvents {
  /** It broke: with the code that Node has for it. Nothing more is received. */
  lost(code: string): void;
  /** It does what it was not allowed for, and is broken for it. */
  refused(reason: string): void;
  /** Nothing of it is left. */
  over(): void;
}

/** One connection: bytes between a stream of the wire and a socket, as fast as the slower reader reads. */
export class OutsideConnection {
  readonly #socket: OutsideSocket;
  readonly #down: OutgoingStream;
  readonly #check: NameCheck | null;
  readonly #meter: Meter;
  readonly #events: ConnectionEvents;
  readonly #timers = new Timers();
  /** The machine will send nothing more. */
  #sent = false;
  #closed = false;
  #broken = false;
  /** What is received waits for the rate. */
  #slowed = false;

  constructor(parts: {
    socket: OutsideSocket;
    down: OutgoingStream;
    check: NameCheck | null;
    meter: Meter;
    events: ConnectionEvents;
  }) {
    this.#socket = parts.socket;
    this.#down = parts.down;
    this.#check = parts.check;
    this.#meter = parts.meter;
    this.#events = parts.events;
    this.#down.onDrain = () => this.#resume();
    this.#socket.on("data", (bytes: Buffer) => this.#receive(bytes));
    this.#socket.on("end", () => this.#down.end());
    this.#socket.on("error", (error: NodeJS.ErrnoException) => this.#break(error.code ?? "ECONNRESET"));
    this.#socket.on("close", () => {
      this.#closed = true;
      this.#timers.clear();
      this.#down.end();
      this.#settle();
    });
  }

  /** Bytes of the machine's. */
  send(bytes: Uint8Array, consumed: (bytes: number) => void): void {
    const checked = this.#check === null ? [bytes] : this.#check.send(bytes);
    const wait = this.#meter.pass(bytes.length);
    const free = () => consumed(bytes.length);
    const left = wait > 0 ? () => this.#timers.after(wait, free) : free;
    if (this.#broken || this.#closed || !this.#pass(checked, left)) free();
  }

  /** The machine sends nothing more. */
  end(): void {
    this.#sent = true;
    this.#socket.end();
    this.#settle();
  }

  /** Nobody in the machine has the connection any more: what was sent still leaves, for a while. */
  hangUp(): void {
    this.#socket.removeAllListeners("data");
    this.#socket.resume();
    this.#down.abort();
    this.#socket.destroySoon();
    this.#timers.after(LINGER, () => this.#socket.destroy());
  }

  /** Ends it at once. */
  destroy(): void {
    this.#socket.destroy();
  }

  #receive(bytes: Buffer): void {
    if (this.#check !== null) this.#pass(this.#check.receive(bytes));
    if (this.#broken) return;
    const wait = this.#meter.pass(bytes.length);
    if (this.#meter.exhausted) {
      this.#refuse("limits.networkBytes");
      return;
    }
    const room = this.#down.write(bytes);
    if (room && wait === 0) return;
    this.#socket.pause();
    this.#slowed = wait > 0;
    if (wait === 0) return;
    this.#timers.after(wait, () => {
      this.#slowed = false;
      this.#resume();
    });
  }

  /** Reads on, if neither the machine nor the rate is in the way. */
  #resume(): void {
    if (!this.#slowed && this.#down.queued === 0) this.#socket.resume();
  }

  /** Writes what was checked; false when there is nothing of it that will leave. */
  #pass(checked: Checked, left?: () => void): boolean {
    if (this.#meter.exhausted) this.#refuse("limits.networkBytes");
    else if (typeof checked === "string") this.#refuse(checked);
    if (this.#broken || typeof checked === "string") return false;
    const parts = checked.filter((part) => part.length > 0);
    parts.forEach((part, index) => {
      this.#socket.write(part, index === parts.length - 1 ? left : undefined);
    });
    return parts.length > 0;
  }

  #refuse(reason: string): void {
    if (this.#broken) return;
    this.#events.refused(reason);
    this.#break("EACCES");
  }

  #break(code: string): void {
    if (this.#broken) return;
    this.#broken = true;
    this.#events.lost(code);
    this.#down.abort();
    this.#socket.destroy();
  }

  #settle(): void {
    if (this.#closed && this.#sent) this.#events.over();
  }
}
