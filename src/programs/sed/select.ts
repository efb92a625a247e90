import type { Address, SedCommand } from "./script.js";

/** What addresses ask about the line at hand. */
export interface Place {
  number: number;
  last: () => Promise<boolean>;
  matches: (regex: RegExp | null) => boolean;
}

/** Whether a command is for the line; its range goes on or ends. */
export async function selects(command: SedCommand, place: Place): Promise<boolean> {
  const { from, to, negated } = command.selection;
  if (from === null) return !negated;
  const inside = to === null ? await isAt(from, place) : await inRange(command, place);
  return inside !== negated;
}

async function isAt(address: Address, { number, last, matches }: Place): Promise<boolean> {
  switch (address.kind) {
    case "line":
      return number === address.number;
    case "step":
      if (address.step === 0) return number === address.first;
      return number >= address.first && (number - address.first) % address.step === 0;
    case "last":
      return last();
    case "regex":
      return matches(address.regex);
  }
}

async function inRange({ selection, range }: SedCommand, place: Place): Promise<boolean> {
  const { from, to } = selection;
  if (from === null || to === null) return false;
  const { number } = place;
  if (!range.active) {
    if (!(await isAt(from, place))) return false;
    if (to.kind === "more") range.last = number + to.count;
    else if (to.kind === "multiple") range.last = to.of === 0 ? number : Math.ceil(number / to.of) * to.of;
    else if (to.kind === "line") range.last = to.number;
    else range.last = Number.POSITIVE_INFINITY;
    range.active = range.last > number && !(to.kind === "last" && (await place.last()));
    return true;
  }
  if (to.kind === "regex") range.active = !place.matches(to.regex);
  else if (to.kind === "last") range.active = !(await place.last());
  else if (to.kind === "step") range.active = !(await isAt(to, place));
  else {
    range.active = number < range.last;
    // The script has gone past the end by reading on: the range is over, and may begin anew.
    if (number > range.last) return isAt(from, place);
  }
  return true;
}
