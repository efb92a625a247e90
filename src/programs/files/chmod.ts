import { chmodSync, lstatSync, readdirSync, statSync } from "node:fs";
import { join } from "node:path";
import type { Command, CommandContext } from "../command.js";
import { CommandError, quoted, reason } from "../errors.js";
import { Turns } from "../io/files.js";
import { missingOperand, type Options, parseOptions } from "../options.js";
import { changeMode, type Mode, parseMode, permissionLetters } from "./mode.js";

export const chmod: Command = async (context) => {
  // A mode that takes rights away is no option.
  const first = context.args.findIndex((arg) => /^-[rwxXstugo,=+-]+$/.test(arg) && !/^-(?:-.*)?$/.test(arg));
  const args = first < 0 ? context.args : context.args.toSpliced(first, 1);
  const options = parseOptions(
    context,
    {
      letters: "cfRv",
      names: { changes: "c", silent: "f", quiet: "f", verbose: "v", recursive: "R", reference: "reference:" },
    },
    args,
  );
  const reference = options.value("reference");
  const operands = first < 0 ? options.operands : [context.args[first] as string, ...options.operands];
  const names = reference === undefined ? operands.slice(1) : operands;
  if (operands.length === 0) throw missingOperand(context);
  if (names.length === 0)
    throw new CommandError(
      `missing operand after ${quoted(operands[0] as string)}\nTry 'chmod --help' for more information.`,
    );
  const mode =
    reference === undefined
      ? parseMode(operands[0] as string)
      : statSync(context.path(reference)).mode & 0o7777;
  const changer = new Changer(context, options, mode);
  for (const name of names) await changer.change(name);
  return changer.status;
};

class Changer {
  status = 0;
  readonly #context: CommandContext;
  readonly #options: Options;
  readonly #mode: Mode;
  readonly #turns: Turns;

  constructor(context: CommandContext, options: Options, mode: Mode) {
    this.#context = context;
    this.#options = options;
    this.#mode = mode;
    this.#turns = new Turns(context);
  }

  async change(name: string, below = false): Promise<void> {
    await this.#turns.next();
    const path = this.#context.path(name);
    try {
      // Below a directory links are left alone, and so is what they lead to.
      if (below && lstatSync(path).isSymbolicLink()) return;
      const stats = statSync(path);
      const before = stats.mode & 0o7777;
      const after = changeMode(this.#mode, before, stats.isDirectory(), process.umask());
      chmodSync(path, after);
      await this.#tell(name, before, after);
      if (this.#options.has("R") && stats.isDirectory())
        for (const entry of readdirSync(path)) await this.change(join(name, entry), true);
    } catch (error) {
      const missing = (error as NodeJS.ErrnoException).code === "ENOENT";
      const what = missing ? "cannot access" : "changing permissions of";
      const why = reason(error);
      this.status = 1;
      if (!this.#options.has("f")) await this.#context.fail(`${what} ${quoted(name)}: ${why}`);
    }
  }

  async #tell(name: string, before: number, after: number): Promise<void> {
    const octal = (mode: number) => `${mode.toString(8).padStart(4, "0")} (${permissionLetters(mode)})`;
    if (before !== after && (this.#options.has("v") || this.#options.has("c")))
      await this.#context.stdout(
        `mode of ${quoted(name)} changed from ${octal(before)} to ${octal(after)}\n`,
      );
    else if (this.#options.has("v"))
      await this.#context.stdout(`mode of ${quoted(name)} retained as ${octal(after)}\n`);
  }
}
