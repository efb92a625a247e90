import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { pipeline } from "node:stream/promises";
import { checkInteger, checkText, readFields } from "../options/checks.js";

/** Options of `rt.expose()`. */
export interface ExposeOptions {
  /** The address of the host to listen at. Default `127.0.0.1`: this computer alone gets there. */
  host?: string | undefined;
  /** The port of the host. Default 0, one that is free. */
  port?: number | undefined;
}

/** Where is listened. */
export interface ExposeAddress {
  host: string;
  port: number;
}

/** Connections at a time; more are refused. */
const MAX_CONNECTIONS = 256;

/** Checks the options. Throws InvalidOptionError. */
export function checkExpose(options: unknown): ExposeAddress {
  const { host, port } = readFields(options, "options", ["host", "port"]);
  return {
    host: host === undefined ? "127.0.0.1" : checkText(host, "host"),
    port: port === undefined ? 0 : checkInteger(port, "port", { min: 0, max: 65_535, unit: "a port" }),
  };
}

/**
 * A listener of the host that leads to a server in the guest: each connection becomes one there, byte for byte.
 *
 * @example
 * ```ts
 * await using preview = await rt.expose(3000);
 * console.log(preview.url); // http://127.0.0.1:49153
 * ```
 */
export class ExposedPort implements AsyncDisposable {
  /** The address of the host. */
  readonly host: string;
  /** The port of the host. */
  readonly port: number;
  readonly #server: Server;
  readonly #sockets: ReadonlySet<Socket>;

  private constructor(server: Server, sockets: ReadonlySet<Socket>) {
    const { address, port } = server.address() as { address: string; port: number };
    this.host = address;
    this.port = port;
    this.#server = server;
    this.#sockets = sockets;
  }

  /** @internal */
  static async open({ host, port }: ExposeAddress, connect: () => Promise<Duplex>): Promise<ExposedPort> {
    const sockets = new Set<Socket>();
    const server = createServer({ allowHalfOpen: true, pauseOnConnect: true }, (socket) => {
      sockets.add(socket);
      socket.once("close", () => sockets.delete(socket));
      void carry(socket, connect);
    });
    server.maxConnections = MAX_CONNECTIONS;
    await new Promise<void>((resolve, reject) => {
      server.once("error", reject);
      server.listen(port, host, resolve);
    });
    return new ExposedPort(server, sockets);
  }

  /** The address for a browser. */
  get url(): string {
    return `http://${this.host.includes(":") ? `[${this.host}]` : this.host}:${this.port}`;
  }

  /** Listens no more, and ends all connections. May be called again. */
  async close(): Promise<void> {
    for (const socket of this.#sockets) socket.destroy();
    if (!this.#server.listening) return;
    await new Promise((resolve) => this.#server.close(resolve));
  }

  /** `close()`, for `await using`. */
  async [Symbol.asyncDispose](): Promise<void> {
    await this.close();
  }
}

/** Both directions, until both have ended or one fails; a connection that can't be had ends the other one. */
async function carry(socket: Socket, connect: () => Promise<Duplex>): Promise<void> {
  socket.on("error", () => socket.destroy());
  try {
    const connection = await connect();
    if (socket.destroyed) connection.destroy();
    else await Promise.all([pipeline(socket, connection), pipeline(connection, socket)]);
  } catch {
    // Whoever is at the other end sees it end.
    socket.destroy();
  }
}
