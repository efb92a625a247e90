import { isIPv6, type Socket } from "node:net";
import {
  type AssociateMessage,
  type ConnectMessage,
  DOWNLOAD_WINDOW_BYTES,
  type EgressAnswer,
  type EgressRequest,
  type IncomingHandlers,
  type OutgoingStream,
  type ResolveMessage,
} from "../../wire/index.js";
import { canonicalAddress } from "./address.js";
import { Association } from "./association.js";
import { NameCheck } from "./check/name-check.js";
import { OutsideConnection } from "./connection.js";
import { ConnectionRules } from "./connection-rules.js";
import type { Connector, DatagramConnector } from "./connector.js";
import type { DecisionLog } from "./decision-log.js";
import type { Endpoint, Judge, Verdict } from "./judge.js";
import type { Meter } from "./meter.js";
import type { Questions } from "./questions.js";
import type { Secrets } from "./secrets/index.js";

/** The wire to one machine, as far as what leaves it is concerned. */
export interface EgressWire {
  send(message: EgressAnswer): void;
  /** Whether the machine is behind in reading. */
  isFull(): boolean;
  /** A number for a stream. */
  nextStream(): number;
  openOutgoing(id: number, window: number): OutgoingStream;
  onIncoming(id: number, handlers: IncomingHandlers): void;
}

/** What sessions of one runtime share. */
interface Shared {
  judge: Judge;
  questions: Questions;
  meter: Meter;
  log: DecisionLog;
  connector: Connector;
  datagramConnector: DatagramConnector;
  connections: number;
  secrets: Secrets | null;
}

/** Requests that a machine may make while it doesn't read what it is answered. */
const MAX_UNREAD = 4096;

/** What one machine asks for, and its connections. */
export class EgressSession {
  readonly #wire: EgressWire;
  readonly #shared: Shared;
  readonly #connecting = new Map<number, { destroy(): unknown }>();
  readonly #connections = new Map<number, OutsideConnection | Association>();
  #lastConnection = 0;
  #lastQuestion = 0;
  #unread = 0;
  #closed = false;

  constructor(wire: EgressWire, shared: Shared) {
    this.#wire = wire;
    this.#shared = shared;
  }

