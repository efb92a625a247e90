import { Agent, createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { type Duplex, duplexPair } from "node:stream";
import { type ConnectionOptions, connect, type SecureContext, TLSSocket } from "node:tls";
import { asciiName } from "../../../policy/network.js";
import type { ConnectionRules } from "../connection-rules.js";
import { forward } from "./forward.js";
import { isForRequest, type ResolvedSecret } from "./secret.js";

/** The longest head of a request or a response. */
const MAX_HEAD = 64 * 1024;

/** Statuses of refusals. */
const FORBIDDEN = 403;
const MISDIRECTED = 421;

/** What an interception needs to know. */
export interface Intercepted {
  /** The connection to the server, as it was judged. */
  upstream: Socket;
  /** The name that the connection is for. */
  name: string;
  port: number;
  context: SecureContext;
  /** Those that are for the host. */
  secrets: readonly ResolvedSecret[];
  /** What of it is allowed, where that depends on what is asked. */
  rules: ConnectionRules | null;
  /** More of how the server is spoken to: tests have authorities of their own. */
  tls: ConnectionOptions;
  /** Hears which secret a request was given, or why one was refused. */
  onRequest(text: string, secret: string | null): void;
}

/**
 * Stands between a guest and a server that secrets are for: speaks TLS with both, reads requests, and puts
 * the secrets in. Answers the guest's end. Each connection of the guest's is one of the server's.
 */
export function intercept(options: Intercepted): Duplex {
  const [guest, own] = duplexPair();
  const { upstream, name, context, tls } = options;
  const server = connect({ ...tls, socket: upstream, servername: name, ALPNProtocols: ["http/1.1"] });
  const client = new TLSSocket(own, { isServer: true, secureContext: context, ALPNProtocols: ["http/1.1"] });
  const end = (): void => {
    guest.destroy();
    own.destroy();
    upstream.destroy();
  };
  for (const stream of [server, client, own]) {
    stream.on("error", end);
    stream.on("close", end);
  }
  guest.on("close", end);
  serve(options, client, server, end);
  return guest;
}

function serve(options: Intercepted, client: TLSSocket, upstream: TLSSocket, end: () => void): void {
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  agent.createConnection = () => upstream;
  const server: Server = createServer(
    { maxHeaderSize: MAX_HEAD, requireHostHeader: true },
    (request, response) => {
      const refusal = refusalOf(options, request);
      if (refusal !== null) refuse(options, response, MISDIRECTED, refusal);
      else {
        const denial = denialOf(options, request);
        if (denial !== null) refuse(options, response, FORBIDDEN, denial);
        else forward(request, response, agent, substitutions(options, request), end);
      }
    },
  );
  // What it would become can't be read, and so not kept clean.
  server.on("upgrade", end);
  server.on("connect", end);
  server.on("clientError", end);
  server.emit("connection", client);
}

/** Why a request may not go to the server; null if it may. */
function refusalOf({ name, port }: Intercepted, { headers, url = "" }: IncomingMessage): string | null {
  const { host = "", port: named } =
    /^(?<host>[^:]+)(?::(?<port>\d{1,5}))?$/u.exec(headers.host ?? "")?.groups ?? {};
  if (asciiName(host) !== name) return "its request names another host";
  if (named !== undefined && Number(named) !== port) return "its request names another port";
  return url.startsWith("/") || url === "*" ? null : "its request is one to a proxy";
}

/** Why the rules don't allow a request; null if they do. */
function denialOf({ name, rules }: Intercepted, { method = "", url = "" }: IncomingMessage): string | null {
  return rules?.refuse({ scheme: "https", name, method, path: url }) ?? null;
}

function refuse(
  { name, onRequest }: Intercepted,
  response: ServerResponse,
  status: number,
  reason: string,
): void {
  onRequest(`${name}: ${reason}`, null);
  response.writeHead(status, { connection: "close", "content-type": "text/plain" });
  response.end(`${reason}\n`);
}

/** What to put into which header of a request, and what to take out of its answer. */
export interface Substitutions {
  given: readonly ResolvedSecret[];
  all: readonly ResolvedSecret[];
}

function substitutions(
  options: Intercepted,
  { method = "", url = "", headers }: IncomingMessage,
): Substitutions {
  const given = options.secrets.filter(
    (secret) =>
      isForRequest(secret, method, url) && String(headers[secret.header] ?? "").includes(secret.placeholder),
  );
  const path = url.split("?", 1)[0];
  for (const secret of given) options.onRequest(`${method} https://${options.name}${path}`, secret.name);
  return { given, all: options.secrets };
}
