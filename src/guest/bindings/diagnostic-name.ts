import { primordials } from "../internals.js";
import type { ProcessState } from "../process-state.js";

const {
  Date: NodeDate,
  DateNow,
  DatePrototypeGetDate,
  DatePrototypeGetFullYear,
  DatePrototypeGetHours,
  DatePrototypeGetMinutes,
  DatePrototypeGetMonth,
  DatePrototypeGetSeconds,
  NumberPrototypeToString,
  StringPrototypePadStart,
} = primordials;

let written = 0;

function digits(value: number, length: number): string {
  return StringPrototypePadStart(NumberPrototypeToString(value), length, "0");
}

/** Names what Node writes about a process: `20261231.235959.2.0.001`, the moment, process, thread and a number. */
export function diagnosticName(state: ProcessState): string {
  const now = new NodeDate(DateNow());
  const day =
    digits(DatePrototypeGetFullYear(now), 4) +
    digits(DatePrototypeGetMonth(now) + 1, 2) +
    digits(DatePrototypeGetDate(now), 2);
  const time =
    digits(DatePrototypeGetHours(now), 2) +
    digits(DatePrototypeGetMinutes(now), 2) +
    digits(DatePrototypeGetSeconds(now), 2);
  return `${day}.${time}.${state.pid}.${state.threadId}.${digits(++written, 3)}`;
}
