import type { Socket } from "node:net";
import { Duplex } from "node:stream";
import { ClientHello } from "../check/client-hello.js";
import { HeldBytes } from "../check/held-bytes.js";

/** The byte that begins a TLS connection. */
const TLS = 0x16;

/**
 * A connection of which the first bytes decide who takes it: `choose` is told the name that TLS shows, and
 * answers who stands between guest and server, or null for nobody.
 */
export class Front extends Duplex {
  readonly #server: Socket;
  readonly #choose: (name: string) => Duplex | null;
  readonly #held = new HeldBytes();
  readonly #greeting = new ClientHello();
  #taker: Duplex | null = null;

  constructor(server: Socket, choose: (name: string) => Duplex | null) {
    super({ allowHalfOpen: true });
    this.#server = server;
    this.#choose = choose;
    server.on("error", (error) => this.destroy(error));
    server.on("close", () => this.destroy());
  }

  override _write(chunk: Buffer, _encoding: BufferEncoding, done: (error?: Error | null) => void): void {
    if (this.#taker === null) {
      this.#held.push(chunk);
      const found = this.#held.bytes[0] === TLS ? this.#greeting.push(chunk) : { refused: "" };
      if (found === null) done();
      else this.#take("name" in found ? found.name : null, done);
    } else if (this.#taker.write(chunk)) done();
    else this.#taker.once("drain", () => done());
  }

  override _final(done: () => void): void {
    (this.#taker ?? this.#server).end();
    done();
  }

  override _read(): void {
    this.#taker?.resume();
  }

  override _destroy(error: Error | null, done: (error?: Error | null) => void): void {
    this.#server.destroy();
    this.#taker?.destroy();
    done(error);
  }

  /** What a socket has for this: ends after what was written, then destroys. */
  destroySoon(): void {
    if (this.writable) this.end();
    if (this.writableFinished) this.destroy();
    else this.once("finish", () => this.destroy());
  }

  #take(name: string | null, done: () => void): void {
    const taker = (name === null ? null : this.#choose(name)) ?? this.#server;
    this.#taker = taker;
    if (taker !== this.#server) {
      taker.on("error", (error) => this.destroy(error));
      taker.on("close", () => this.destroy());
    }
    taker.on("data", (bytes: Buffer) => {
      if (!this.push(bytes)) taker.pause();
    });
    taker.on("end", () => this.push(null));
    if (taker.write(this.#held.take())) done();
    else taker.once("drain", () => done());
  }
}
