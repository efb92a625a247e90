import type { AuditEvent } from "../../policy/audit.js";
import type { CompiledPermissions } from "../../policy/compiled.js";
import {
  type Connector,
  type DatagramConnector,
  systemConnector,
  systemDatagramConnector,
} from "./connector.js";
import { DecisionLog } from "./decision-log.js";
import { Judge } from "./judge.js";
import { Meter } from "./meter.js";
import { Questions } from "./questions.js";
import { ResolvedNames } from "./resolved-names.js";
import { type NameResolver, systemResolver } from "./resolver.js";
import type { Secrets } from "./secrets/index.js";
import { EgressSession, type EgressWire } from "./session.js";

/** What may leave the machines of a runtime, and how. */
export interface EgressOptions {
  network: CompiledPermissions["network"];
  /** Ports of the host's loopback that guests may reach, whatever the rules say. */
  loopbackPorts: readonly number[];
  limits: {
    /** Connections at a time, and associations for datagrams. */
    connections: number;
    /** Bytes of all connections, both ways. */
    networkBytes: number;
    networkBytesPerSecond: number;
    dnsPerSecond: number;
  };
  /** Must not throw. */
  onAudit?: ((event: AuditEvent) => void) | undefined;
  secrets?: Secrets | undefined;
  /** Default: those of this computer. */
  resolver?: NameResolver | undefined;
  connector?: Connector | undefined;
  datagramConnector?: DatagramConnector | undefined;
}

/**
 * The way out of a runtime: what its machines, one after another, ask for is judged here, with limits that
 * a machine's death doesn't reset.
 */
export class Egress {
  readonly #judge: Judge;
  readonly #questions: Questions;
  readonly #meter: Meter;
  readonly #log: DecisionLog;
  readonly #connector: Connector;
  readonly #datagramConnector: DatagramConnector;
  readonly #connections: number;
  readonly #secrets: Secrets | null;

  constructor(options: EgressOptions) {
    const { network, loopbackPorts, limits, onAudit, secrets, resolver } = options;
    const names = new ResolvedNames();
    this.#judge = new Judge(network, names, loopbackPorts);
    this.#log = new DecisionLog(onAudit);
    this.#questions = new Questions({
      judge: this.#judge,
      names,
      resolver: resolver ?? systemResolver,
      log: this.#log,
      perSecond: limits.dnsPerSecond,
    });
    this.#meter = new Meter(limits.networkBytesPerSecond, limits.networkBytes);
    this.#connector = options.connector ?? systemConnector;
    this.#datagramConnector = options.datagramConnector ?? systemDatagramConnector;
    this.#connections = limits.connections;
    this.#secrets = secrets ?? null;
  }

  /** What one machine asks for. */
  open(wire: EgressWire): EgressSession {
    return new EgressSession(wire, {
      judge: this.#judge,
      questions: this.#questions,
      meter: this.#meter,
      log: this.#log,
      connector: this.#connector,
      datagramConnector: this.#datagramConnector,
      connections: this.#connections,
      secrets: this.#secrets,
    });
  }
}
