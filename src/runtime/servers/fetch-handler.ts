import type { IncomingMessage } from "node:http";
import { type Duplex, Readable } from "node:stream";
import { pipeline } from "node:stream/promises";
import type { ReadableStream } from "node:stream/web";
import { GuestServerError } from "../../errors/guest-server-error.js";
import { beginExchange, failure, headersOf } from "./exchange.js";

/** A standard `fetch` that leads to a server in the guest, whatever the host of the URL is. */
export type FetchHandler = (input: string | URL | Request, init?: RequestInit) => Promise<Response>;

type Body = ConstructorParameters<typeof Response>[0];

/** Statuses that have no body. */
const withoutBody = new Set([204, 205, 304]);

/** Makes one; `connect` opens a connection for each request. */
export function createFetchHandler(port: number, connect: () => Promise<Duplex>): FetchHandler {
  return async (input, init) => {
    const text = input instanceof Request ? input.url : String(input);
    const url = new URL(text, `http://localhost:${port}`);
    const request = new Request(input instanceof Request ? input : url, init);
    request.signal.throwIfAborted();
    const connection = await connect();
    const aborted = (): void => {
      connection.destroy(request.signal.reason);
    };
    request.signal.addEventListener("abort", aborted, { once: true });
    connection.once("close", () => request.signal.removeEventListener("abort", aborted));
    try {
      if (request.signal.aborted) throw request.signal.reason;
      return await exchange(port, connection, request, url);
    } catch (error) {
      connection.destroy();
      throw request.signal.aborted ? request.signal.reason : error;
    }
  };
}

async function exchange(port: number, connection: Duplex, request: Request, url: URL): Promise<Response> {
  const { method, body } = request;
  const headers = Object.fromEntries(request.headers);
  const { request: sent, response } = beginExchange(port, connection, {
    method,
    path: url.pathname + url.search,
    headers,
  });
  if (body === null) sent.end();
  // A server may answer before it has read everything: what becomes of the rest, the answer tells.
  else pipeline(Readable.fromWeb(body as ReadableStream), sent).catch(() => undefined);
  const answer = await response;
  const status = answer.statusCode as number;
  const head = { status, statusText: answer.statusMessage ?? "", headers: headersOf(port, answer) };
  if (status < 200 || status > 599)
    throw new GuestServerError(
      "malformed",
      port,
      `The server at port ${port} answered with status ${status}`,
    );
  if (method !== "HEAD" && !withoutBody.has(status)) return new Response(stream(port, answer), head);
  answer.resume();
  return new Response(null, head);
}

/** The body as it comes; one that is cut off is an error of its reader. */
function stream(port: number, answer: IncomingMessage): Body {
  const pieces = (async function* () {
    try {
      yield* answer as AsyncIterable<Buffer>;
    } catch (error) {
      throw failure(port, error);
    }
  })();
  return Readable.toWeb(Readable.from(pieces, { objectMode: false })) as unknown as Body;
}
