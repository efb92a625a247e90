import { type Agent, request as httpRequest, type IncomingMessage, type ServerResponse } from "node:http";
import { PassThrough, pipeline, type Transform } from "node:stream";
import { createBrotliDecompress, createUnzip } from "node:zlib";
import type { Substitutions } from "./interception.js";
import { Scrubber, scrubText } from "./scrubber.js";

/** Headers that are about one connection, and those that no longer fit what is decoded and scrubbed. */
const HOP_BY_HOP = new Set([
  "connection",
  "keep-alive",
  "proxy-authenticate",
  "proxy-authorization",
  "proxy-connection",
  "te",
  "trailer",
  "transfer-encoding",
  "upgrade",
]);

/** Encodings of content that can be looked into. */
const decoders: Readonly<Record<string, () => Transform>> = {
  "": () => new PassThrough(),
  identity: () => new PassThrough(),
  gzip: createUnzip,
  "x-gzip": createUnzip,
  deflate: createUnzip,
  br: createBrotliDecompress,
};

/** Carries a request to the server with its secrets, and the answer back without them. */
export function forward(
  request: IncomingMessage,
  response: ServerResponse,
  agent: Agent,
  substitutions: Substitutions,
  end: () => void,
): void {
  const sent = httpRequest({
    agent,
    method: request.method,
    path: request.url,
    headers: requestHeaders(request, substitutions),
    setHost: false,
  });
  sent.on("error", end);
  sent.on("upgrade", end);
  sent.on("response", (answer) => giveBack(request, response, answer, substitutions, end));
  pipeline(request, sent, (error) => {
    if (error) end();
  });
}

function* pairs(raw: readonly string[]): Generator<[string, string]> {
  for (let i = 0; i + 1 < raw.length; i += 2) yield [raw[i] as string, raw[i + 1] as string];
}

function requestHeaders({ rawHeaders, headers }: IncomingMessage, { given }: Substitutions): string[] {
  const connection = connectionHeaders(headers.connection);
  const out: string[] = [];
  for (const [name, value] of pairs(rawHeaders)) {
    const key = name.toLowerCase();
    if ((HOP_BY_HOP.has(key) && key !== "transfer-encoding") || connection.has(key)) continue;
    if (key === "accept-encoding" || key === "expect") continue;
    let text = value;
    for (const secret of given) {
      if (secret.header === key) text = text.replaceAll(secret.placeholder, secret.value);
    }
    out.push(name, text);
  }
  out.push("Accept-Encoding", "gzip, deflate, br");
  return out;
}

/** Headers that a message calls its connection's own. */
function connectionHeaders(value: string | undefined): ReadonlySet<string> {
  return new Set((value ?? "").toLowerCase().split(/[\s,]+/u));
}

function giveBack(
  request: IncomingMessage,
  response: ServerResponse,
  answer: IncomingMessage,
  { all }: Substitutions,
  end: () => void,
): void {
  const encoding = (answer.headers["content-encoding"] ?? "").trim().toLowerCase();
  const decoder = Object.hasOwn(decoders, encoding) ? decoders[encoding] : undefined;
  const { statusCode = 502, statusMessage = "" } = answer;
  const bodiless = request.method === "HEAD" || statusCode === 204 || statusCode === 304;
  if (decoder === undefined && !bodiless) {
    // What can't be looked into can't be kept clean.
    answer.destroy();
    end();
    return;
  }
  const connection = connectionHeaders(answer.headers.connection);
  const headers: string[] = [];
  for (const [name, value] of pairs(answer.rawHeaders)) {
    const key = name.toLowerCase();
    if (HOP_BY_HOP.has(key) || connection.has(key)) continue;
    if (key === "content-length" && !bodiless) continue;
    if (key === "content-encoding" && !bodiless) continue;
    headers.push(name, scrubText(value, all));
  }
  response.writeHead(statusCode, scrubText(statusMessage, all), headers);
  response.flushHeaders();
  if (bodiless || decoder === undefined) {
    answer.resume();
    response.end();
    return;
  }
  pipeline(answer, decoder(), new Scrubber(all), response, (error) => {
    if (error) end();
  });
}
