import type { Duplex } from "node:stream";
import { DisposedError } from "../../errors/disposed-error.js";
import { GuestServerError } from "../../errors/guest-server-error.js";
import type { ResolvedLimits } from "../options/limits.js";
import type { Revival } from "../revival.js";
import { checkExpose, ExposedPort } from "./expose.js";
import { checkFetch, type FetchResult, fetchWhole } from "./fetch.js";
import { createFetchHandler, type FetchHandler } from "./fetch-handler.js";
import {
  checkPort,
  checkQuery,
  describeListeners,
  findListener,
  type Listener,
  waitForListener,
} from "./listeners.js";

/** Connections at a time: each may have a window of the wire wait on both sides. */
const MAX_CONNECTIONS = 512;

/** The servers that run in a runtime, from the host. */
export class Servers {
  readonly #revival: Revival;
  readonly #limits: ResolvedLimits;
  readonly #exposed = new Set<ExposedPort>();
  #connections = 0;

  constructor(revival: Revival, limits: ResolvedLimits) {
    this.#revival = revival;
    this.#limits = limits;
  }

  /** Rejects with GuestServerError where nobody takes the connection. */
  async connect(value: unknown): Promise<Duplex> {
    return await this.#connect(checkPort(value, "port"));
  }

  async #connect(port: number): Promise<Duplex> {
    if (this.#connections >= MAX_CONNECTIONS) {
      throw new GuestServerError(
        "refused",
        port,
        `There are ${MAX_CONNECTIONS} connections to servers already`,
      );
    }
    this.#connections++;
    const leave = (): void => {
      this.#connections--;
    };
    const connected = await this.#ask((live) => live.machine.connect(port)).catch((error: unknown) => {
      leave();
      throw error;
    });
    if (typeof connected !== "string") {
      connected.once("close", leave);
      // Whoever has it hears of errors; nobody has to.
      connected.on("error", () => undefined);
      return connected;
    }
    leave();
    throw await this.#refused(port, connected);
  }

  async #refused(port: number, code: string): Promise<GuestServerError> {
    const listeners = await this.list();
    const taken = listeners.some((listener) => listener.port === port);
    const problem = taken
      ? `The server at port ${port} takes no connection (${code})`
      : `Nobody listens to port ${port}`;
    return new GuestServerError("refused", port, problem, { hint: describeListeners(listeners) });
  }

  readonly list = (): Promise<Listener[]> => this.#ask((live) => live.machine.listeners());

  async #ask<T>(ask: (live: Awaited<ReturnType<Revival["machine"]>>) => Promise<T>): Promise<T> {
    const live = await this.#revival.machine();
    try {
      return await ask(live);
    } catch (error) {
      throw this.#revival.disposed ? new DisposedError() : error;
    }
  }

  async find(query: unknown): Promise<Listener | undefined> {
    const checked = checkQuery(query);
    return findListener(await this.list(), checked);
  }

  async wait(query: unknown, options: unknown): Promise<Listener> {
    return await waitForListener(this.list, query, options);
  }

  async fetch(value: unknown, options: unknown): Promise<FetchResult> {
    const port = checkPort(value, "port");
    return await fetchWhole(port, () => this.#connect(port), checkFetch(options), this.#limits.responseBytes);
  }

  fetchHandler(value: unknown): FetchHandler {
    const port = checkPort(value, "port");
    return createFetchHandler(port, () => this.#connect(port));
  }

  async expose(value: unknown, options: unknown): Promise<ExposedPort> {
    const port = checkPort(value, "port");
    if (this.#revival.disposed) throw new DisposedError();
    const exposed = await ExposedPort.open(checkExpose(options), () => this.#connect(port));
    if (this.#revival.disposed) {
      await exposed.close();
      throw new DisposedError();
    }
    this.#exposed.add(exposed);
    return exposed;
  }

  /** Closes the host's listeners. */
  async dispose(): Promise<void> {
    await Promise.all([...this.#exposed].map((exposed) => exposed.close()));
  }
}
