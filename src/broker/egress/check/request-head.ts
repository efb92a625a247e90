/*
 * The head of a request of HTTP/1, read as strictly as can be: what one program takes for a header, and
 * another for something else, is refused.
 */

/** What of a request matters to whoever judges it. */
export interface RequestHead {
  method: string;
  /** The path with its query, as the request has it. */
  path: string;
  /** As the request has it: a name or an address, with or without a port. */
  host: string;
  upgrade: boolean;
  body: { kind: "length"; bytes: number } | { kind: "chunked" };
}

const REQUEST_LINE = /^(?<method>[!#$%&'*+.^_`|~0-9A-Za-z-]{1,32}) (?<target>[\x21-\x7e]+) HTTP\/1\.[01]$/u;
const HEADER = /^(?<name>[!#$%&'*+.^_`|~0-9A-Za-z-]+):(?<value>[\t\x20-\x7e\x80-\xff]*)$/u;
const ABSOLUTE = /^http:\/\/(?<authority>[^/?#@]+)(?<path>[/?][^#]*)?$/iu;
const MAX_BODY_DIGITS = 15;

/** Reads a head without the empty line at its end; a string says what is wrong with it. */
export function parseRequestHead(text: string): RequestHead | string {
  const [first, ...lines] = text.split("\r\n");
  const { method, target } = REQUEST_LINE.exec(first ?? "")?.groups ?? {};
  if (method === undefined || target === undefined) return "its request line is malformed";
  const headers = readHeaders(lines);
  if (headers === null) return "its request has a malformed header";
  const hosts = headers.get("host") ?? [];
  const [host] = hosts;
  if (host === undefined || hosts.length > 1) return "its request has no header Host, or several";
  const absolute = ABSOLUTE.exec(target)?.groups;
  if (absolute === undefined && !target.startsWith("/") && target !== "*") {
    return "its request is one to a proxy";
  }
  if (absolute !== undefined && absolute["authority"] !== host) return "its request names two hosts";
  const upgrades = headers.get("upgrade") ?? [];
  if (upgrades.some((protocol) => /(?:^|[\s,])h2c/iu.test(protocol))) return "its request asks for HTTP/2";
  const body = bodyOf(headers);
  if (body === null) return "its request says in two ways how long it is";
  const path = absolute === undefined ? target : (absolute["path"] ?? "/");
  return { method, path, host, upgrade: upgrades.length > 0, body };
}

function readHeaders(lines: readonly string[]): Map<string, string[]> | null {
  const headers = new Map<string, string[]>();
  for (const line of lines) {
    const { name, value } = HEADER.exec(line)?.groups ?? {};
    if (name === undefined || value === undefined) return null;
    const key = name.toLowerCase();
    const values = headers.get(key);
    if (values === undefined) headers.set(key, [trim(value)]);
    else values.push(trim(value));
  }
  return headers;
}

/** Without white space around it. An expression for its end would try at every space of a long run. */
function trim(value: string): string {
  let end = value.length;
  while (end > 0 && isSpace(value[end - 1])) end--;
  let start = 0;
  while (start < end && isSpace(value[start])) start++;
  return value.slice(start, end);
}

function isSpace(character: string | undefined): boolean {
  return character === " " || character === "\t";
}

function bodyOf(headers: ReadonlyMap<string, readonly string[]>): RequestHead["body"] | null {
  const encodings = headers.get("transfer-encoding");
  const lengths = headers.get("content-length");
  if (encodings !== undefined) {
    const chunked = encodings.length === 1 && encodings[0]?.toLowerCase() === "chunked";
    return chunked && lengths === undefined ? { kind: "chunked" } : null;
  }
  if (lengths === undefined) return { kind: "length", bytes: 0 };
  const [length = ""] = lengths;
  if (lengths.length > 1 || !/^\d+$/u.test(length) || length.length > MAX_BODY_DIGITS) return null;
  return { kind: "length", bytes: Number(length) };
}
