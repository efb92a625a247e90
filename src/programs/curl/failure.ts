/** A transfer that failed, with curl's number for the reason. */
export class Failure extends Error {
  readonly status: number;

  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** How far a request had come when it failed. */
export interface Progress {
  host: string;
  port: number;
  connected: boolean;
  /** Since the request began, in milliseconds. */
  elapsed: number;
}

const certificates = new Set([
  "CERT_HAS_EXPIRED",
  "CERT_NOT_YET_VALID",
  "CERT_REVOKED",
  "CERT_UNTRUSTED",
  "DEPTH_ZERO_SELF_SIGNED_CERT",
  "ERR_TLS_CERT_ALTNAME_INVALID",
  "SELF_SIGNED_CERT_IN_CHAIN",
  "UNABLE_TO_GET_ISSUER_CERT",
  "UNABLE_TO_GET_ISSUER_CERT_LOCALLY",
  "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
]);

const MORE = `More details here: https://curl.se/docs/sslcerts.html

curl failed to verify the legitimacy of the server and therefore could not
establish a secure connection to it. To learn more about this situation and
how to fix it, please visit the web page mentioned above.`;

/** What curl says of an error of Node's. */
export function failureOf(thrown: unknown, progress: Progress): Failure {
  if (thrown instanceof Failure) return thrown;
  const error = firstOf(thrown as NodeJS.ErrnoException);
  const code = String(error.code);
  if (error.syscall === "getaddrinfo" || code === "ENOTFOUND")
    return new Failure(6, `Could not resolve host: ${progress.host}${rule(error)}`);
  if (error.syscall === "connect") return unreachable(error, progress);
  if (certificates.has(code)) return unverified(error);
  if (code === "EPROTO" || code.startsWith("ERR_SSL_"))
    return new Failure(35, `TLS connect error: ${tlsReason(error)}`);
  if (!progress.connected) return new Failure(35, "Connection closed abruptly");
  if (code === "ECONNRESET" && error.message === "socket hang up")
    return new Failure(52, "Empty reply from server");
  if (code.startsWith("HPE_")) return new Failure(1, "Received HTTP/0.9 when not allowed");
  if (code === "EPIPE") return new Failure(55, "Send failure: Broken pipe");
  if (code === "ECONNRESET") return new Failure(56, "Recv failure: Connection reset by peer");
  return new Failure(56, error.message);
}

/** Of several addresses that were tried, what became of the first. */
function firstOf(error: NodeJS.ErrnoException): NodeJS.ErrnoException {
  return error instanceof AggregateError ? firstOf(error.errors[0]) : error;
}

function unreachable(error: NodeJS.ErrnoException, { host, port, elapsed }: Progress): Failure {
  const where = `Failed to connect to ${host} port ${port} after ${Math.round(elapsed)} ms`;
  return new Failure(7, `${where}: Couldn't connect to server${rule(error)}`);
}

/** What of the host's rules refused it, in parentheses behind what the system would say. */
function rule({ code, message }: NodeJS.ErrnoException): string {
  return code === "EACCES" ? (/ \(.*\)$/.exec(message)?.[0] ?? "") : "";
}

function unverified(error: NodeJS.ErrnoException): Failure {
  if (error.code !== "ERR_TLS_CERT_ALTNAME_INVALID") {
    // Node gives advice about itself behind it.
    return new Failure(60, `SSL certificate problem: ${error.message.split("; ")[0]}\n${MORE}`);
  }
  const { host } = error as { host?: string };
  const what = `SSL: no alternative certificate subject name matches target host name '${host}'`;
  return new Failure(60, `${what}\n${MORE}`);
}

function tlsReason(error: NodeJS.ErrnoException): string {
  const [, number, what] = /error:([0-9A-F]+):SSL routines:[^:]*:([^:]+)/.exec(error.message) ?? [];
  return number === undefined ? error.message : `error:${number}:SSL routines::${what}`;
}
