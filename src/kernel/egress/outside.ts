import { isIPv6 } from "node:net";
import type { NetworkRules } from "../../policy/network.js";
import { OWN_IPV4, OWN_IPV6 } from "../../syscall/socket-name.js";
import {
  type ConnectedMessage,
  DOWNLOAD_WINDOW_BYTES,
  type EgressAnswer,
  type QuestionKind,
  type ResolvedMessage,
} from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import type { HostConnection } from "../host-call.js";
import type { Egress, Endpoint, OutsideHandlers } from "../net/egress.js";
import { Associations } from "./associations.js";
import { nobody } from "./downstream.js";
import { OutsideConnection } from "./outside-connection.js";

/** Linux's range of ports for that. */
const FIRST_PORT = 32_768;
const LAST_PORT = 60_999;

/** The longest name that the host takes a question about. */
const MAX_NAME = 254;
/** Questions that wait for an answer. */
const MAX_QUESTIONS = 256;

/** Refusals that can be asked about. */
const MAX_REFUSALS = 256;

/** What the host answers to a question. */
export type NameAnswer = Pick<ResolvedMessage, "error" | "reason" | "records">;

/** The way out of the machine, by its host. */
export class Outside implements Egress {
  readonly #disk: DiskAccess;
  readonly #connection: HostConnection;
  readonly #rules: NetworkRules;
  readonly #loopbackPorts: ReadonlySet<number>;
  readonly #connections = new Map<number, OutsideConnection>();
  readonly #associations: Associations;
  /** Why connections were refused, by where to. */
  readonly #refusals = new Map<string, string>();
  readonly #questions = new Map<number, (answer: NameAnswer) => void>();
  #lastConnection = 0;
  #lastQuestion = 0;
  #lastPort = LAST_PORT;

  constructor(
    disk: DiskAccess,
    connection: HostConnection,
    rules: NetworkRules,
    loopbackPorts: readonly number[],
  ) {
    this.#disk = disk;
    this.#connection = connection;
    this.#rules = rules;
    this.#loopbackPorts = new Set(loopbackPorts);
    this.#associations = new Associations(connection, () => ++this.#lastConnection);
  }

  lendsLoopback(operation: "connect" | "udp", address: string, port: number): boolean {
    if (operation === "connect" && this.#loopbackPorts.has(port)) return true;
    return this.#rules.decideOutright(operation, { address, port }).allowed;
  }

  send(
    socket: number,
    remote: Endpoint,
    datagram: Uint8Array,
    received: (datagram: Uint8Array) => void,
  ): Promise<number> {
    return this.#associations.send(socket, remote, datagram, received);
  }

  forget(socket: number): void {
    this.#associations.forget(socket);
  }

  connect(remote: Endpoint, handlers: OutsideHandlers): () => void {
    const id = ++this.#lastConnection;
    const connection = new OutsideConnection({
      disk: this.#disk,
      connection: this.#connection,
      id,
      remote,
      handlers,
      onOver: () => this.#connections.delete(id),
    });
    this.#connections.set(id, connection);
    return () => connection.hangUp();
  }

  /** Asks about a name. */
  ask(kind: QuestionKind, name: string, family: 0 | 4 | 6, answered: (answer: NameAnswer) => void): void {
    const lookup = kind === "lookup";
    if (name.length > MAX_NAME) {
      answered({ error: lookup ? "ENOTFOUND" : "EBADNAME", reason: null, records: null });
      return;
    }
    if (this.#questions.size >= MAX_QUESTIONS) {
      answered({ error: lookup ? "EAI_AGAIN" : "EREFUSED", reason: "too many questions", records: null });
      return;
    }
    const id = ++this.#lastQuestion;
    this.#questions.set(id, answered);
    this.#connection.send({ type: "resolve", id, kind, name, family });
  }

  /** What the host says. */
  hear(message: EgressAnswer): void {
    const { id } = message;
    if (message.type === "resolved") {
      const answered = this.#questions.get(id);
      this.#questions.delete(id);
      answered?.({ error: message.error, reason: message.reason, records: withBytes(message.records) });
      return;
    }
    const connection = this.#connections.get(id);
    const remote = connection?.remote ?? this.#associations.remoteOf(id);
    if (message.type === "unreachable" && remote !== undefined && message.reason !== null) {
      this.#refuse(remote, message.reason);
    }
    if (this.#associations.hear(message)) return;
    if (message.type === "connected") {
      if (connection === undefined) this.#decline(message);
      else connection.connected(message, this.#local(connection.remote));
    } else if (message.type === "unreachable") connection?.unreachable(message.code);
    if (message.type === "lost") connection?.lost(message.code);
  }

  /** Why the last connection to an address and port, with a space between, was refused; nothing if it was not. */
  refusal(where: string): string {
    return this.#refusals.get(where) ?? "";
  }

  #refuse({ address, port }: Endpoint, reason: string): void {
    const key = `${address} ${port}`;
    const [oldest] = this.#refusals.keys();
    if (oldest !== undefined && this.#refusals.size >= MAX_REFUSALS) this.#refusals.delete(oldest);
    this.#refusals.delete(key);
    this.#refusals.set(key, reason);
  }

  /** The host had the connection before it heard that nobody wants it any more. */
  #decline({ up, down }: ConnectedMessage): void {
    this.#connection.openOutgoing(up).end();
    this.#connection.onIncoming(down, nobody, DOWNLOAD_WINDOW_BYTES);
  }

  /** Made up: the host's own is nobody's business. */
  #local({ address }: Endpoint): Endpoint {
    this.#lastPort = this.#lastPort >= LAST_PORT ? FIRST_PORT : this.#lastPort + 1;
    return { address: isIPv6(address) ? OWN_IPV6 : OWN_IPV4, port: this.#lastPort };
  }
}

/** The bytes of a TLSA record came as base64. */
function withBytes(records: unknown): unknown {
  if (!Array.isArray(records)) return records;
  return records.map((record: unknown) => {
    const data = (record as { data?: unknown } | null)?.data;
    return typeof data === "string" && !Array.isArray(record)
      ? { ...(record as object), data: Uint8Array.from(Buffer.from(data, "base64")).buffer }
      : record;
  });
}