  /** A string says what is wrong with the request. */
  handle(message: EgressRequest): string | null {
    this.#unread = this.#wire.isFull() ? this.#unread + 1 : 0;
    if (this.#unread > MAX_UNREAD) return "requests without end, and nothing is read of the answers";
    switch (message.type) {
      case "connect":
      case "associate":
        if (message.id <= this.#lastConnection) return "a connection with the number of another";
        this.#lastConnection = message.id;
        this.#reach(message);
        return null;
      case "hangUp":
        if (message.id > this.#lastConnection) return "the end of a connection that was never asked for";
        this.#hangUp(message.id);
        return null;
      case "resolve":
        if (message.id <= this.#lastQuestion) return "a question with the number of another";
        this.#lastQuestion = message.id;
        void this.#resolve(message);
        return null;
    }
  }

  /** The machine is gone. */
  close(): void {
    this.#closed = true;
    for (const socket of this.#connecting.values()) socket.destroy();
    for (const connection of this.#connections.values()) connection.destroy();
    this.#connecting.clear();
    this.#connections.clear();
  }

  async #resolve({ id, kind, name, family }: ResolveMessage): Promise<void> {
    const answer = await this.#shared.questions.answer({ kind, name, family });
    if (!this.#closed) this.#wire.send({ type: "resolved", id, ...answer });
  }

  #reach({ type, id, address: text, port }: ConnectMessage | AssociateMessage): void {
    const address = canonicalAddress(text);
    if (address === null) {
      this.#unreachable(id, "EINVAL", null);
      return;
    }
    const remote = { address, port };
    const operation = type === "connect" ? "connect" : "udp";
    const verdict = this.#shared.judge.destination(operation, remote);
    this.#shared.log.decided(operation, resourceOf(remote), verdict);
    if (!verdict.allowed) this.#unreachable(id, "EACCES", verdict.reason);
    else if (this.#connecting.size + this.#connections.size >= this.#shared.connections) {
      this.#unreachable(id, "EMFILE", "limits.connections");
    } else if (this.#shared.meter.exhausted) this.#unreachable(id, "EACCES", "limits.networkBytes");
    else if (type === "connect") this.#dial(id, remote, verdict);
    else this.#associate(id, remote, verdict);
  }

  #associate(id: number, remote: Endpoint, verdict: Verdict): void {
    const socket = this.#shared.datagramConnector(remote);
    this.#connecting.set(id, { destroy: () => socket.close() });
    const failed = (error: NodeJS.ErrnoException): void => {
      if (!this.#connecting.delete(id)) return;
      socket.close();
      this.#unreachable(id, error.code ?? "ENETUNREACH", null);
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      if (!this.#connecting.delete(id)) return;
      socket.off("error", failed);
      const { up, down } = this.#tellConnected(id);
      const refused = (reason: string): void =>
        this.#shared.log.decided("udp", `${resourceOf(remote)}: ${reason}`, { ...verdict, allowed: false });
      const association = new Association({
        socket,
        down,
        meter: this.#shared.meter,
        events: { refused, over: () => this.#connections.delete(id) },
      });
      this.#carry(id, up, association);
    });
  }

  #dial(id: number, remote: Endpoint, verdict: Verdict): void {
    const socket = this.#shared.connector(remote);
    this.#connecting.set(id, socket);
    const failed = (error: NodeJS.ErrnoException): void => {
      this.#connecting.delete(id);
      this.#unreachable(id, error.code ?? "ECONNREFUSED", null);
    };
    socket.once("error", failed);
    socket.once("connect", () => {
      socket.off("error", failed);
      if (!this.#connecting.delete(id)) return;
      this.#connected(id, remote, socket, verdict);
    });
  }

  #connected(id: number, remote: Endpoint, socket: Socket, verdict: Verdict): void {
    const { up, down } = this.#tellConnected(id);
    const { names, requests } = verdict;
    const { judge, log, secrets: ours } = this.#shared;
    const rules = requests ? new ConnectionRules(judge, log, remote) : null;
    const secret = (text: string, name: string | null): void => {
      const decided = name === null ? rules?.refusal : { rule: `secrets.${name}` };
      log.decided("connect", text, { ...verdict, ...decided, allowed: name !== null });
    };
    const told = judge.namesOf(remote.address);
    const connection = new OutsideConnection({
      socket:
        ours?.front({ upstream: socket, names: told, port: remote.port, rules, onRequest: secret }) ?? socket,
      down,
      check: names === null && rules === null ? null : new NameCheck(names, remote.port, rules),
      meter: this.#shared.meter,
      events: {
        lost: (code) => this.#wire.send({ type: "lost", id, code }),
        refused: (reason) => {
          const resource = `${names?.[0] ?? ""} (${resourceOf(remote)}): ${reason}`;
          log.decided("connect", resource, { ...verdict, ...rules?.refusal, allowed: false });
        },
        over: () => this.#connections.delete(id),
      },
    });
    this.#carry(id, up, connection);
  }

  #tellConnected(id: number): { up: number; down: OutgoingStream } {
    const up = this.#wire.nextStream();
    const down = this.#wire.nextStream();
    this.#wire.send({ type: "connected", id, up, down });
    return { up, down: this.#wire.openOutgoing(down, DOWNLOAD_WINDOW_BYTES) };
  }

  #carry(id: number, up: number, connection: OutsideConnection | Association): void {
    this.#connections.set(id, connection);
    this.#wire.onIncoming(up, {
      data: (bytes, consumed) => connection.send(bytes, consumed),
      end: () => connection.end(),
    });
  }

  #hangUp(id: number): void {
    const socket = this.#connecting.get(id);
    if (socket === undefined) {
      this.#connections.get(id)?.hangUp();
      return;
    }
    this.#connecting.delete(id);
    socket.destroy();
  }

  #unreachable(id: number, code: string, reason: string | null): void {
    if (!this.#closed) this.#wire.send({ type: "unreachable", id, code, reason });
  }
}

/** A place as an audit event names it. */
function resourceOf({ address, port }: Endpoint): string {
  return isIPv6(address) ? `[${address}]:${port}` : `${address}:${port}`;
}
