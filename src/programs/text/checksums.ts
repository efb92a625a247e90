import type { Command, CommandContext } from "../command.js";
import { quotedIfOdd, reason } from "../errors.js";
import { withInput } from "../io/files.js";
import { lineBatches } from "../io/lines.js";
import { type Options, parseOptions } from "../options.js";

/** Makes the command that shows and checks one kind of checksum. */
function checksum(algorithm: string): Command {
  return async (context) => {
    const options = parseOptions(context, {
      letters: "bctwz",
      names: {
        binary: "b",
        check: "c",
        "ignore-missing": "ignore",
        quiet: "quiet",
        status: "status",
        strict: "strict",
        tag: "tag",
        text: "t",
        warn: "w",
        zero: "z",
      },
    });
    const names = options.operands.length === 0 ? ["-"] : options.operands;
    let status = 0;
    for (const name of names)
      status |= options.has("c")
        ? await new Check(context, options, algorithm).list(name)
        : await show(context, options, algorithm, name);
    return status;
  };
}

export const md5sum = checksum("md5");
export const sha1sum = checksum("sha1");
export const sha224sum = checksum("sha224");
export const sha256sum = checksum("sha256");
export const sha384sum = checksum("sha384");
export const sha512sum = checksum("sha512");

async function digest(context: CommandContext, name: string, algorithm: string): Promise<string> {
  // Loaded by who needs it.
  const hash = process.getBuiltinModule("node:crypto").createHash(algorithm);
  await withInput(context, name, async (input) => {
    for await (const chunk of input.chunks()) hash.update(chunk);
  });
  return hash.digest("hex");
}

async function show(
  context: CommandContext,
  options: Options,
  algorithm: string,
  name: string,
): Promise<number> {
  let sum: string;
  try {
    sum = await digest(context, name, algorithm);
  } catch (error) {
    return context.fail(`${quotedIfOdd(name)}: ${reason(error)}`);
  }
  const end = options.has("z") ? "\0" : "\n";
  const odd = !options.has("z") && /[\\\n\r]/.test(name);
  const shown = odd ? name.replaceAll("\\", "\\\\").replaceAll("\n", "\\n").replaceAll("\r", "\\r") : name;
  const mark = odd ? "\\" : "";
  const line = options.has("tag")
    ? `${algorithm.toUpperCase()} (${shown}) = ${sum}`
    : `${sum} ${options.last("b", "t") === "b" ? "*" : " "}${shown}`;
  await context.stdout(mark + line + end);
  return 0;
}

/** A file of checksums, and what is found of it. */
class Check {
  readonly #context: CommandContext;
  readonly #options: Options;
  readonly #algorithm: string;
  readonly #line: RegExp;
  #good = 0;
  #wrong = 0;
  #unreadable = 0;
  #odd = 0;
  #lines = 0;

  constructor(context: CommandContext, options: Options, algorithm: string) {
    this.#context = context;
    this.#options = options;
    this.#algorithm = algorithm;
    const digits = `[0-9a-fA-F]{${process.getBuiltinModule("node:crypto").createHash(algorithm).digest().length * 2}}`;
    this.#line = new RegExp(
      `^\\s*(\\\\?)(?:${algorithm.toUpperCase()} \\((.*)\\) = (${digits})|(${digits}) [ *](.*))$`,
    );
  }

  async list(list: string): Promise<number> {
    const shown = list === "-" ? "'standard input'" : quotedIfOdd(list);
    try {
      await withInput(this.#context, list, async (input) => {
        for await (const { lines } of lineBatches(input, "utf8"))
          for (const line of lines) await this.#entry(list, line);
      });
    } catch (error) {
      return this.#context.fail(`${shown}: ${reason(error)}`);
    }
    if (this.#good + this.#wrong + this.#unreadable === 0 && !this.#options.has("ignore"))
      return this.#context.fail(`${shown}: no properly formatted checksum lines found`);
    if (!this.#options.has("status")) await this.#summary();
    if (this.#options.has("ignore") && this.#good + this.#wrong === 0)
      return this.#context.fail(`${shown}: no file was verified`);
    const strict = this.#options.has("strict") && this.#odd > 0;
    return this.#wrong + this.#unreadable > 0 || strict ? 1 : 0;
  }

  async #entry(list: string, line: string): Promise<void> {
    this.#lines++;
    if (line.startsWith("#")) return;
    const match = this.#line.exec(line.replace(/\r$/, ""));
    if (match === null) {
      this.#odd++;
      if (this.#options.has("w"))
        await this.#context.fail(
          `${list}: ${this.#lines}: improperly formatted ${this.#algorithm.toUpperCase()} checksum line`,
        );
      return;
    }
    const [, escaped, tagged, taggedSum, plainSum, plain] = match;
    const written = (tagged ?? plain) as string;
    const name = escaped
      ? written.replace(/\\([\\nr])/g, (_, c) => (c === "n" ? "\n" : c === "r" ? "\r" : "\\"))
      : written;
    await this.#file(name, ((taggedSum ?? plainSum) as string).toLowerCase());
  }

  async #file(name: string, expected: string): Promise<void> {
    const quiet = this.#options.has("quiet") || this.#options.has("status");
    try {
      const good = (await digest(this.#context, name, this.#algorithm)) === expected;
      if (good) this.#good++;
      else this.#wrong++;
      if (good ? !quiet : !this.#options.has("status"))
        await this.#context.stdout(`${name}: ${good ? "OK" : "FAILED"}\n`);
    } catch (error) {
      const why = reason(error);
      if (this.#options.has("ignore") && (error as NodeJS.ErrnoException).code === "ENOENT") return;
      this.#unreadable++;
      await this.#context.fail(`${quotedIfOdd(name)}: ${why}`);
      if (!this.#options.has("status")) await this.#context.stdout(`${name}: FAILED open or read\n`);
    }
  }

  async #summary(): Promise<void> {
    const warn = (count: number, one: string, many: string) =>
      count > 0 ? this.#context.fail(`WARNING: ${count} ${count === 1 ? one : many}`) : 0;
    await warn(this.#odd, "line is improperly formatted", "lines are improperly formatted");
    await warn(this.#unreadable, "listed file could not be read", "listed files could not be read");
    await warn(this.#wrong, "computed checksum did NOT match", "computed checksums did NOT match");
  }
}
