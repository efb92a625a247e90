import { setTimeout } from "node:timers/promises";
import type { Command } from "../command.js";
import { CommandError, quoted } from "../errors.js";
import { missingOperand, parseOptions } from "../options.js";

const seconds: Readonly<Record<string, number>> = { "": 1, s: 1, m: 60, h: 3600, d: 86_400 };

/** The longest that a timer waits. */
const LONGEST = 2 ** 31 - 1;

export const sleep: Command = async (context) => {
  const { operands } = parseOptions(context, { letters: "" });
  if (operands.length === 0) throw missingOperand(context);
  let left = 0;
  for (const operand of operands) left += duration(operand) * 1000;
  while (left > 0) {
    const time = Math.min(left, LONGEST);
    await setTimeout(time, undefined, { signal: context.signal });
    left -= time;
  }
  return 0;
};

/** In seconds: `1.5`, `2m`. */
function duration(text: string): number {
  if (text === "infinity" || text === "inf") return Number.POSITIVE_INFINITY;
  const [, number, unit = ""] = /^(\d+\.?\d*|\.\d+)([smhd]?)$/.exec(text) ?? [];
  if (number === undefined)
    throw new CommandError(`invalid time interval ${quoted(text)}\nTry 'sleep --help' for more information.`);
  return Number(number) * (seconds[unit] as number);
}
