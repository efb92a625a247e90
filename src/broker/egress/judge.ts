import type { CompiledPermissions } from "../../policy/compiled.js";
import type { Decision } from "../../policy/decide.js";
import { asciiName, NetworkRules } from "../../policy/network.js";
import type { NetworkOperation } from "../../policy/operations.js";
import type { RequestTarget } from "../../policy/requests.js";
import { canonicalAddress, specialKind } from "./address.js";
import type { ResolvedNames } from "./resolved-names.js";

/** One end of a connection. */
export interface Endpoint {
  address: string;
  port: number;
}

/** What was decided about a question, a connection or a datagram. */
export interface Verdict {
  allowed: boolean;
  /** What decided, as an audit event names it: null for the mode or the default of the scope. */
  rule: string | null;
  /** Of a refusal: why, in words. */
  reason: string;
  /**
   * The names that the connection is for: what it says of itself has to be one of them. Null where the
   * rules allow the address, whatever it is called.
   */
  names: readonly string[] | null;
  /** Whether it depends on each request what becomes of it. */
  requests: boolean;
}

/** What is said on these ports shows whom it is for, or it is nothing that can be judged by a name. */
export const NAMING_PORTS: ReadonlySet<number> = new Set([80, 443]);

/** Of a connection that is asked for nobody knows yet what is said over it: something may be allowed. */
const SOMETHING: RequestTarget = { guess: "allow" };

/** What a rule of the scope is called. */
function nameOf(rule: number | null): string | null {
  return rule === null ? null : `network.rules[${rule}]`;
}

function verdict({ allowed, rule }: Decision, names: readonly string[] | null = null): Verdict {
  const name = nameOf(rule);
  const reason = `denied by ${name ?? "permissions.network"}`;
  return { allowed, rule: name, reason, names, requests: false };
}

/** Judges what is to leave the machine, before anything of it does. */
export class Judge {
  readonly #rules: NetworkRules;
  readonly #names: ResolvedNames;
  readonly #loopbackPorts: ReadonlySet<number>;

  constructor(
    network: CompiledPermissions["network"],
    names: ResolvedNames,
    loopbackPorts: readonly number[],
  ) {
    this.#rules = new NetworkRules(network);
    this.#names = names;
    this.#loopbackPorts = new Set(loopbackPorts);
  }

  /** Whether a resolver may be asked about a name. */
  question(name: string): Verdict {
    return verdict(this.#rules.decide("dns", { host: name }));
  }

  /** Whether a resolver may be asked for the name of an address. */
  reverse(address: string): Verdict {
    const outright = specialKind(address) !== null;
    return verdict(this.#rules[outright ? "decideOutright" : "decide"]("dns", { address }));
  }

  /** Of the addresses that a name has, those that somebody may connect to; `null` says why there are none. */
  usable(addresses: readonly string[]): { addresses: string[]; reason: string } {
    const usable: string[] = [];
    let reason = "";
    for (const text of addresses) {
      const address = canonicalAddress(text);
      if (address === null) continue;
      const kind = specialKind(address);
      if (kind === null || this.#rules.decideOutright("dns", { address }).allowed) usable.push(address);
      else reason = this.#unnamed(address, kind);
    }
    return { addresses: usable, reason };
  }

  /** Whether an address, in its canonical form, may be connected to, or sent a datagram. */
  destination(operation: Extract<NetworkOperation, "connect" | "udp">, remote: Endpoint): Verdict {
    const { address, port } = remote;
    const kind = specialKind(address);
    if (kind === "a loopback address" && operation === "connect" && this.#loopbackPorts.has(port)) {
      return { allowed: true, rule: "loopbackExemptPorts", reason: "", names: null, requests: false };
    }
    const found = this.#destination(operation, remote, kind);
    if (operation === "udp" && found.allowed && found.names !== null && NAMING_PORTS.has(port)) {
      return { ...found, allowed: false, reason: `datagrams to port ${port} show no name` };
    }
    return { ...found, requests: operation === "connect" && found.allowed && this.#areJudged(remote) };
  }

  /** Whether a request may be made over a connection; or without one, something that is no request. */
  request({ address, port }: Endpoint, name: string | null, request?: RequestTarget): Verdict {
    const outright = specialKind(address) !== null;
    const target = { host: name ?? undefined, address, port, request };
    return verdict(this.#rules[outright ? "decideOutright" : "decide"]("connect", target));
  }

  #areJudged({ address, port }: Endpoint): boolean {
    const names = this.#names.of(address);
    return [undefined, ...names].some((host) => this.#rules.dependsOnRequest({ host, address, port }));
  }

  #destination(
    operation: Extract<NetworkOperation, "connect" | "udp">,
    { address, port }: Endpoint,
    kind: string | null,
  ): Verdict {
    if (kind !== null) {
      const decision = this.#rules.decideOutright(operation, { address, port, request: SOMETHING });
      const named = verdict(decision);
      return decision.allowed || decision.rule !== null
        ? named
        : { ...named, reason: this.#unnamed(address, kind) };
    }
    const plain = this.#rules.decide(operation, { address, port, request: SOMETHING });
    if (plain.allowed) return verdict(plain);
    return this.#byName(operation, { address, port }) ?? verdict(plain);
  }

  /** The names that an address was told for. */
  namesOf(address: string): readonly string[] {
    return this.#names.of(address);
  }

  /** Which of the names that the address was told for may be connected to. */
  #byName(operation: NetworkOperation, { address, port }: Endpoint): Verdict | null {
    const target = { address, port, request: SOMETHING };
    const decisions = this.#names
      .of(address)
      .map((name) => ({ name, decision: this.#rules.decide(operation, { ...target, host: name }) }));
    const allowed = decisions.filter(({ decision }) => decision.allowed);
    const [first] = allowed.length > 0 ? allowed : decisions;
    return first === undefined
      ? null
      : verdict(
          first.decision,
          allowed.map(({ name }) => name),
        );
  }

  #unnamed(address: string, kind: string): string {
    return `${address} is ${kind}, which only a rule that names it allows`;
  }
}

/** A name as questions have it; null for what can't be asked about. */
export function questionName(text: string): string | null {
  return text.length <= 254 ? asciiName(text) : null;
}
