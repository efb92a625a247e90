import { readFileSync } from "node:fs";
import type { CommandContext } from "../command.js";
import { CommandError } from "../errors.js";
import { type Body, bodyOf, urlEncoded } from "./body.js";
import type { Wish } from "./exchange.js";
import { Failure } from "./failure.js";
import type { CurlOptions } from "./options.js";

/** As which curl this one shows itself. */
export const VERSION = "8.5.0";

const NO_FILE = 26;
const NO_CERTIFICATES = 77;

/** What all requests of one call of curl have in common. */
export class RequestPlan {
  readonly #options: CurlOptions;
  readonly #body: Body | null;
  readonly #query: string;
  readonly #headers: readonly string[];
  readonly #cookies: string | undefined;
  readonly #ca: Buffer | undefined;
  readonly #socketPath: string | undefined;

  private constructor(options: CurlOptions, parts: Parts) {
    this.#options = options;
    const { body, query } = parts;
    // With -G what would be sent goes into the URL.
    this.#body = options.has("get") ? null : body;
    this.#query = [...(options.has("get") && body !== null ? [body.bytes.toString()] : []), ...query].join(
      "&",
    );
    this.#headers = parts.headers;
    this.#cookies = parts.cookies;
    this.#ca = parts.ca;
    this.#socketPath = parts.socketPath;
  }

  static async make(context: CommandContext, options: CurlOptions): Promise<RequestPlan> {
    const query: string[] = [];
    for (const value of options.values("url-query"))
      query.push(value.startsWith("+") ? value.slice(1) : await urlEncoded(context, value, "url-query"));
    const socketPath = options.value("unix-socket");
    return new RequestPlan(options, {
      query,
      body: await bodyOf(context, options),
      headers: options.values("header").flatMap((text) => headerLines(context, text)),
      cookies: cookiesOf(options),
      ca: certificates(context, options.value("cacert")),
      socketPath: socketPath === undefined ? undefined : context.path(socketPath),
    });
  }

  /** The URL of a first request, with the query that options add to it. */
  urlOf(text: string): URL {
    const url = parseUrl(text);
    const method = this.#body?.method;
    const upload = this.#options.value("upload-file");
    if (method === "PUT" && upload !== undefined && upload !== "-" && url.pathname.endsWith("/"))
      url.pathname += encodeURIComponent(upload.slice(upload.lastIndexOf("/") + 1));
    if (this.#query !== "") url.search += (url.search === "" ? "?" : "&") + this.#query;
    return url;
  }

  get method(): string {
    const given = this.#options.value("request");
    if (given !== undefined) return given;
    if (this.#options.has("head")) return "HEAD";
    return this.#body?.method ?? "GET";
  }

  /** The method and the body that a redirect leaves of a request, as browsers have it. */
  redirected(method: string, status: number): { method: string; keepsBody: boolean } {
    const post = this.#body?.method === "POST";
    const keeps = status > 303 || this.#options.has(`post${status}`);
    if (keeps || (!post && status !== 303)) return { method, keepsBody: true };
    const given = this.#options.value("request");
    return { method: given ?? (method === "HEAD" ? "HEAD" : "GET"), keepsBody: false };
  }

  /** `trusted` says that the host is the one that the options were meant for. */
  wish(url: URL, method: string, withBody: boolean, trusted: boolean, signal: AbortSignal): Wish {
    const options = this.#options;
    const body = withBody ? this.#body : null;
    const connectTimeout = options.number("connect-timeout");
    return {
      url,
      method,
      headers: this.#headersOf(url, body, trusted),
      body: body?.bytes ?? null,
      insecure: options.has("insecure"),
      ca: this.#ca,
      socketPath: this.#socketPath,
      family: options.has("ipv4") ? 4 : options.has("ipv6") ? 6 : undefined,
      connectTimeout: connectTimeout === undefined ? undefined : connectTimeout * 1000,
      signal,
    };
  }

  #headersOf(url: URL, body: Body | null, trusted: boolean): Map<string, string[]> {
    const options = this.#options;
    const headers = new Map<string, string[]>();
    const set = (name: string, value: string | undefined): void => {
      if (value !== undefined && value !== "") headers.set(name, [value]);
    };
    set("Host", url.host);
    if (trusted) set("Authorization", authorization(options, url));
    const range = options.value("range");
    if (range !== undefined) set("Range", `bytes=${range}`);
    set("User-Agent", options.value("user-agent") ?? `curl/${VERSION}`);
    set("Accept", options.has("json") && body !== null ? "application/json" : "*/*");
    if (options.has("compressed")) set("Accept-Encoding", "deflate, gzip, br, zstd");
    set("Referer", options.value("referer")?.replace(/;auto$/, ""));
    if (trusted) set("Cookie", this.#cookies);
    if (body !== null) {
      set("Content-Length", String(body.bytes.length));
      set("Content-Type", body.type ?? undefined);
    }
    for (const line of this.#headers) override(headers, line, trusted);
    return headers;
  }
}

interface Parts {
  query: string[];
  body: Body | null;
  headers: string[];
  cookies: string | undefined;
  ca: Buffer | undefined;
  socketPath: string | undefined;
}

/** A URL as people type it: `http://` may be left out. */
export function parseUrl(text: string): URL {
  const typed = /^[a-z][a-z\d+.-]*:\/\//i.test(text) ? text : `http://${text}`;
  if (/\s/.test(typed) || !URL.canParse(typed))
    throw new Failure(3, "URL using bad/illegal format or missing URL");
  const url = new URL(typed);
  if (url.protocol !== "http:" && url.protocol !== "https:")
    throw new Failure(1, `Protocol "${url.protocol.slice(0, -1)}" not supported or disabled in libcurl`);
  return url;
}

function authorization(options: CurlOptions, { username, password }: URL): string | undefined {
  const bearer = options.value("oauth2-bearer");
  if (bearer !== undefined) return `Bearer ${bearer}`;
  const ofUrl = `${decodeURIComponent(username)}:${decodeURIComponent(password)}`;
  const user = options.value("user") ?? (username === "" ? undefined : ofUrl);
  if (user === undefined) return undefined;
  const pair = user.includes(":") ? user : `${user}:`;
  return `Basic ${Buffer.from(pair).toString("base64")}`;
}

/** `Name: value` sets a header, `Name:` takes one away, `Name;` makes an empty one. */
function override(headers: Map<string, string[]>, line: string, trusted: boolean): void {
  const [, name = "", sign, value = ""] = /^([^:;]+)([:;])\s*(.*?)\s*$/s.exec(line) ?? [];
  if (sign === undefined || (sign === ";" && value !== "")) return;
  if (!trusted && /^(authorization|cookie)$/i.test(name)) return;
  const known = [...headers.keys()].find((other) => other.toLowerCase() === name.toLowerCase());
  if (known !== undefined && defaults.has(known.toLowerCase())) headers.delete(known);
  if (sign === ":" && value === "") return;
  const before = [...headers].find(([other]) => other.toLowerCase() === name.toLowerCase());
  if (before === undefined) headers.set(name, [value]);
  else before[1].push(value);
}

/** What is curl's own, and gives way to what the user says; of the user's own there may be several. */
const defaults = new Set(
  "host authorization range user-agent accept accept-encoding referer cookie content-length content-type".split(
    " ",
  ),
);

function headerLines(context: CommandContext, text: string): string[] {
  if (!text.startsWith("@")) return [text];
  return read(context, text.slice(1), NO_FILE)
    .toString()
    .split(/\r?\n/)
    .filter((line) => line !== "");
}

function cookiesOf(options: CurlOptions): string | undefined {
  const given = options.values("cookie");
  const jar = given.find((text) => !text.includes("="));
  if (jar !== undefined)
    throw new CommandError("option -b: the installed libcurl version doesn't support cookie files", 2);
  return given.length === 0 ? undefined : given.join("; ");
}

function certificates(context: CommandContext, name: string | undefined): Buffer | undefined {
  return name === undefined ? undefined : read(context, name, NO_CERTIFICATES);
}

function read(context: CommandContext, name: string, status: number): Buffer {
  try {
    return readFileSync(context.path(name));
  } catch {
    throw new CommandError(`Failed to open ${name}`, status);
  }
}
