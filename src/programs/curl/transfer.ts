import type { IncomingMessage } from "node:http";
import type { Readable } from "node:stream";
import type { CommandContext } from "../command.js";
import { type Answer, answerHead, cipherOf, exchange, hostOf, portOf } from "./exchange.js";
import { Failure } from "./failure.js";
import type { CurlOptions } from "./options.js";
import type { RequestPlan } from "./request.js";
import type { Sink } from "./sink.js";
import type { Report } from "./write-out.js";

const MAX_REDIRECTS = 50;

/** One URL: its request, those that redirects lead to, and what comes of them. */
export class Transfer {
  readonly #context: CommandContext;
  readonly #options: CurlOptions;
  readonly #plan: RequestPlan;
  readonly #sink: Sink;
  readonly #heads: Sink | null;
  readonly #began = performance.now();
  readonly #report: Report;
  #received = 0;
  /** The last status, 0 before there is one. */
  status = 0;
  /** What the server asks to be waited before another attempt, in seconds. */
  retryAfter: number | null = null;

  /** `heads` takes the heads of answers, where somebody wants them apart. */
  constructor(
    context: CommandContext,
    options: CurlOptions,
    plan: RequestPlan,
    sink: Sink,
    heads: Sink | null,
  ) {
    this.#context = context;
    this.#options = options;
    this.#plan = plan;
    this.#sink = sink;
    this.#heads = heads;
    this.#report = { ...emptyReport, filename_effective: sink.name };
  }

  /** Rejects with a `Failure`. */
  async run(text: string): Promise<void> {
    this.#report["url"] = text;
    const end = new AbortController();
    const limit = this.#options.number("max-time");
    const timer =
      limit === undefined
        ? undefined
        : setTimeout(() => end.abort(this.#timedOut()), Math.ceil(limit * 1000));
    try {
      await this.#follow(text, AbortSignal.any([end.signal, this.#context.signal]));
    } finally {
      clearTimeout(timer);
    }
  }

  /** What `--write-out` may tell. */
  report(failure: Failure | null): Report {
    const total = this.#now();
    const speed = Math.round(this.#received / (total / 1000 || 1));
    return {
      ...this.#report,
      errormsg: failure?.message ?? null,
      exitcode: failure?.status ?? 0,
      http_code: String(this.status).padStart(3, "0"),
      response_code: String(this.status).padStart(3, "0"),
      size_download: this.#received,
      speed_download: speed,
      time_total: total,
    };
  }

  readonly #now = (): number => performance.now() - this.#began;

  #timedOut(): Failure {
    const what = `Operation timed out after ${Math.round(this.#now())} milliseconds`;
    const { status } = this;
    return new Failure(
      28,
      status === 0 ? `${what} with 0 bytes received` : `${what} with ${this.#received} bytes received`,
    );
  }

  async #follow(text: string, signal: AbortSignal): Promise<void> {
    const options = this.#options;
    let url = this.#plan.urlOf(text);
    const first = url;
    let { method } = this.#plan;
    let withBody = true;
    const most = options.number("max-redirs") ?? MAX_REDIRECTS;
    for (let redirects = 0; ; redirects++) {
      const trusted = options.has("location-trusted") || url.origin === first.origin;
      const answer = await exchange(this.#plan.wish(url, method, withBody, trusted, signal), this.#now);
      await this.#note(url, method, answer, redirects);
      const next = redirectOf(answer.response, url);
      this.#report["redirect_url"] = next === null ? null : next.href;
      if (next === null || !(options.has("location") || options.has("location-trusted")))
        return this.#take(answer.response, signal);
      if (redirects >= most) throw new Failure(47, `Maximum (${most}) redirects followed`);
      await this.#showHead(answer.response);
      answer.response.destroy();
      if (next.protocol !== "http:" && next.protocol !== "https:")
        throw new Failure(1, `Protocol "${next.protocol.slice(0, -1)}" not supported or disabled in libcurl`);
      const left = this.#plan.redirected(method, this.status);
      ({ method } = left);
      withBody &&= left.keepsBody;
      url = next;
    }
  }

  /** Keeps what there is to tell of an answer. */
  async #note(
    url: URL,
    method: string,
    { response, peer, moments, sent, uploaded }: Answer,
    redirects: number,
  ): Promise<void> {
    this.status = response.statusCode ?? 0;
    const after = Number(response.headers["retry-after"]);
    this.retryAfter = Number.isFinite(after) ? after : null;
    const report = this.#report;
    for (const [name, moment] of Object.entries(moments)) report[`time_${name}`] = moment;
    const { remote, local } = peer;
    Object.assign(report, {
      ...{
        content_type: response.headers["content-type"] ?? null,
        http_version: response.httpVersion,
        method,
      },
      ...{
        remote_ip: remote.address,
        remote_port: remote.port,
        local_ip: local.address,
        local_port: local.port,
      },
      ...{ num_connects: redirects + 1, num_redirects: redirects, url_effective: url.href },
      ...{ scheme: url.protocol.slice(0, -1).toUpperCase(), num_headers: response.rawHeaders.length / 2 },
      size_header: Number(report["size_header"]) + answerHead(response).length,
      size_request: Number(report["size_request"]) + sent.length,
      size_upload: uploaded,
    });
    if (this.#options.has("verbose")) await this.#narrate(url, response, peer.remote.address, sent);
  }

  async #narrate(url: URL, response: IncomingMessage, address: string, sent: string): Promise<void> {
    const host = hostOf(url);
    const cipher = cipherOf(response);
    const lines = (text: string, mark: string) => text.replaceAll(/.*\r\n/g, `${mark} $&`);
    await this.#context.stderr(
      `* Connected to ${host} (${address}) port ${portOf(url)}\n` +
        (cipher === null ? "" : `* SSL connection using ${cipher}\n`) +
        lines(sent, ">") +
        lines(answerHead(response), "<"),
    );
  }

