import type { Socket } from "node:net";
import type { ConnectionOptions } from "node:tls";
import { asciiName } from "../../../policy/network.js";
import type { Authority } from "./authority.js";
import { Front } from "./front.js";
import { intercept } from "./interception.js";
import { isForHost, type ResolvedSecret } from "./secret.js";

/** Hears which secret a request was given, or why one was refused. */
export type SecretListener = (text: string, secret: string | null) => void;

/** The secrets of a runtime, for the connections to their hosts. */
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

  /**
   * Stands in front of a connection to an address that was told for these names, if secrets are for one of
   * them; null if none is.
   */
  front(upstream: Socket, names: readonly string[], port: number, onRequest: SecretListener): Front | null {
    const hosts = names.filter((name) => this.#for(name, port).length > 0);
    if (hosts.length === 0) return null;
    return new Front(upstream, (shown) => {
      const name = asciiName(shown);
      if (name === null || !hosts.includes(name)) return null;
      const secrets = this.#for(name, port);
      const context = this.#authority.contextFor(name);
      return intercept({ upstream, name, port, context, secrets, tls: this.#tls, onRequest });
    });
  }

  #for(name: string, port: number): ResolvedSecret[] {
    return this.#secrets.filter((secret) => isForHost(secret, name, port));
  }
}
