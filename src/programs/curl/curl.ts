import { readFileSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Command, CommandContext } from "../command.js";
import { CommandError } from "../errors.js";
import { Failure } from "./failure.js";
import { type CurlOptions, optionsOf, usageError } from "./options.js";
import { parseUrl, RequestPlan } from "./request.js";
import { Sink } from "./sink.js";
import { Transfer } from "./transfer.js";
import { writeOut } from "./write-out.js";

export const curl: Command = async (context) => {
  const options = optionsOf(context.args);
  if (options.urls.length === 0) throw usageError("no URL specified!");
  const plan = await RequestPlan.make(context, options);
  const dump = options.value("dump-header");
  const heads = dump === undefined ? null : new Sink(context, options, dump);
  const format = formatOf(context, options.value("write-out"));
  let status = 0;
  for (const [index, url] of options.urls.entries()) {
    status = await new Job(context, options, plan, heads, format).run(url, index);
    if (status !== 0 && options.has("fail-early")) break;
  }
  await heads?.end();
  heads?.close();
  return status;
};

/** `-w @file` and `-w @-` read the format. */
function formatOf(context: CommandContext, given: string | undefined): string {
  if (given === undefined || !given.startsWith("@")) return given ?? "";
  const name = given.slice(1);
  try {
    return readFileSync(name === "-" ? "/dev/stdin" : context.path(name), "utf8");
  } catch {
    throw new CommandError(`Failed to open ${name}`, 26);
  }
}

/** What went wrong with a transfer, null for nothing. */
async function failureIn(transfer: Promise<void>): Promise<Failure | null> {
  try {
    await transfer;
    return null;
  } catch (error) {
    if (error instanceof Failure) return error;
    throw error;
  }
}

/** What is told of the reason for another attempt. */
function problemOf(failure: Failure | null): string {
  if (failure === null || failure.status === HTTP_ERROR) return "HTTP error";
  if (failure.status === TIMEOUT) return "timeout";
  return failure.status === UNREACHABLE ? "connection refused" : "(retrying all errors)";
}

/** What passes by itself, maybe. */
const passing: ReadonlySet<number> = new Set([408, 429, 500, 502, 503, 504]);
const UNREACHABLE = 7;
const HTTP_ERROR = 22;
const TIMEOUT = 28;
const LONGEST_WAIT = 600;

/** One URL, with all attempts at it. */
class Job {
  readonly #context: CommandContext;
  readonly #options: CurlOptions;
  readonly #plan: RequestPlan;
  readonly #heads: Sink | null;
  readonly #format: string;

  constructor(
    context: CommandContext,
    options: CurlOptions,
    plan: RequestPlan,
    heads: Sink | null,
    format: string,
  ) {
    this.#context = context;
    this.#options = options;
    this.#plan = plan;
    this.#heads = heads;
    this.#format = format;
  }

  async run(url: string, index: number): Promise<number> {
    const began = performance.now();
    const retries = this.#options.number("retry") ?? 0;
    const longest = (this.#options.number("retry-max-time") ?? Number.POSITIVE_INFINITY) * 1000;
    for (let attempt = 0; ; attempt++) {
      const { status, wait } = await this.#attempt(url, index, retries - attempt, attempt);
      if (wait === null || performance.now() - began + wait * 1000 > longest) return status;
      await setTimeout(wait * 1000, undefined, { signal: this.#context.signal });
    }
  }

  /** `wait` is how many seconds to wait before another one, null for none. */
  async #attempt(
    url: string,
    index: number,
    left: number,
    attempt: number,
  ): Promise<{ status: number; wait: number | null }> {
    const context = this.#context;
    const sink = new Sink(context, this.#options, this.#output(url, index));
    const transfer = new Transfer(context, this.#options, this.#plan, sink, this.#heads);
    const failure = await failureIn(transfer.run(url));
    sink.close();
    if (left > 0 && this.#mayPass(failure, transfer.status)) {
      const wait =
        transfer.retryAfter ?? this.#options.number("retry-delay") ?? Math.min(LONGEST_WAIT, 2 ** attempt);
      const problem = problemOf(failure);
      const retries = `${left} ${left === 1 ? "retry" : "retries"} left`;
      if (!this.#options.has("silent"))
        await context.stderr(`Warning: Problem: ${problem}. Will retry in ${wait} seconds. ${retries}.\n`);
      return { status: failure?.status ?? 0, wait };
    }
    await this.#tell(transfer, failure);
    return { status: failure?.status ?? 0, wait: null };
  }

  #mayPass(failure: Failure | null, status: number): boolean {
    if (failure !== null && this.#options.has("retry-all-errors")) return true;
    if (failure?.status === TIMEOUT || passing.has(status)) return true;
    return failure?.status === UNREACHABLE && this.#options.has("retry-connrefused");
  }

  async #tell(transfer: Transfer, failure: Failure | null): Promise<void> {
    const { stdout, stderr } = this.#context;
    const options = this.#options;
    if (failure !== null && (!options.has("silent") || options.has("show-error")))
      await stderr(`curl: (${failure.status}) ${failure.message}\n`);
    if (this.#format === "") return;
    const said = writeOut(this.#format, transfer.report(failure));
    if (said.stdout !== "") await stdout(said.stdout);
    if (said.stderr !== "") await stderr(said.stderr);
    for (const name of said.unknown) await stderr(`curl: unknown --write-out variable: '${name}'\n`);
  }

  /** The name of the file for the answer, null for stdout: the options and the URLs go in pairs. */
  #output(url: string, index: number): string | null {
    const options = this.#options;
    const outputs = options.given.filter(({ name }) => name === "output" || name === "remote-name");
    const output = outputs[index];
    if (output?.name !== "remote-name" && !(output === undefined && options.has("remote-name-all")))
      return output?.value == null ? null : this.#inDirectory(output.value);
    const name = parseUrl(url).pathname.split("/").at(-1) ?? "";
    if (name === "") throw new CommandError("Remote file name has no length!", 23);
    return this.#inDirectory(name);
  }

  #inDirectory(name: string): string {
    const directory = this.#options.value("output-dir");
    return directory === undefined || name === "-" ? name : `${directory}/${name}`;
  }
}
