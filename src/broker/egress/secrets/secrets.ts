import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { asciiName } from "../../../policy/network.js";
import type { ConnectionRules } from "../connection-rules.js";
import type { Authority } from "./authority.js";
import { Front } from "./front.js";
import { intercept } from "./interception.js";
import { isForHost, type ResolvedSecret } from "./secret.js";

/** Hears which secret a request was given, or why one was refused. */
export type SecretListener = (text: string, secret: string | null) => void;

/** A connection that somebody may have to stand in the way of. */
export interface Fronted {
  upstream: Socket;
  /** The names that its address was told for. */
  names: readonly string[];
  port: number;
  /** What of it is allowed, where that depends on what is asked. */
  rules: ConnectionRules | null;
  onRequest: SecretListener;
}

/** The secrets of a runtime, for the connections to their hosts, and its rules about https. */
export class Secrets {
  readonly #secrets: readonly ResolvedSecret[];
  readonly #authority: Authority;
  readonly #tls: ConnectionOptions;

  /** `tls` is more of how servers are spoken to. */
  constructor(secrets: readonly ResolvedSecret[], authority: Authority, tls: ConnectionOptions = {}) {
    this.#secrets = secrets;
    this.#authority = authority;
    this.#tls = tls;
  }

  /** Stands in front of a connection if secrets are for one of its names, or rules about its requests; null if not. */
  front({ upstream, names, port, rules, onRequest }: Fronted): Front | null {
    const hosts = names.filter((name) => this.#for(name, port).length > 0);
    if (hosts.length === 0 && rules === null) return null;
    return new Front(upstream, (shown) => {
      const name = asciiName(shown);
      if (name === null || !(hosts.includes(name) || isJudged(rules, name))) return null;
      const secrets = hosts.includes(name) ? this.#for(name, port) : [];
      const context = this.#authority.contextFor(name);
      return intercept({ upstream, name, port, context, secrets, rules, tls: this.#tls, onRequest });
    });
  }

  #for(name: string, port: number): ResolvedSecret[] {
    return this.#secrets.filter((secret) => isForHost(secret, name, port));
  }
}

/** Whether it depends on each request to a server over TLS whether it is allowed. */
function isJudged(rules: ConnectionRules | null, name: string): boolean {
  const over = rules?.overTls(name);
  return typeof over === "object" && over.requests === "some";
}
