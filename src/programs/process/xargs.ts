import type { Command, CommandContext } from "../command.js";
import { CommandError, quotedIfOdd, reason } from "../errors.js";
import { FileDescriptor } from "../io/file.js";
import { withInput } from "../io/files.js";
import type { Input } from "../io/input.js";
import { lineBatches } from "../io/lines.js";
import { parseOptions } from "../options.js";

/** How long a command line gets, in bytes. */
const LONGEST = 128 * 1024;

/** A command that failed, and one that ended everything. */
const FAILED = 123;
const ENDED = 124;

export const xargs: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "0a:d:E:I:i::L:l::n:oP:prs:tx",
    names: {
      null: "0",
      "arg-file": "a:",
      delimiter: "d:",
      replace: "i::",
      "max-lines": "l::",
      "max-args": "n:",
      "max-procs": "P:",
      "no-run-if-empty": "r",
      "max-chars": "s:",
      verbose: "t",
      exit: "x",
    },
    inOrder: true,
  });
  const count = (letter: string, fallback: number) => {
    const text = options.value(letter);
    if (text !== undefined && !/^\d+$/.test(text))
      throw new CommandError(
        `invalid number "${text}" for -${letter} option\nTry 'xargs --help' for more information.`,
      );
    return text === undefined ? fallback : Number(text);
  };
  const replace = options.has("I")
    ? options.value("I")
    : options.has("i")
      ? (options.value("i") ?? "{}")
      : undefined;
  const delimiter = options.has("0") ? "\0" : escaped(options.value("d"));
  const perLine = options.has("L") || replace !== undefined;
  const most =
    replace === undefined ? (options.has("L") ? count("L", 1) : count("n", Number.POSITIVE_INFINITY)) : 1;
  const runner = new Runner(context, {
    command: options.operands.length === 0 ? ["echo"] : options.operands,
    replace,
    at: Math.max(1, count("P", 1) || Number.POSITIVE_INFINITY),
    traced: options.has("t"),
  });
  const file = options.value("a") ?? "-";
  try {
    await withInput(context, file, async (input) => {
      let batch: string[] = [];
      let items = 0;
      let size = 0;
      for await (const words of itemsOf(
        input,
        delimiter,
        perLine,
        options.value("E"),
        replace !== undefined,
      )) {
        const length = words.reduce((sum, word) => sum + Buffer.byteLength(word) + 1, 0);
        if (items >= most || (size + length > LONGEST && items > 0)) {
          if (!(await runner.start(batch))) return;
          batch = [];
          items = 0;
          size = 0;
        }
        batch.push(...words);
        items++;
        size += length;
      }
      if (items > 0 || (!options.has("r") && !runner.started && replace === undefined))
        await runner.start(batch);
    });
  } catch (error) {
    if (file === "-") throw error;
    throw new CommandError(`Cannot open input file ${quotedIfOdd(file)}: ${reason(error)}`);
  }
  return runner.end();
};

/** `\n`, `\t`, `\0` by their names. */
function escaped(text: string | undefined): string | undefined {
  const names: Readonly<Record<string, string>> = { "\\n": "\n", "\\t": "\t", "\\0": "\0" };
  return text === undefined ? undefined : (names[text] ?? text.charAt(0));
}

/** What makes up one argument, or the arguments of one line. */
async function* itemsOf(
  input: Input,
  delimiter: string | undefined,
  perLine: boolean,
  end: string | undefined,
  whole: boolean,
): AsyncGenerator<string[], void> {
  if (delimiter !== undefined) {
    for await (const { lines } of lineBatches(input, "utf8", delimiter))
      for (const line of lines) yield [line];
    return;
  }
  let carried = "";
  for await (const { lines } of lineBatches(input, "utf8"))
    for (const line of lines) {
      const words = wordsOf(carried + line, whole);
      // A line of -L goes on where it ends with a blank; a backslash takes the newline in.
      if (words === null) {
        carried += `${line}\n`;
        continue;
      }
      carried = "";
      const stop = end === undefined ? -1 : words.indexOf(end);
      const wanted = stop < 0 ? words : words.slice(0, stop);
      if (perLine) {
        if (wanted.length > 0) yield wanted;
      } else for (const word of wanted) yield [word];
      if (stop >= 0) return;
    }
  if (carried !== "") yield [carried.trimEnd()];
}

/** Splits a line at blanks, but for what is quoted; null where a backslash ends it. */
function wordsOf(line: string, whole: boolean): string[] | null {
  const words: string[] = [];
  let word: string | null = null;
  for (let at = 0; at < line.length; at++) {
    const character = line.charAt(at);
    if (character === "\\") {
      if (at + 1 === line.length) return null;
      word = (word ?? "") + line.charAt(++at);
    } else if (character === '"' || character === "'") {
      const close = line.indexOf(character, at + 1);
      if (close < 0)
        throw new CommandError(
          `unmatched ${character === '"' ? "double" : "single"} quote; by default quotes are special to xargs unless you use the -0 option`,
        );
      word = (word ?? "") + line.slice(at + 1, close);
      at = close;
    } else if (!/[ \t\n]/.test(character) || (whole && word !== null)) word = (word ?? "") + character;
    else if (word !== null) {
      words.push(word);
      word = null;
    }
  }
  if (word !== null) words.push(word);
  return words;
}

interface RunStyle {
  command: readonly string[];
  /** What stands for the argument in the command. */
  replace: string | undefined;
  /** How many run at once. */
  at: number;
  traced: boolean;
}

class Runner {
  started = false;
  #status = 0;
  readonly #context: CommandContext;
  readonly #style: RunStyle;
  readonly #running = new Set<Promise<void>>();

  constructor(context: CommandContext, style: RunStyle) {
    this.#context = context;
    this.#style = style;
  }

  /** Whether there may be more. */
  async start(args: readonly string[]): Promise<boolean> {
    const { command, replace, at, traced } = this.#style;
    this.started = true;
    const words =
      replace === undefined
        ? [...command, ...args]
        : command.map((word) => word.replaceAll(replace, () => args[0] ?? ""));
    if (traced) await this.#context.stderr(`${words.map(quotedIfOdd).join(" ")}\n`);
    const ended = this.#run(words).finally(() => this.#running.delete(ended));
    this.#running.add(ended);
    if (this.#running.size >= at) await Promise.race(this.#running);
    return this.#status < ENDED;
  }

  async end(): Promise<number> {
    await Promise.all(this.#running);
    return this.#status;
  }

  async #run([name = "", ...args]: readonly string[]): Promise<void> {
    // What it runs can't take the arguments that are still to come.
    const stdin = await FileDescriptor.open("/dev/null", "r");
    const missing = () => this.#context.fail(`${name}: No such file or directory`, 127);
    const status = await this.#context.run(name, args, { stdin, missing });
    stdin.release();
    if (status === 255) {
      this.#status = await this.#context.fail(`${name}: exited with status 255; aborting`, ENDED);
    } else if (status === 126 || status === 127) this.#status = status;
    else if (status > 128) this.#status = 125;
    else if (status !== 0) this.#status = FAILED;
  }
}
