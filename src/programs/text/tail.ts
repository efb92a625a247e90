import { statSync } from "node:fs";
import { setTimeout } from "node:timers/promises";
import type { Command, CommandContext, Write } from "../command.js";
import { FileDescriptor } from "../io/file.js";
import { Input } from "../io/input.js";
import { joinLines, lineBatches } from "../io/lines.js";
import { parseOptions } from "../options.js";
import { amountOf, partGrammar, showParts, withOldCount } from "./head.js";

/** How often `-f` looks for more, in milliseconds. */
const LOOK = 200;

export const tail: Command = async (context) => {
  const grammar = {
    letters: `${partGrammar.letters}fFs:`,
    names: { ...partGrammar.names, follow: "f::", retry: "F", "sleep-interval": "s:", pid: "pid:" },
  };
  const args = withOldCount(context.args).map((arg, at) =>
    at === 0 ? arg.replace(/^\+(\d+)$/, "-n+$1") : arg,
  );
  const options = parseOptions(context, grammar, args);
  const { unit, count, sign, delimiter } = amountOf(options);
  const status = await showParts(context, options, (input) => {
    if (unit === "bytes")
      return sign === "+" ? bytesFrom(input, count, context.stdout) : lastBytes(input, count, context.stdout);
    return sign === "+"
      ? linesFrom(input, count, delimiter, context.stdout)
      : lastLines(input, count, delimiter, context.stdout);
  });
  if (options.has("f") || options.has("F")) await follow(context, options.operands);
  return status;
};

async function bytesFrom(input: Input, from: number, stdout: Write): Promise<void> {
  let skip = Math.max(0, from - 1);
  for await (const chunk of input.chunks()) {
    if (skip < chunk.length) await stdout(chunk.subarray(skip));
    skip = Math.max(0, skip - chunk.length);
  }
}

async function linesFrom(input: Input, from: number, delimiter: string, stdout: Write): Promise<void> {
  let skip = Math.max(0, from - 1);
  for await (const { lines, ended } of lineBatches(input, "latin1", delimiter)) {
    await stdout(joinLines(lines.slice(skip), "latin1", delimiter, ended));
    skip = Math.max(0, skip - lines.length);
  }
}

async function lastBytes(input: Input, count: number, stdout: Write): Promise<void> {
  let kept: Buffer[] = [];
  let size = 0;
  for await (const chunk of input.chunks()) {
    kept.push(chunk);
    size += chunk.length;
    while (kept.length > 1 && size - (kept[0] as Buffer).length >= count)
      size -= (kept.shift() as Buffer).length;
  }
  const all = Buffer.concat(kept);
  kept = [];
  await stdout(all.subarray(Math.max(0, all.length - count)));
}

async function lastLines(input: Input, count: number, delimiter: string, stdout: Write): Promise<void> {
  let kept: string[] = [];
  let complete = true;
  for await (const { lines, ended } of lineBatches(input, "latin1", delimiter)) {
    kept = kept.concat(lines);
    if (kept.length > count) kept = count === 0 ? [] : kept.slice(-count);
    complete = ended;
  }
  await stdout(joinLines(kept, "latin1", delimiter, complete));
}

/** Shows what is added, until it is ended. */
async function follow(context: CommandContext, names: readonly string[]): Promise<void> {
  const seen = new Map(names.filter((name) => name !== "-").map((name) => [name, size(context, name)]));
  let shown = names.at(-1);
  while (seen.size > 0) {
    await setTimeout(LOOK, undefined, { signal: context.signal });
    for (const [name, before] of seen) {
      const now = size(context, name);
      if (now === before) continue;
      seen.set(name, now);
      if (names.length > 1 && shown !== name) await context.stdout(`\n==> ${name} <==\n`);
      shown = name;
      await showFrom(context, name, now < before ? 0 : before, now);
    }
  }
}

function size(context: CommandContext, name: string): number {
  return statSync(context.path(name), { throwIfNoEntry: false })?.size ?? 0;
}

async function showFrom(context: CommandContext, name: string, from: number, to: number): Promise<void> {
  if (to === from) return;
  const file = await FileDescriptor.open(context.path(name), "r");
  try {
    let left = to;
    let skip = from;
    for await (const chunk of new Input(file, context.signal).chunks()) {
      await context.stdout(chunk.subarray(skip, left));
      skip = Math.max(0, skip - chunk.length);
      left -= chunk.length;
      if (left <= 0) return;
    }
  } finally {
    file.release();
  }
}
