import type { IncomingMessage } from "node:http";
import type { Duplex } from "node:stream";
import { GuestServerError } from "../../errors/guest-server-error.js";
import { checkTimeout } from "../options/call-options.js";
import { checkAbortSignal, checkBytes, checkText, isRecord, readFields, refuse } from "../options/checks.js";
import { beginExchange, failure, headersOf, type RequestHead } from "./exchange.js";

/** What `rt.fetch()` takes beside the port. */
export interface FetchOptions {
  /** Default `GET`. */
  method?: string | undefined;
  /** Path and query. Default `/`. */
  path?: string | undefined;
  /** `host` is `localhost` and the port where none is named. */
  headers?: Record<string, string> | undefined;
  /** Text, as UTF-8, or bytes. Default: none. */
  body?: string | Uint8Array | undefined;
  /** Milliseconds until the whole answer: above 0, up to 2147483647. Default 30,000. */
  timeout?: number | undefined;
  /** Gives up when aborted; the call then rejects with the signal's reason. */
  signal?: AbortSignal | undefined;
}

/** What `rt.fetch()` answers. */
export interface FetchResult {
  /** The status code. */
  status: number;
  /** By lower-case names; several of one name are joined by a comma and a blank. */
  headers: Record<string, string>;
  /** The body, decoded as UTF-8. */
  body: string;
}

/** A request as it was checked. */
export interface CheckedFetch extends RequestHead {
  body: Uint8Array | null;
  timeout: number;
  signal: AbortSignal | undefined;
}

const keys = ["method", "path", "headers", "body", "timeout", "signal"] as const;
const TIMEOUT = 30_000;
const MAX_BODY = 64 * 1024 * 1024;

/** Throws InvalidOptionError. */
export function checkFetch(options: unknown): CheckedFetch {
  const given = readFields(options, "options", keys);
  const body = given.body === undefined ? null : checkBytes(given.body, "body", MAX_BODY);
  const headers = given.headers === undefined ? {} : checkHeaders(given.headers);
  return {
    method: given.method === undefined ? "GET" : checkText(given.method, "method"),
    path: given.path === undefined ? "/" : checkPath(given.path),
    headers: body === null ? headers : { ...headers, "content-length": String(body.length) },
    body,
    timeout: given.timeout === undefined ? TIMEOUT : checkTimeout(given.timeout),
    signal: given.signal === undefined ? undefined : checkAbortSignal(given.signal, "signal"),
  };
}

function checkPath(value: unknown): string {
  const path = checkText(value, "path");
  return path.startsWith("/") ? path : refuse("path", "a path that begins with /", value);
}

function checkHeaders(value: unknown): Record<string, string> {
  if (!isRecord(value)) refuse("headers", "an object of names and text", value);
  const headers: Record<string, string> = {};
  for (const name of Object.keys(value))
    headers[name.toLowerCase()] = checkText(value[name], `headers.${name}`);
  return headers;
}

/** Asks a server in the guest, and takes its whole answer. Rejects with GuestServerError. */
export async function fetchWhole(
  port: number,
  connect: () => Promise<Duplex>,
  { timeout, signal, body, ...head }: CheckedFetch,
  maxBytes: number,
): Promise<FetchResult> {
  signal?.throwIfAborted();
  let connection: Duplex | null = null;
  let ended: unknown = null;
  const { promise: givenUp, reject } = promiseToReject();
  const giveUp = (error: unknown): void => {
    ended = error;
    reject(error);
    connection?.destroy();
  };
  const timer = setTimeout(
    () =>
      giveUp(
        new GuestServerError(
          "timeout",
          port,
          `The server at port ${port} did not answer within ${timeout} ms`,
        ),
      ),
    timeout,
  );
  const aborted = (): void => giveUp(signal?.reason);
  signal?.addEventListener("abort", aborted, { once: true });

  async function exchange(): Promise<FetchResult> {
    connection = await connect();
    if (ended !== null) {
      connection.destroy();
      throw ended;
    }
    const { request, response } = beginExchange(port, connection, head);
    if (body === null) request.end();
    else request.end(body);
    const answer = await response;
    const bytes = await readBody(port, answer, maxBytes);
    return {
      status: answer.statusCode as number,
      headers: joinHeaders(headersOf(port, answer)),
      body: bytes.toString("utf8"),
    };
  }

  try {
    return await Promise.race([exchange(), givenUp]);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener("abort", aborted);
    (connection as Duplex | null)?.destroy();
  }
}

async function readBody(port: number, answer: IncomingMessage, maxBytes: number): Promise<Buffer> {
  const pieces: Buffer[] = [];
  let length = 0;
  try {
    for await (const piece of answer as AsyncIterable<Buffer>) {
      length += piece.length;
      if (length > maxBytes) {
        const problem = `The server at port ${port} answered with more than ${maxBytes} bytes`;
        throw new GuestServerError("size", port, problem, { hint: "See limits.responseBytes." });
      }
      pieces.push(piece);
    }
  } catch (error) {
    throw failure(port, error);
  }
  return Buffer.concat(pieces, length);
}

function joinHeaders(headers: Headers): Record<string, string> {
  return Object.fromEntries([...headers.keys()].map((name) => [name, headers.get(name) ?? ""]));
}

function promiseToReject(): { promise: Promise<never>; reject(error: unknown): void } {
  let reject!: (error: unknown) => void;
  const promise = new Promise<never>((_, fail) => {
    reject = fail;
  });
  promise.catch(() => undefined);
  return { promise, reject };
}
