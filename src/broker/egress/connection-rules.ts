import type { Scheme } from "../../policy/requests.js";
import type { DecisionLog } from "./decision-log.js";
import type { Endpoint, Judge, Verdict } from "./judge.js";

/** A request over HTTP, to a host by this name: null for one by an address, or by no name of the server's. */
export interface NamedRequest {
  scheme: Scheme;
  name: string | null;
  method: string;
  path: string;
}

/**
 * What the rules say of the requests of one connection, where that depends on what they ask. A name counts
 * as far as the address of the connection was told for it.
 */
export class ConnectionRules {
  readonly #judge: Judge;
  readonly #log: DecisionLog;
  readonly #remote: Endpoint;
  readonly #names: readonly string[];
  /** What decided about the last thing that was refused. */
  refusal: Pick<Verdict, "rule"> | undefined;

  constructor(judge: Judge, log: DecisionLog, remote: Endpoint) {
    this.#judge = judge;
    this.#log = log;
    this.#remote = remote;
    this.#names = judge.namesOf(remote.address);
  }

  /** Why a request may not be made, in words; null if it may. */
  refuse({ scheme, name, method, path }: NamedRequest): string | null {
    this.refusal = undefined;
    const verdict = this.#judge.request(this.#remote, this.#known(name), { scheme, method, path });
    const text = `${method} ${scheme}://${name ?? this.#remote.address}${path.split("?", 1)[0]}`;
    if (!verdict.allowed) return this.#refuse(verdict, text);
    this.#log.decided("connect", text, verdict);
    return null;
  }

  /** The same for a connection that is no HTTP that could be read. */
  refuseOther(names: readonly string[] | null): string | null {
    const verdicts = (names ?? [null]).map((name) => this.#judge.request(this.#remote, name));
    const [first] = verdicts;
    if (first === undefined || verdicts.some(({ allowed }) => allowed)) return null;
    return this.#refuse(first, "a protocol that has no requests");
  }

  /** Whether all that may be said over TLS to a server is allowed, or some of it; a string says why none is. */
  overTls(name: string): { requests: "all" | "some" } | string {
    const known = this.#known(name);
    const best = this.#judge.request(this.#remote, known, { scheme: "https", guess: "allow" });
    if (!best.allowed) return this.#refuse(best, `https://${name}`);
    const worst = this.#judge.request(this.#remote, known, { scheme: "https", guess: "deny" });
    if (worst.allowed) return { requests: "all" };
    // Nobody stands between a program and a server whose address was not asked for: then nothing is read.
    return known === null ? this.#refuse(worst, `https://${name}`) : { requests: "some" };
  }

  #known(name: string | null): string | null {
    return name !== null && this.#names.includes(name) ? name : null;
  }

  #refuse({ rule, reason }: Verdict, subject: string): string {
    this.refusal = { rule };
    return `${subject} ${reason}`;
  }
}
