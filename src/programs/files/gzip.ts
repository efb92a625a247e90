import {
  closeSync,
  existsSync,
  fstatSync,
  openSync,
  readdirSync,
  statSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { extname } from "node:path";
import type { Transform } from "node:stream";
import type { Command, CommandContext, Write } from "../command.js";
import { CommandError, reason } from "../errors.js";
import { FileDescriptor } from "../io/file.js";
import { Turns } from "../io/files.js";
import { Input } from "../io/input.js";
import { through } from "../io/transform.js";
import { type Options, parseOptions } from "../options.js";

/** What `gzip` ends with that had only something to say. */
const WARNING = 2;

export const gzip: Command = async (context) => {
  const levels = context.args.map((arg) => arg.replace(/^--fast$/, "-1").replace(/^--best$/, "-9"));
  const options = parseOptions(
    context,
    {
      letters: "cdfknNqrS:tv123456789",
      names: {
        stdout: "c",
        "to-stdout": "c",
        decompress: "d",
        uncompress: "d",
        force: "f",
        keep: "k",
        "no-name": "n",
        name: "N",
        quiet: "q",
        recursive: "r",
        suffix: "S:",
        test: "t",
        verbose: "v",
      },
    },
    levels,
  );
  const zip = new Zip(context, options);
  for (const name of options.operands.length === 0 ? ["-"] : options.operands) await zip.operand(name);
  return zip.status;
};

class Zip {
  status = 0;
  readonly #context: CommandContext;
  readonly #options: Options;
  readonly #suffix: string;
  readonly #unpacks: boolean;
  readonly #toStdout: boolean;
  readonly #turns: Turns;

  constructor(context: CommandContext, options: Options) {
    this.#context = context;
    this.#turns = new Turns(context);
    this.#options = options;
    this.#suffix = options.value("S") ?? ".gz";
    this.#toStdout = options.has("c") || context.name === "zcat" || options.has("t");
    this.#unpacks =
      options.has("d") || options.has("t") || context.name === "gunzip" || context.name === "zcat";
  }

  /** With `-r`, all files in a directory. */
  async operand(name: string): Promise<void> {
    await this.#turns.next();
    const path = this.#context.path(name);
    const tree = this.#options.has("r") && statSync(path, { throwIfNoEntry: false })?.isDirectory();
    if (tree !== true) return this.#file(name);
    for (const entry of readdirSync(path).sort()) await this.operand(`${name.replace(/\/+$/, "")}/${entry}`);
  }

  async #file(name: string): Promise<void> {
    try {
      if (name === "-") await this.#through(this.#context.stdin, this.#context.stdout, "stdin");
      else await this.#named(name);
    } catch (error) {
      if (error instanceof CommandError) await this.#say(error.message, error.status);
      else await this.#say(`${this.#missing(name)}: ${reason(error)}`, 1);
    }
  }

  /** What is to be unpacked may go without its suffix; that it isn't there is said with it. */
  #missing(name: string): string {
    return this.#unpacks && !name.endsWith(this.#suffix) ? name + this.#suffix : name;
  }

  async #named(name: string): Promise<void> {
    const path = this.#context.path(name);
    const found = this.#unpacks && !existsSync(path) && existsSync(path + this.#suffix) ? this.#suffix : "";
    const source = await FileDescriptor.open(path + found, "r");
    try {
      const stats = fstatSync(source.fd);
      if (stats.isDirectory()) throw new CommandError(`${name} is a directory -- ignored`, WARNING);
      const input = new Input(source, this.#context.signal);
      if (this.#toStdout) return await this.#through(input, this.#context.stdout, name);
      const target = this.#target(name + found);
      const { read, written } = await this.#intoFile(input, target, name, stats.mode & 0o777);
      utimesSync(this.#context.path(target), stats.atime, stats.mtime);
      if (this.#options.has("v")) await this.#tell(name + found, read, written, target);
      if (!this.#options.has("k")) unlinkSync(path + found);
    } finally {
      source.release();
    }
  }

  #target(name: string): string {
    if (!this.#unpacks) {
      if (name.endsWith(this.#suffix) && !this.#options.has("f"))
        throw new CommandError(
          `${name} already has ${this.#suffix} suffix -- unchanged`,
          this.#options.has("q") ? 0 : WARNING,
        );
      return name + this.#suffix;
    }
    if (name.endsWith(this.#suffix)) return name.slice(0, -this.#suffix.length);
    if (extname(name) === ".tgz") return name.replace(/\.tgz$/, ".tar");
    throw new CommandError(`${name}: unknown suffix -- ignored`, WARNING);
  }

  async #intoFile(
    input: Input,
    target: string,
    name: string,
    mode: number,
  ): Promise<{ read: number; written: number }> {
    const path = this.#context.path(target);
    if (existsSync(path) && !this.#options.has("f"))
      throw new CommandError(`${target} already exists;\tnot overwritten`, WARNING);
    closeSync(openSync(path, "w", mode));
    const output = await FileDescriptor.open(path, "w", mode);
    let complete = false;
    try {
      const counts = { read: 0, written: 0 };
      await this.#through(input, (bytes) => output.write(Buffer.from(bytes as Uint8Array)), name, counts);
      complete = true;
      return counts;
    } finally {
      output.release();
      if (!complete) unlinkSync(path);
    }
  }

  /** Takes all of an input through zlib, a piece at a time. */
  async #through(input: Input, write: Write, name: string, counts = { read: 0, written: 0 }): Promise<void> {
    const out: Write = this.#options.has("t") ? async () => undefined : write;
    try {
      for await (const chunk of through(counted(input, counts), this.#engine())) {
        counts.written += chunk.length;
        await out(chunk);
      }
    } catch (error) {
      throw zlibError(error, name);
    }
    if (this.#unpacks && counts.read === 0) throw new CommandError(`\ngzip: ${name}: unexpected end of file`);
  }

  #engine(): Transform {
    // Loaded by who needs it.
    const zlib = process.getBuiltinModule("node:zlib");
    const level = this.#options.given.findLast(({ name }) => /^[1-9]$/.test(name))?.name;
    return this.#unpacks ? zlib.createGunzip() : zlib.createGzip({ level: Number(level ?? 6) });
  }

  async #tell(name: string, read: number, written: number, target: string): Promise<void> {
    const [whole, packed] = this.#unpacks ? [written, read] : [read, written];
    const ratio = whole === 0 ? 0 : ((whole - (packed - FRAME)) * 100) / whole;
    const done = this.#options.has("k") ? "created" : "replaced with";
    await this.#context.stderr(`${name}:\t${ratio.toFixed(1).padStart(5)}% -- ${done} ${target}\n`);
  }

  async #say(message: string, status: number): Promise<void> {
    if (this.status !== 1) this.status = status;
    if (this.#options.has("q") && status !== 1) return;
    if (message.startsWith("\n")) await this.#context.stderr(`${message}\n`);
    else await this.#context.stderr(`gzip: ${message}\n`);
  }
}

/** What gzip's ratio leaves out: header and trailer. */
const FRAME = 18;

async function* counted(input: Input, counts: { read: number }): AsyncGenerator<Buffer, void> {
  for await (const chunk of input.chunks()) {
    counts.read += chunk.length;
    yield chunk;
  }
}

/** What gzip says where zlib has its own words. */
function zlibError(error: unknown, name: string): unknown {
  switch ((error as NodeJS.ErrnoException).code) {
    case "Z_DATA_ERROR":
      return new CommandError(
        (error as Error).message === "incorrect header check"
          ? `\ngzip: ${name}: not in gzip format`
          : `\ngzip: ${name}: invalid compressed data--${/check/.test((error as Error).message) ? "crc error" : "format violated"}`,
      );
    case "Z_BUF_ERROR":
      return new CommandError(`\ngzip: ${name}: unexpected end of file`);
    default:
      return error;
  }
}
