import { Duplex } from "node:stream";
import { Connection, type ConnectionHandlers, type IncomingHandlers } from "../../src/wire/index.js";

/** Any JSON object, as a message. */
export type Message = Record<string, unknown>;

/** Two streams, each of which reads what the other writes, cut up as `cut` says. */
export function duplexPair(cut: (bytes: Buffer) => Buffer[] = (bytes) => [bytes]): [Duplex, Duplex] {
  const make = (other: () => Duplex): Duplex =>
    new Duplex({
      read: () => undefined,
      write: (chunk: Buffer, _encoding, done) => {
        for (const piece of cut(chunk)) other().push(Buffer.from(piece));
        setImmediate(done);
      },
      final: (done) => {
        other().push(null);
        done();
      },
      destroy: (error, done) => {
        if (!other().destroyed) other().push(null);
        done(error);
      },
    });
  const left: Duplex = make(() => right);
  const right: Duplex = make(() => left);
  return [left, right];
}

/** What one end of a connection was told. */
export class Recorder {
  readonly control: Message[] = [];
  readonly breaches: string[] = [];
  readonly closed: (Error | null)[] = [];
  readonly connection: Connection<Message, Message>;
  onControl: ((message: Message) => void) | null = null;

  constructor(duplex: Duplex, transient = false) {
    const handlers: ConnectionHandlers<Message> = {
      parse: (value) => (typeof value === "object" && value !== null ? (value as Message) : "not an object"),
      control: (message) => {
        this.control.push(message);
        this.onControl?.(message);
      },
      protocolError: (reason) => this.breaches.push(reason),
      closed: (error) => this.closed.push(error),
    };
    this.connection = new Connection<Message, Message>(duplex, handlers, { transient });
  }
}

/** A reader that keeps everything and consumes at once. */
export class Collected implements IncomingHandlers {
  readonly chunks: Uint8Array[] = [];
  readonly ended: Promise<void>;
  consume: boolean;
  #end!: () => void;
  #waiting: [number, (bytes: number) => void][] = [];

  constructor(consume = true) {
    this.consume = consume;
    this.ended = new Promise((resolve) => {
      this.#end = resolve;
    });
  }

  get length(): number {
    return this.chunks.reduce((sum, chunk) => sum + chunk.length, 0);
  }

  bytes(): Buffer {
    return Buffer.concat(this.chunks);
  }

  data(bytes: Uint8Array, consumed: (bytes: number) => void): void {
    this.chunks.push(bytes);
    if (this.consume) consumed(bytes.length);
    else this.#waiting.push([bytes.length, consumed]);
  }

  end(): void {
    this.#end();
  }

  /** Consumes what has waited. */
  release(): void {
    for (const [bytes, consumed] of this.#waiting.splice(0)) consumed(bytes);
  }
}

/** Lets everything under way arrive. */
export async function settle(turns = 20): Promise<void> {
  for (let turn = 0; turn < turns; turn++) await new Promise((resolve) => setImmediate(resolve));
}

/** A frame, right unless told otherwise. */
export function frame(
  kind: number,
  stream: number,
  sequence: number,
  payload: Uint8Array | string = "",
  changes: { length?: number; version?: number; reserved?: number } = {},
): Buffer {
  const body = Buffer.from(payload as Uint8Array);
  const header = Buffer.alloc(16);
  header.writeUInt32LE(changes.length ?? body.length, 0);
  header[4] = kind;
  header[5] = changes.version ?? 1;
  header.writeUInt16LE(changes.reserved ?? 0, 6);
  header.writeUInt32LE(stream, 8);
  header.writeUInt32LE(sequence, 12);
  return Buffer.concat([header, body]);
}
