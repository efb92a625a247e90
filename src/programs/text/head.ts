import type { Command, Write } from "../command.js";
import { CommandError, quoted, reason } from "../errors.js";
import { withInput } from "../io/files.js";
import type { Input } from "../io/input.js";
import { joinLines, lineBatches } from "../io/lines.js";
import { type Options, parseOptions, parseSize } from "../options.js";

/** Of `head` and `tail`: how much of what. */
interface Amount {
  unit: "lines" | "bytes";
  count: number;
  sign: string;
  delimiter: string;
}

export const partGrammar = {
  letters: "c:n:qvz",
  names: {
    bytes: "c:",
    lines: "n:",
    quiet: "q",
    silent: "q",
    verbose: "v",
    "zero-terminated": "z",
  },
};

/** `-5` is `-n 5`, and `+5` was. */
export function withOldCount(args: readonly string[]): string[] {
  return args.map((arg, at) => (at === 0 ? arg.replace(/^-(\d+)(c?)/, "-$2n$1").replace("-cn", "-c") : arg));
}

export function amountOf(options: Options): Amount {
  const unit = options.last("c", "n") === "c" ? "bytes" : "lines";
  const text = options.value(unit === "bytes" ? "c" : "n") ?? "10";
  const count = parseSize(text.replace(/^[-+]/, ""));
  if (Number.isNaN(count)) throw new CommandError(`invalid number of ${unit}: ${quoted(text)}`);
  return { unit, count, sign: /^[-+]/.exec(text)?.[0] ?? "", delimiter: options.has("z") ? "\0" : "\n" };
}

/** Shows a part of each file, with its name above it where there are several. */
export async function showParts(
  context: Parameters<Command>[0],
  options: Options,
  show: (input: Input, name: string) => Promise<void>,
): Promise<number> {
  const names = options.operands.length === 0 ? ["-"] : options.operands;
  const how = options.last("q", "v");
  const titled = how === undefined ? names.length > 1 : how === "v";
  let status = 0;
  let first = true;
  for (const name of names) {
    let opened = false;
    try {
      await withInput(context, name, async (input) => {
        opened = true;
        if (titled)
          await context.stdout(`${first ? "" : "\n"}==> ${name === "-" ? "standard input" : name} <==\n`);
        first = false;
        await show(input, name);
      });
    } catch (error) {
      const why = reason(error);
      status = await context.fail(
        opened ? `error reading ${quoted(name)}: ${why}` : `cannot open ${quoted(name)} for reading: ${why}`,
      );
    }
  }
  return status;
}

export const head: Command = (context) => {
  const options = parseOptions(context, partGrammar, withOldCount(context.args));
  const amount = amountOf(options);
  const show = amount.sign === "-" ? allBut : first;
  return showParts(context, options, (input) => show(input, amount, context.stdout));
};

async function first(input: Input, { unit, count, delimiter }: Amount, stdout: Write): Promise<void> {
  let left = count;
  if (left === 0) return;
  if (unit === "bytes") {
    for await (const chunk of input.chunks()) {
      await stdout(chunk.subarray(0, left));
      left -= chunk.length;
      if (left <= 0) return;
    }
    return;
  }
  for await (const { lines, ended } of lineBatches(input, "latin1", delimiter)) {
    const all = lines.length <= left;
    await stdout(joinLines(lines.slice(0, left), "latin1", delimiter, !all || ended));
    left -= lines.length;
    if (left <= 0) return;
  }
}

/** All but the last ones, which are kept back until it is known that they aren't. */
async function allBut(input: Input, { unit, count, delimiter }: Amount, stdout: Write): Promise<void> {
  if (unit === "bytes") {
    let kept = Buffer.alloc(0);
    for await (const chunk of input.chunks()) {
      const all = Buffer.concat([kept, chunk]);
      const end = Math.max(0, all.length - count);
      await stdout(all.subarray(0, end));
      kept = Buffer.from(all.subarray(end));
    }
    return;
  }
  let kept: string[] = [];
  let complete = true;
  for await (const { lines, ended } of lineBatches(input, "latin1", delimiter)) {
    kept = kept.concat(lines);
    complete = ended;
    const out = kept.slice(0, Math.max(0, kept.length - count));
    kept = kept.slice(out.length);
    await stdout(joinLines(out, "latin1", delimiter, complete || kept.length > 0));
  }
}
