import { asciiName } from "../../../policy/network.js";
import type { ConnectionRules } from "../connection-rules.js";
import { NAMING_PORTS } from "../judge.js";
import { ClientHello } from "./client-hello.js";
import { HeldBytes } from "./held-bytes.js";
import type { RequestHead } from "./request-head.js";
import { Requests, type RequestVerdict } from "./requests.js";

/** The byte that begins a TLS connection. */
const TLS = 0x16;
/** What a line of HTTP begins with; servers skip empty lines before it. */
const MAYBE_HTTP = /^[\r\n]*(?:[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}(?: [^\r\n]*\r?)?)?$/u;
/** A name, or an address: one of IPv6 stands in brackets. */
const HOST = /^(?<text>[^:[\]]+|\[[0-9a-f:.]+\])(?::(?<port>\d{1,5}))?$/iu;
const VERSION = /^[^ ]* .*HTTP\/\d/iu;
/** The longest first line. */
const MAX_LINE = 8 * 1024;
/** The most that is held of a greeting. */
const MAX_HELD = 64 * 1024;

const SWITCHING = "HTTP/1.1 101";

/** Bytes that may go out now, or in words why the connection may not go on. */
export type Checked = readonly Uint8Array[] | string;

/**
 * Holds a connection to the names that it was allowed for: a TLS greeting has to show one of them, and so
 * has each request of plain HTTP. Other protocols name nobody; they have the address that the name has.
 * Where it depends on what is asked, the rules are asked about each request.
 */
export class NameCheck {
  readonly #names: readonly string[] | null;
  readonly #port: number;
  readonly #rules: ConnectionRules | null;
  #state: "first" | "hello" | "http" | "upgrading" | "free" = "first";
  readonly #held = new HeldBytes();
  readonly #greeting = new ClientHello();
  #response = "";
  readonly #requests = new Requests((head) => this.#request(head));

  /** `names` is null where any name will do. */
  constructor(names: readonly string[] | null, port: number, rules: ConnectionRules | null = null) {
    this.#names = names;
    this.#port = port;
    this.#rules = rules;
  }

  /** What the guest sends. */
  send(bytes: Uint8Array): Checked {
    if (this.#state === "free") return [bytes];
    if (this.#state === "http") return this.#requests.push(bytes);
    this.#held.push(bytes);
    if (this.#state === "upgrading")
      return this.#held.length > MAX_HELD ? "it goes on before its upgrade" : [];
    if (this.#state === "first") {
      const protocol = this.#protocol();
      if (protocol === "more") return [];
      if (protocol === "http") {
        this.#state = "http";
        return this.#requests.push(this.#held.take());
      }
      if (protocol === "other") return this.#other();
      this.#state = "hello";
      return this.#hello(this.#held.bytes);
    }
    return this.#hello(bytes);
  }

  /** What the guest receives: whether a server has agreed to an upgrade is said there. */
  receive(bytes: Uint8Array): Checked {
    if (this.#state !== "upgrading") return [];
    this.#response += Buffer.from(bytes.subarray(0, SWITCHING.length)).toString("latin1");
    if (this.#response.length < SWITCHING.length && SWITCHING.startsWith(this.#response)) return [];
    if (this.#response.startsWith(SWITCHING)) {
      this.#state = "free";
      return [this.#requests.held, this.#held.take()];
    }
    this.#state = "http";
    return this.#requests.push(this.#held.take());
  }

  #protocol(): "tls" | "http" | "other" | "more" {
    const { bytes } = this.#held;
    if (bytes[0] === TLS) return "tls";
    const start = bytes.toString("latin1", 0, MAX_LINE);
    const text = start.replace(/^[\r\n]+/u, "");
    const end = text.indexOf("\n");
    if (end >= 0) return VERSION.test(text.slice(0, end)) ? "http" : "other";
    return bytes.length < MAX_LINE && MAYBE_HTTP.test(start) ? "more" : "other";
  }

  #other(): Checked {
    if (NAMING_PORTS.has(this.#port)) return "it speaks neither TLS nor HTTP";
    const refused = this.#rules?.refuseOther(this.#names) ?? null;
    if (refused !== null) return refused;
    this.#state = "free";
    return [this.#held.take()];
  }

  #hello(bytes: Uint8Array): Checked {
    const found = this.#greeting.push(bytes);
    if (found === null) return this.#held.length > MAX_HELD ? "its TLS greeting is too long" : [];
    if ("refused" in found) return found.refused;
    const name = asciiName(found.name);
    if (name === null || !this.#isAllowed(name)) return "its TLS greeting names another server";
    const over = this.#rules?.overTls(name);
    if (typeof over === "string") return over;
    this.#state = "free";
    return [this.#held.take()];
  }

  #request({ method, path, host, upgrade }: RequestHead): RequestVerdict {
    if (method === "CONNECT") return { refused: "its request is one to a proxy" };
    const { text, port } = HOST.exec(host)?.groups ?? {};
    const name = text === undefined ? null : asciiName(text);
    const allowed = text !== undefined && (this.#names === null || (name !== null && this.#isAllowed(name)));
    if (!allowed) return { refused: "its request names another host" };
    if (port !== undefined && Number(port) !== this.#port)
      return { refused: "its request names another port" };
    const refused = this.#rules?.refuse({ scheme: "http", name, method, path }) ?? null;
    if (refused !== null) return { refused };
    // A server answers in order: of a first request, the first answer says what became of the upgrade.
    if (!upgrade || this.#requests.count > 0) return "pass";
    this.#state = "upgrading";
    return "pause";
  }

  #isAllowed(name: string): boolean {
    return this.#names?.includes(name) ?? true;
  }
}
