import { chmodSync, readFileSync, renameSync, statSync, unlinkSync } from "node:fs";
import { basename, dirname, join } from "node:path";
import type { Command, CommandContext } from "../command.js";
import { CommandError, reason } from "../errors.js";
import { FileDescriptor } from "../io/file.js";
import { type Options, parseOptions } from "../options.js";
import { Executor, type SedStyle } from "./execute.js";
import { LineInput } from "./input.js";
import { LineOutput, WrittenFiles } from "./output.js";
import { type Piece, ScriptParser } from "./parse.js";
import type { SedCommand } from "./script.js";

const PANIC = 4;
const WIDTH = 70;

export const sed: Command = async (context) => {
  const options = optionsOf(context);
  const names = [...options.operands];
  const pieces = piecesOf(context, options);
  if (pieces.length === 0) {
    const script = names.shift();
    if (script === undefined) throw new CommandError(usage);
    pieces.push({ text: script, name: "-e expression #1" });
  }
  const quiet = options.has("n") || /^#n(?:\n|$)/.test(pieces[0]?.text ?? "");
  const delimiter = options.has("z") ? "\0" : "\n";
  const width = options.value("l");
  const style: SedStyle = { quiet, delimiter, width: width === undefined ? WIDTH : Number(width) };
  const commands = new ScriptParser(options.has("E") || options.has("r")).parse(pieces);
  const files = new WrittenFiles(context, filesOf(commands), delimiter);
  try {
    const executor = new Executor(context, commands, style, files);
    const run = new Run(context, executor, delimiter);
    if (options.has("i")) return await run.inPlace(names, options.value("i") ?? "");
    return await run.toStdout(names, options.has("s"));
  } finally {
    files.close();
  }
};

const usage = "Usage: sed [OPTION]... {script-only-if-no-other-script} [input-file]...";

function optionsOf(context: CommandContext): Options {
  const names = {
    expression: "e:",
    file: "f:",
    "follow-symlinks": "follow",
    "in-place": "i::",
    "line-length": "l:",
    "null-data": "z",
    posix: "posix",
    quiet: "n",
    "regexp-extended": "E",
    sandbox: "sandbox",
    separate: "s",
    silent: "n",
    unbuffered: "u",
  };
  try {
    return parseOptions(context, { letters: "e:f:i::l:nErsuz", names });
  } catch (error) {
    if (!(error instanceof CommandError)) throw error;
    throw new CommandError(`${error.message.split("\n")[0]}\n${usage}`);
  }
}

/** The pieces of the script, in the order in which they are given. */
function piecesOf(context: CommandContext, options: Options): Piece[] {
  const pieces: Piece[] = [];
  for (const { name, value = "" } of options.given) {
    const last = pieces.at(-1);
    // A command whose text is on the next line may go on in the next expression.
    if (
      name === "e" &&
      last !== undefined &&
      last.name.startsWith("-e") &&
      /(?:^|[^\\])(?:\\\\)*\\$/.test(last.text)
    )
      last.text += `\n${value}`;
    else if (name === "e") pieces.push({ text: value, name: `-e expression #${pieces.length + 1}` });
    else if (name === "f") pieces.push({ text: scriptIn(context, value), name: value });
  }
  return pieces;
}

function scriptIn(context: CommandContext, name: string): string {
  try {
    return readFileSync(name === "-" ? 0 : context.path(name), "utf8").replace(/\n$/, "");
  } catch (error) {
    throw new CommandError(`couldn't open file ${name}: ${reason(error)}`);
  }
}

/** The names of the files that a script writes to. */
function filesOf(commands: readonly SedCommand[]): string[] {
  return commands.flatMap(({ action }) => {
    if (action.name === "w" || action.name === "W") return [action.file];
    return action.name === "s" && action.substitution.file !== null ? [action.substitution.file] : [];
  });
}

class Run {
  readonly #context: CommandContext;
  readonly #executor: Executor;
  readonly #delimiter: string;
  #status = 0;

  constructor(context: CommandContext, executor: Executor, delimiter: string) {
    this.#context = context;
    this.#executor = executor;
    this.#delimiter = delimiter;
  }

  /** All files as one, or each by itself. */
  async toStdout(given: readonly string[], separate: boolean): Promise<number> {
    const names = given.length === 0 ? ["-"] : given;
    const output = new LineOutput(this.#context.stdout, this.#delimiter);
    for (const some of separate ? names.map((name) => [name]) : [names])
      if (await this.#through(some, output)) break;
    return this.#executor.status || this.#status;
  }

  async #through(names: readonly string[], output: LineOutput): Promise<boolean> {
    const input = new LineInput(this.#context, names, this.#delimiter);
    try {
      return await this.#executor.run(input, output);
    } finally {
      await output.flush();
      await input.close();
      this.#status = Math.max(this.#status, input.status);
    }
  }

  async inPlace(names: readonly string[], suffix: string): Promise<number> {
    if (names.length === 0) throw new CommandError("no input files");
    for (const name of names) if (await this.#edit(name, suffix)) break;
    return this.#executor.status || this.#status;
  }

  /** Writes what becomes of a file beside it, and puts it in its place at the end. */
  async #edit(name: string, suffix: string): Promise<boolean> {
    const path = this.#context.path(name);
    const stats = statSync(path, { throwIfNoEntry: false });
    if (stats === undefined || !stats.isFile()) {
      const message =
        stats === undefined
          ? `can't read ${name}: No such file or directory`
          : `couldn't edit ${name}: not a regular file`;
      this.#status = Math.max(
        this.#status,
        await this.#context.fail(message, stats === undefined ? 2 : PANIC),
      );
      return false;
    }
    const beside = join(dirname(path), `sed${Math.random().toString(36).slice(2, 8)}`);
    let file: FileDescriptor;
    try {
      file = await FileDescriptor.open(beside, "wx", 0o600);
    } catch (error) {
      throw new CommandError(`couldn't open temporary file ${beside}: ${reason(error)}`, PANIC);
    }
    let quit = false;
    try {
      const output = new LineOutput((bytes) => file.write(Buffer.from(bytes as Uint8Array)), this.#delimiter);
      quit = await this.#through([name], output);
      chmodSync(beside, stats.mode & 0o7777);
      if (suffix !== "") renameSync(path, join(dirname(path), backupName(basename(path), suffix)));
      renameSync(beside, path);
    } catch (error) {
      unlinkSync(beside);
      throw error;
    } finally {
      file.release();
    }
    return quit;
  }
}

function backupName(name: string, suffix: string): string {
  return suffix.includes("*") ? suffix.replaceAll("*", name) : name + suffix;
}
