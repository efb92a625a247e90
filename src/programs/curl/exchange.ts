import type { ClientRequest, IncomingMessage } from "node:http";
import type { Socket } from "node:net";
import type { TLSSocket } from "node:tls";
import { Failure, failureOf } from "./failure.js";

/** One request, and how it is to be made. */
export interface Wish {
  url: URL;
  method: string;
  /** Each name once, with all of its values. */
  headers: ReadonlyMap<string, string[]>;
  body: Buffer | null;
  insecure: boolean;
  ca: Buffer | undefined;
  socketPath: string | undefined;
  family: 4 | 6 | undefined;
  /** In milliseconds. */
  connectTimeout: number | undefined;
  signal: AbortSignal;
}

/** When things happened, in milliseconds since the transfer began. */
export interface Moments {
  namelookup: number;
  connect: number;
  appconnect: number;
  pretransfer: number;
  starttransfer: number;
}

export interface Peer {
  remote: { address: string; port: number };
  local: { address: string; port: number };
}

export interface Answer {
  response: IncomingMessage;
  peer: Peer;
  moments: Moments;
  /** The head that was sent. */
  sent: string;
  /** How many bytes of a body went with it. */
  uploaded: number;
}

/** What Node would say of itself. */
const unasked = ["connection"];
/** What Node says of a body, also of none. */
const framing = ["content-length", "transfer-encoding"];

/** Makes a request and resolves at the head of its answer. Rejects with a `Failure`. */
export function exchange(wish: Wish, now: () => number): Promise<Answer> {
  const { url } = wish;
  const secure = url.protocol === "https:";
  const request = secure
    ? process.getBuiltinModule("node:https").request(target(wish))
    : process.getBuiltinModule("node:http").request(target(wish));
  for (const [name, values] of wish.headers)
    request.setHeader(name, values.length === 1 ? (values[0] as string) : values);
  for (const name of unasked) request.removeHeader(name);
  if (wish.body === null) for (const name of framing) request.removeHeader(name);
  return new Promise((resolve, reject) => follow(request, wish, now, resolve, reject));
}

function target({ url, method, insecure, ca, socketPath, family, signal }: Wish): object {
  return {
    host: hostOf(url),
    port: portOf(url),
    method,
    path: url.pathname + url.search,
    agent: false,
    setHost: false,
    rejectUnauthorized: !insecure,
    ca,
    socketPath,
    family,
    signal,
  };
}

export function hostOf({ hostname }: URL): string {
  return hostname.replace(/^\[(.*)\]$/, "$1");
}

export function portOf({ port, protocol }: URL): number {
  if (port !== "") return Number(port);
  return protocol === "https:" ? 443 : 80;
}

function follow(
  request: ClientRequest,
  { url, body, connectTimeout, signal }: Wish,
  now: () => number,
  resolve: (answer: Answer) => void,
  reject: (failure: unknown) => void,
): void {
  const began = now();
  const secure = url.protocol === "https:";
  const moments: Moments = { namelookup: 0, connect: 0, appconnect: 0, pretransfer: 0, starttransfer: 0 };
  const progress = { host: hostOf(url), port: portOf(url), connected: false, elapsed: 0 };
  const timer =
    connectTimeout === undefined
      ? undefined
      : setTimeout(
          () => request.destroy(new Failure(28, `Connection timed out after ${connectTimeout} milliseconds`)),
          connectTimeout,
        );
  const connected = (): void => {
    progress.connected = true;
    moments.pretransfer = now();
    clearTimeout(timer);
  };
  request.once("socket", (socket: Socket) => {
    socket.once("lookup", () => {
      moments.namelookup = now();
    });
    socket.once("connect", () => {
      moments.connect = now();
      if (!secure) connected();
    });
    socket.once("secureConnect", () => {
      moments.appconnect = now();
      connected();
    });
  });
  request.once("error", (error) => {
    clearTimeout(timer);
    progress.elapsed = now() - began;
    reject(signal.aborted ? signal.reason : failureOf(error, progress));
  });
  request.once("response", (response) => {
    moments.starttransfer = now();
    const { socket } = response;
    const peer: Peer = {
      remote: { address: socket.remoteAddress ?? "", port: socket.remotePort ?? 0 },
      local: { address: socket.localAddress ?? "", port: socket.localPort ?? 0 },
    };
    resolve({ response, peer, moments, sent: headOf(request), uploaded: body?.length ?? 0 });
  });
  request.end(body ?? undefined);
}

/** The lines of a request's head. */
function headOf(request: ClientRequest): string {
  const lines = [`${request.method} ${request.path} HTTP/1.1`];
  for (const name of request.getRawHeaderNames())
    for (const value of [request.getHeader(name)].flat()) lines.push(`${name}: ${value}`);
  return `${lines.join("\r\n")}\r\n\r\n`;
}

/** The lines of an answer's head, as they came. */
export function answerHead({ httpVersion, statusCode, statusMessage, rawHeaders }: IncomingMessage): string {
  let head = `HTTP/${httpVersion} ${statusCode}${statusMessage ? ` ${statusMessage}` : " "}\r\n`;
  for (let i = 0; i < rawHeaders.length; i += 2) head += `${rawHeaders[i]}: ${rawHeaders[i + 1]}\r\n`;
  return `${head}\r\n`;
}

/** What TLS a connection speaks, for those who want to know. */
export function cipherOf(response: IncomingMessage): string | null {
  const { getProtocol, getCipher } = response.socket as TLSSocket;
  if (typeof getProtocol !== "function") return null;
  return `${getProtocol.call(response.socket)} / ${getCipher.call(response.socket).name}`;
}
