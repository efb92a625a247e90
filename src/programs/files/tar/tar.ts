import { fstatSync } from "node:fs";
import type { Command, CommandContext, Write } from "../../command.js";
import { CommandError, reason } from "../../errors.js";
import { FileDescriptor } from "../../io/file.js";
import { Input } from "../../io/input.js";
import { through } from "../../io/transform.js";
import { type Options, parseOptions } from "../../options.js";
import { Creation } from "./create.js";
import { Extraction } from "./extract.js";
import { ArchiveReader } from "./reader.js";
import { TarStyle } from "./style.js";

const TROUBLE = 2;
const NOT_RECOVERABLE = "tar: Error is not recoverable: exiting now";
const usage = "Try 'tar --help' or 'tar --usage' for more information.";

const grammar = {
  letters: "AacC:df:hjJkmoOpPrtT:uvxX:z",
  names: {
    "absolute-names": "P",
    "auto-compress": "a",
    bzip2: "j",
    create: "c",
    dereference: "h",
    directory: "C:",
    exclude: "exclude:",
    "exclude-from": "X:",
    extract: "x",
    file: "f:",
    "files-from": "T:",
    format: "format:",
    get: "x",
    group: "group:",
    gunzip: "z",
    gzip: "z",
    "keep-old-files": "k",
    list: "t",
    mtime: "mtime:",
    "no-recursion": "flat",
    "no-same-owner": "own",
    "no-same-permissions": "own-mode",
    null: "null",
    "numeric-owner": "numeric",
    overwrite: "overwrite",
    owner: "owner:",
    "preserve-permissions": "p",
    "same-permissions": "p",
    "skip-old-files": "skip",
    sort: "sort:",
    "strip-components": "strip:",
    "to-stdout": "O",
    touch: "m",
    ungzip: "z",
    verbose: "v",
    wildcards: "wildcards",
    xz: "J",
  },
  mixed: true,
  status: TROUBLE,
};

export const tar: Command = async (context) => {
  const options = optionsOf(context);
  const modes = new Set(options.given.filter(({ name }) => /^[Acdrtux]$/.test(name)).map(({ name }) => name));
  const [mode] = modes;
  if (mode === undefined)
    throw misuse("You must specify one of the '-Acdtrux', '--delete' or '--test-label' options");
  if (modes.size > 1)
    throw misuse("You may not specify more than one '-Acdtrux', '--delete' or  '--test-label' option");
  if (!"ctx".includes(mode)) throw misuse(`-${mode} is not supported by this tar`);
  const packer = options.has("j") ? "bzip2" : options.has("J") ? "xz" : null;
  if (packer !== null)
    throw new CommandError(`${packer}: Cannot exec: No such file or directory\n${NOT_RECOVERABLE}`, TROUBLE);
  const style = new TarStyle(context, options);
  return mode === "c" ? create(context, options, style) : read(context, options, style, mode === "t");
};

/** The first argument may be letters without a dash, whose own arguments follow it in their order. */
function optionsOf(context: CommandContext): Options {
  const [first = "", ...others] = context.args;
  let args = context.args;
  if (first !== "" && !first.startsWith("-")) {
    args = [];
    for (const letter of first) {
      const takes = grammar.letters[grammar.letters.indexOf(letter) + 1] === ":";
      args.push(`-${letter}`);
      if (!takes) continue;
      const argument = others.shift();
      if (argument === undefined) throw misuse(`Old option '${letter}' requires an argument.`);
      args.push(argument);
    }
    args.push(...others);
  }
  try {
    return parseOptions(context, grammar, args);
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw misuse(error.message.split("\n")[0] as string);
  }
}

function misuse(message: string): CommandError {
  return new CommandError(`${message}\n${usage}`, TROUBLE);
}

function zlib(): typeof import("node:zlib") {
  // Loaded by who needs it.
  return process.getBuiltinModule("node:zlib");
}

async function create(context: CommandContext, options: Options, style: TarStyle): Promise<number> {
  if (options.operands.length === 0 && !options.has("T"))
    throw misuse("Cowardly refusing to create an empty archive");
  const name = options.value("f") ?? "-";
  const creation = new Creation(context, options, style, name === "-" ? context.stderr : context.stdout);
  const packed = options.has("z") || (options.has("a") && /\.(?:gz|tgz|taz)$/.test(name));
  const bytes = packed ? through(creation.bytes(), zlib().createGzip()) : creation.bytes();
  const file = name === "-" ? null : await open(context, name, "w");
  const write: Write = file === null ? context.stdout : (chunk) => file.write(Buffer.from(chunk));
  try {
    for await (const chunk of bytes) await write(chunk);
  } finally {
    file?.release();
  }
  return end(context, creation.status);
}

async function open(context: CommandContext, name: string, flags: string): Promise<FileDescriptor> {
  try {
    return await FileDescriptor.open(context.path(name), flags);
  } catch (error) {
    throw new CommandError(`${name}: Cannot open: ${reason(error)}\n${NOT_RECOVERABLE}`, TROUBLE);
  }
}

async function end(context: CommandContext, status: number): Promise<number> {
  if (status !== 0) await context.fail("Exiting with failure status due to previous errors");
  return status;
}

async function read(
  context: CommandContext,
  options: Options,
  style: TarStyle,
  list: boolean,
): Promise<number> {
  const name = options.value("f") ?? "-";
  const file = name === "-" ? null : await open(context, name, "r");
  try {
    if (file !== null && fstatSync(file.fd).isDirectory())
      throw new CommandError(
        `${name}: Cannot read: Is a directory\ntar: At beginning of tape, quitting now\n${NOT_RECOVERABLE}`,
        TROUBLE,
      );
    const input = file === null ? context.stdin : new Input(file, context.signal);
    const reader = new ArchiveReader(unpacked(input, options.has("z"), file !== null));
    const extraction = new Extraction(context, options, style);
    await (list ? extraction.list(reader) : extraction.extract(reader));
    return await end(context, extraction.status);
  } catch (error) {
    const what = zlibTrouble(error);
    if (what === null) throw error;
    await context.stderr(`\ngzip: stdin: ${what}\n`);
    throw new CommandError(`Child returned status 1\n${NOT_RECOVERABLE}`, TROUBLE);
  } finally {
    file?.release();
  }
}

/** The bytes of an archive; of a file it is seen whether it is compressed. */
async function* unpacked(input: Input, packed: boolean, named: boolean): AsyncGenerator<Buffer, void> {
  const chunks = input.chunks();
  const { value: first } = await chunks.next();
  if (!first) return;
  const all = (async function* () {
    yield first;
    yield* chunks;
  })();
  const gzipped = first[0] === 0x1f && first[1] === 0x8b;
  if (gzipped && !packed && !named)
    throw new CommandError(`Archive is compressed. Use -z option\n${NOT_RECOVERABLE}`, TROUBLE);
  yield* packed || gzipped ? through(all, zlib().createGunzip()) : all;
}

/** What gzip says where zlib refuses; null where it was something else. */
function zlibTrouble(error: unknown): string | null {
  const { code } = error as NodeJS.ErrnoException;
  if (code === "Z_BUF_ERROR") return "unexpected end of file";
  return code === "Z_DATA_ERROR" ? "not in gzip format" : null;
}
