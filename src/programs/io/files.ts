import { setImmediate } from "node:timers/promises";
import type { CommandContext } from "../command.js";
import { quotedIfOdd, reason } from "../errors.js";
import { FileDescriptor } from "./file.js";
import { Input } from "./input.js";

/** Reads a file from its beginning to where `body` stops; `-` is stdin. */
export async function withInput(
  context: CommandContext,
  name: string,
  body: (input: Input) => Promise<void>,
): Promise<void> {
  if (name === "-") return body(context.stdin);
  const descriptor = await FileDescriptor.open(context.path(name), "r");
  try {
    await body(new Input(descriptor, context.signal));
  } finally {
    descriptor.release();
  }
}

/**
 * Reads each of the files, or stdin where none is named. What can't be read is told and makes the status
 * `failed`.
 */
export async function eachInput(
  context: CommandContext,
  names: readonly string[],
  body: (input: Input, name: string) => Promise<void>,
  failed = 1,
): Promise<number> {
  let status = 0;
  for (const name of names.length === 0 ? ["-"] : names)
    try {
      await withInput(context, name, (input) => body(input, name));
    } catch (error) {
      status = await context.fail(`${quotedIfOdd(name)}: ${reason(error)}`, failed);
    }
  return status;
}

/** After so many files others get their turn. */
const TURN = 64;

/** Counts files: what goes through many must leave time to signals and to other commands. */
export class Turns {
  readonly #signal: AbortSignal;
  #count = 0;

  constructor({ signal }: CommandContext) {
    this.#signal = signal;
  }

  async next(): Promise<void> {
    if (++this.#count % TURN === 0) await setImmediate();
    this.#signal.throwIfAborted();
  }
}
