import { fstatSync, type Stats, statSync } from "node:fs";
import type { Command, CommandContext } from "../command.js";
import { quotedIfOdd, reason } from "../errors.js";
import { withInput } from "../io/files.js";
import type { Input } from "../io/input.js";
import { parseOptions } from "../options.js";

/** The columns, in their order, by the letters of the options. */
const columns = ["l", "w", "m", "c", "L"] as const;

type Counts = Record<(typeof columns)[number], number>;

const NEWLINE = 10;

/** How wide a column is where the size of what is read isn't known. */
const UNKNOWN_WIDTH = 7;

export const wc: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "clmwL",
    names: { bytes: "c", chars: "m", lines: "l", "max-line-length": "L", words: "w" },
  });
  const chosen = columns.filter((letter) => options.has(letter));
  const shown = chosen.length === 0 ? (["l", "w", "c"] as const) : chosen;
  const names = options.operands.length === 0 ? ["-"] : options.operands;
  const width = names.length === 1 && shown.length === 1 ? 1 : columnWidth(context, names);
  const line = (counts: Counts, name: string) =>
    `${shown.map((letter) => String(counts[letter]).padStart(width)).join(" ")}${name === "" ? "" : ` ${name}`}\n`;
  const total: Counts = { l: 0, w: 0, m: 0, c: 0, L: 0 };
  let status = 0;
  for (const name of names) {
    const counts: Counts = { l: 0, w: 0, m: 0, c: 0, L: 0 };
    let opened = false;
    try {
      await withInput(context, name, (input) => {
        opened = true;
        return count(input, counts);
      });
    } catch (error) {
      status = await context.fail(`${quotedIfOdd(name)}: ${reason(error)}`);
    }
    if (opened) await context.stdout(line(counts, options.operands.length === 0 ? "" : name));
    for (const letter of columns)
      total[letter] = letter === "L" ? Math.max(total.L, counts.L) : total[letter] + counts[letter];
  }
  if (names.length > 1) await context.stdout(line(total, "total"));
  return status;
};

function columnWidth(context: CommandContext, names: readonly string[]): number {
  let size = 0;
  let least = 1;
  for (const name of names) {
    const stats = name === "-" ? ofStdin(context) : lookAt(context.path(name));
    if (stats?.isFile()) size += stats.size;
    else if (stats !== undefined) least = UNKNOWN_WIDTH;
  }
  return Math.max(least, String(size).length);
}

/** Null where it is a pipe within this process. */
function ofStdin({ descriptors }: CommandContext): Stats | null {
  const fd = descriptors.get(0)?.fd ?? null;
  return fd === null ? null : fstatSync(fd);
}

function lookAt(path: string): Stats | undefined {
  try {
    return statSync(path, { throwIfNoEntry: false });
  } catch {
    return undefined;
  }
}

async function count(input: Input, counts: Counts): Promise<void> {
  let inWord = false;
  let column = 0;
  for await (const chunk of input.chunks()) {
    counts.c += chunk.length;
    for (let at = 0; at < chunk.length; at++) {
      const byte = chunk[at] as number;
      // The bytes that go on with a character of UTF-8 count for nothing.
      const character = (byte & 0xc0) !== 0x80;
      if (character) counts.m++;
      if (byte === NEWLINE || byte === 12 || byte === 13) {
        if (byte === NEWLINE) counts.l++;
        column = 0;
      } else if (byte === 9) column += 8 - (column % 8);
      else if (character && byte >= 32) column++;
      if (column > counts.L) counts.L = column;
      const space = byte === 32 || (byte >= 9 && byte <= 13);
      if (!space && !inWord) counts.w++;
      inWord = !space;
    }
  }
}
