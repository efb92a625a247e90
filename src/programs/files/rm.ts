import { lstatSync, readdirSync, rmdirSync, unlinkSync } from "node:fs";
import { join } from "node:path";
import type { Command, CommandContext } from "../command.js";
import { quoted, reason } from "../errors.js";
import { Turns } from "../io/files.js";
import { missingOperand, parseOptions } from "../options.js";

export const rm: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "dfiIrRv",
    names: {
      dir: "d",
      force: "f",
      interactive: "i::",
      recursive: "r",
      verbose: "v",
      "one-file-system": "x",
      "preserve-root": "p::",
      "no-preserve-root": "P",
    },
  });
  const { operands } = options;
  const force = options.last("f", "i", "I") === "f";
  if (operands.length === 0) {
    if (force) return 0;
    throw missingOperand(context);
  }
  const removal = new Removal(context, {
    force,
    recursive: options.has("r") || options.has("R"),
    directories: options.has("d"),
    verbose: options.has("v"),
    root: options.has("P"),
  });
  for (const name of operands) await removal.operand(name);
  return removal.status;
};

interface Style {
  force: boolean;
  recursive: boolean;
  directories: boolean;
  verbose: boolean;
  root: boolean;
}

class Removal {
  status = 0;
  readonly #context: CommandContext;
  readonly #style: Style;
  readonly #turns: Turns;

  constructor(context: CommandContext, style: Style) {
    this.#context = context;
    this.#style = style;
    this.#turns = new Turns(context);
  }

  async operand(name: string): Promise<void> {
    if (/^(?:.*\/)?\.\.?\/*$/.test(name) && this.#style.recursive)
      return this.#complain(`refusing to remove '.' or '..' directory: skipping ${quoted(name)}`);
    if (this.#style.recursive && !this.#style.root && this.#context.path(name) === "/")
      return this.#complain(
        "it is dangerous to operate recursively on '/'\nrm: use --no-preserve-root to override this failsafe",
      );
    await this.#remove(name);
  }

  /** Whether it is gone. */
  async #remove(name: string): Promise<void> {
    await this.#turns.next();
    const path = this.#context.path(name);
    const { force, recursive, directories } = this.#style;
    try {
      if (!lstatSync(path).isDirectory()) {
        unlinkSync(path);
        await this.#tell(`removed ${quoted(name)}`);
        return;
      }
      if (!recursive && !directories) return this.#complain(`cannot remove ${quoted(name)}: Is a directory`);
      if (recursive) {
        const before = this.status;
        for (const entry of readdirSync(path)) await this.#remove(join(name, entry));
        if (this.status !== before) return;
      }
      rmdirSync(path);
      await this.#tell(`removed directory ${quoted(name)}`);
    } catch (error) {
      if (force && (error as NodeJS.ErrnoException).code === "ENOENT") return;
      await this.#complain(`cannot remove ${quoted(name)}: ${reason(error)}`);
    }
  }

  async #tell(message: string): Promise<void> {
    if (this.#style.verbose) await this.#context.stdout(`${message}\n`);
  }

  async #complain(message: string): Promise<void> {
    this.status = await this.#context.fail(message);
  }
}