  async #showHead(response: IncomingMessage): Promise<void> {
    const head = answerHead(response);
    await this.#heads?.write(head);
    if (this.#options.has("include") || this.#options.has("head")) await this.#sink.write(head);
  }

  async #take(response: IncomingMessage, signal: AbortSignal): Promise<void> {
    const options = this.#options;
    const failed = this.status >= 400 && (options.has("fail") || options.has("fail-with-body"));
    const failure = failed ? new Failure(22, `The requested URL returned error: ${this.status}`) : null;
    await this.#showHead(response);
    if (failure !== null && options.has("fail")) {
      response.destroy();
      throw failure;
    }
    try {
      for await (const chunk of this.#decoded(response)) await this.#sink.write(chunk as Buffer);
    } catch (error) {
      response.destroy();
      if (signal.aborted) throw signal.reason;
      throw this.#broken(response, error);
    }
    await this.#sink.end();
    if (failure !== null) throw failure;
  }

  #decoded(response: IncomingMessage): Readable {
    response.on("data", (chunk: Buffer) => {
      this.#received += chunk.length;
    });
    const encoding = this.#options.has("compressed") ? response.headers["content-encoding"] : undefined;
    if (encoding === undefined) return response;
    const zlib = process.getBuiltinModule("node:zlib");
    const decoders: Record<string, () => NodeJS.ReadWriteStream> = {
      br: zlib.createBrotliDecompress,
      deflate: zlib.createInflate,
      gzip: zlib.createGunzip,
      "x-gzip": zlib.createGunzip,
      zstd: zlib.createZstdDecompress,
    };
    const decoder = decoders[encoding.trim().toLowerCase()];
    if (decoder === undefined) return response;
    const { pipeline } = process.getBuiltinModule("node:stream");
    // What goes wrong is heard from the end that is read.
    return pipeline(response, decoder(), () => undefined) as unknown as Readable;
  }

  #broken(response: IncomingMessage, error: unknown): unknown {
    const { code } = error as NodeJS.ErrnoException;
    if (error instanceof Failure || code === "EPIPE") return error;
    if (code !== "ECONNRESET")
      return new Failure(61, `Error while processing content unencoding: ${(error as Error).message}`);
    const length = response.headers["content-length"];
    const missing = length === undefined ? null : Number(length) - this.#received;
    return new Failure(
      18,
      missing === null
        ? "transfer closed with outstanding read data remaining"
        : `transfer closed with ${missing} bytes remaining to read`,
    );
  }
}

function redirectOf({ statusCode = 0, headers: { location } }: IncomingMessage, from: URL): URL | null {
  if (![301, 302, 303, 307, 308].includes(statusCode) || location === undefined) return null;
  if (!URL.canParse(location, from.href)) return null;
  const url = new URL(location, from.href);
  if (url.hash === "") url.hash = from.hash;
  return url;
}

const emptyReport: Report = {
  content_type: null,
  filename_effective: null,
  http_version: "0",
  local_ip: "",
  local_port: 0,
  method: null,
  num_connects: 0,
  num_headers: 0,
  num_redirects: 0,
  redirect_url: null,
  remote_ip: "",
  remote_port: 0,
  scheme: null,
  size_header: 0,
  size_request: 0,
  size_upload: 0,
  speed_upload: 0,
  ssl_verify_result: 0,
  time_appconnect: 0,
  time_connect: 0,
  time_namelookup: 0,
  time_pretransfer: 0,
  time_redirect: 0,
  time_starttransfer: 0,
  url_effective: null,
};
