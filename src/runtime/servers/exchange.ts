import { type ClientRequest, type IncomingMessage, request } from "node:http";
import type { Duplex } from "node:stream";
import { GuestServerError } from "../../errors/guest-server-error.js";
import { SecureExecError } from "../../errors/secure-exec-error.js";

/** Bytes that the headers of an answer may have. */
const MAX_HEADERS = 16 * 1024;

/** The head of a request. */
export interface RequestHead {
  method: string;
  path: string;
  headers: Record<string, string | string[]>;
}

/** A request to a server in the guest that is under way. */
export interface Exchange {
  /** Takes the body. */
  readonly request: ClientRequest;
  /** Resolves with the head of the answer. Rejects with GuestServerError, or with what the machine ended of. */
  readonly response: Promise<IncomingMessage>;
}

/**
 * Says HTTP over a connection, which ends with the answer. All that comes is hostile: Node's parser bounds the
 * headers, the body comes as fast as it is read. Throws Node's own errors for a head that is malformed.
 */
export function beginExchange(port: number, connection: Duplex, head: RequestHead): Exchange {
  const { method, path, headers } = head;
  const made = request({
    createConnection: () => connection,
    host: "localhost",
    port,
    method,
    path,
    headers: { host: `localhost:${port}`, ...headers, connection: "close" },
    maxHeaderSize: MAX_HEADERS,
  });
  const response = new Promise<IncomingMessage>((resolve, reject) => {
    made.once("response", resolve);
    const switched = (): void => {
      connection.destroy();
      reject(
        new GuestServerError("malformed", port, `The server at port ${port} left HTTP for another protocol`),
      );
    };
    made.once("upgrade", switched);
    made.once("connect", switched);
    made.on("error", (error) => reject(failure(port, error)));
    made.once("close", () => reject(failure(port, new Error("the connection was closed"))));
  });
  // Who gives up doesn't wait for it.
  response.catch(() => undefined);
  return { request: made, response };
}

/** What a failed exchange means to its caller. */
export function failure(port: number, error: unknown): Error {
  if (error instanceof SecureExecError) return error;
  const { code, message } = error as NodeJS.ErrnoException;
  if (code === "HPE_HEADER_OVERFLOW") {
    const problem = `The headers of the server at port ${port} are larger than ${MAX_HEADERS} bytes`;
    return new GuestServerError("malformed", port, problem, { cause: error });
  }
  if (typeof code === "string" && code.startsWith("HPE_")) {
    return new GuestServerError("malformed", port, `What the server at port ${port} answered is no HTTP`, {
      cause: error,
    });
  }
  const hint = "Its process may have ended.";
  const problem = `The server at port ${port} ended the connection before its answer was whole: ${message}`;
  return new GuestServerError("reset", port, problem, { cause: error, hint });
}

/** The headers of an answer. Throws GuestServerError for what none can be. */
export function headersOf(port: number, { rawHeaders }: IncomingMessage): Headers {
  const headers = new Headers();
  try {
    for (let i = 0; i < rawHeaders.length; i += 2)
      headers.append(rawHeaders[i] as string, rawHeaders[i + 1] as string);
  } catch (cause) {
    throw new GuestServerError("malformed", port, `The server at port ${port} answered with wrong headers`, {
      cause,
    });
  }
  return headers;
}
