import { duplexPair } from "node:stream";
import {
  Egress,
  type EgressOptions,
  type EgressSession,
  type NameResolver,
} from "../../../src/broker/egress/index.js";
import type { AuditEvent } from "../../../src/policy/audit.js";
import type { NetworkRule, ScopePermission } from "../../../src/policy/permissions.js";
import { checkPermissions } from "../../../src/runtime/options/permissions.js";
import {
  Connection,
  type EgressAnswer,
  type EgressRequest,
  type HostMessage,
  type MachineMessage,
  type OutgoingStream,
} from "../../../src/wire/index.js";
import { parseMachineMessage } from "../../../src/wire/validation.js";

export const limits = {
  connections: 8,
  networkBytes: Number.MAX_SAFE_INTEGER,
  networkBytesPerSecond: 2 ** 30,
  dnsPerSecond: 1000,
};

/** A resolver that knows what it is told, and remembers what it was asked. */
export class FakeResolver implements NameResolver {
  readonly asked: string[] = [];
  readonly #addresses: Record<string, string[] | string[][]>;

  /** Several lists are the answers to several questions, the last one to all further ones. */
  constructor(addresses: Record<string, string[] | string[][]>) {
    this.#addresses = addresses;
  }

  async lookup(name: string): Promise<string[]> {
    return this.#next(name);
  }

  async records(kind: string, name: string): Promise<unknown> {
    const found = this.#next(name);
    return kind === "A" ? found.map((address) => ({ address, ttl: 60 })) : [[kind, name]];
  }

  async reverse(address: string): Promise<string[]> {
    this.asked.push(address);
    return ["a.example"];
  }

  #next(name: string): string[] {
    this.asked.push(name);
    const known = this.#addresses[name];
    if (known === undefined) throw Object.assign(new Error("none"), { code: "ENOTFOUND" });
    if (!Array.isArray(known[0])) return known as string[];
    return (known.length > 1 ? known.shift() : known[0]) as string[];
  }
}

/** What came of an attempt to connect. */
export type Attempt = { code: string; reason: string | null } | OpenConnection;

/** The machine's side of a connection. */
export class OpenConnection {
  readonly up: OutgoingStream;
  readonly ended: Promise<void>;
  received = "";
  bytes = 0;
  /** What came and was not said to be consumed. */
  unread: (() => void)[] = [];
  reading = true;
  lost: string | null = null;
  #onData: (() => void)[] = [];

  constructor(connection: Connection<MachineMessage, HostMessage>, up: number, down: number) {
    this.up = connection.openOutgoing(up);
    this.ended = new Promise((resolve) => {
      connection.onIncoming(down, {
        data: (bytes, consumed) => {
          this.bytes += bytes.length;
          if (bytes.length < 65_536) this.received += Buffer.from(bytes).toString("latin1");
          if (this.reading) consumed(bytes.length);
          else this.unread.push(() => consumed(bytes.length));
          for (const told of this.#onData.splice(0)) told();
        },
        end: resolve,
      });
    });
  }

  write(text: string | Uint8Array): void {
    this.up.write(Buffer.from(text as string));
  }

  /** Resolves when this has been received, or nothing more comes. */
  async until(text: string): Promise<void> {
    while (!this.received.includes(text)) {
      const more = new Promise<boolean>((resolve) => this.#onData.push(() => resolve(true)));
      if (!(await Promise.race([more, this.ended.then(() => false)]))) return;
    }
  }
}

/** A machine that asks the host for what leaves it, over a wire of this process. */
export class TestMachine {
  readonly audit: AuditEvent[] = [];
  readonly session: EgressSession;
  breach: string | null = null;
  readonly #wire: Connection<MachineMessage, HostMessage>;
  readonly #host: Connection<HostMessage, MachineMessage>;
  readonly #attempts = new Map<number, (attempt: Attempt) => void>();
  readonly #open = new Map<number, OpenConnection>();
  readonly #answers = new Map<number, (answer: { error: string | null; records: unknown }) => void>();
  #last = 0;
  #stream = 0;

  constructor(
    network: ScopePermission<NetworkRule>,
    options: Partial<Omit<EgressOptions, "network" | "limits">> & { limits?: Partial<typeof limits> } = {},
  ) {
    const [machine, host] = duplexPair();
    const egress = new Egress({
      loopbackPorts: [],
      onAudit: (event) => this.audit.push(event),
      ...options,
      limits: { ...limits, ...options.limits },
      network: checkPermissions({ network }).network,
    });
    this.#wire = new Connection<MachineMessage, HostMessage>(machine, {
      parse: (value) => value as HostMessage,
      control: (message) => this.#hear(message as EgressAnswer),
      protocolError: (reason) => {
        this.breach = `host: ${reason}`;
      },
      closed: () => undefined,
    });
    this.#host = new Connection<HostMessage, MachineMessage>(host, {
      parse: parseMachineMessage,
      control: (message) => {
        const breach = this.session.handle(message as EgressRequest);
        if (breach !== null) this.#host.breach(breach);
      },
      protocolError: (reason) => {
        this.breach = reason;
      },
      closed: () => undefined,
    });
    this.session = egress.open({
      send: (message) => this.#host.send(message),
      isFull: () => this.#host.full,
      nextStream: () => ++this.#stream,
      openOutgoing: (id) => this.#host.openOutgoing(id),
      onIncoming: (id, handlers) => this.#host.onIncoming(id, handlers),
    });
  }

  send(message: object): void {
    this.#wire.send(message as MachineMessage);
  }

  connect(address: string, port: number, type: "connect" | "associate" = "connect"): Promise<Attempt> {
    return new Promise((resolve) => {
      const id = ++this.#last;
      this.#attempts.set(id, resolve);
      this.send({ type, id, address, port });
    });
  }

  async associate(address: string, port: number): Promise<OpenConnection> {
    return await this.open(address, port, "associate");
  }

  async open(address: string, port: number, type?: "connect" | "associate"): Promise<OpenConnection> {
    const attempt = await this.connect(address, port, type);
    if (attempt instanceof OpenConnection) return attempt;
    throw new Error(`${attempt.code} (${attempt.reason})`);
  }

  hangUp(id = this.#last): void {
    this.send({ type: "hangUp", id });
  }

  resolve(name: string, kind = "lookup"): Promise<{ error: string | null; records: unknown }> {
    return new Promise((resolve) => {
      const id = ++this.#last;
      this.#answers.set(id, resolve);
      this.send({ type: "resolve", id, kind, name, family: 0 });
    });
  }

  #hear(message: EgressAnswer): void {
    if (message.type === "connected") {
      const open = new OpenConnection(this.#wire, message.up, message.down);
      this.#open.set(message.id, open);
      this.#attempts.get(message.id)?.(open);
    } else if (message.type === "unreachable") {
      this.#attempts.get(message.id)?.({ code: message.code, reason: message.reason });
    } else if (message.type === "lost") {
      const open = this.#open.get(message.id);
      if (open !== undefined) open.lost = message.code;
    } else this.#answers.get(message.id)?.(message);
  }
}
