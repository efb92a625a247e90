import { closeSync, openSync, statSync, utimesSync } from "node:fs";
import type { Command, CommandContext } from "../command.js";
import { CommandError, quoted, reason } from "../errors.js";
import { type Options, parseOptions } from "../options.js";
import { parseDate } from "../process/dates.js";

export const touch: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "acd:fhmr:t:",
    names: {
      "no-create": "c",
      date: "d:",
      "no-dereference": "h",
      reference: "r:",
      time: "time:",
    },
  });
  if (options.operands.length === 0)
    throw new CommandError("missing file operand\nTry 'touch --help' for more information.");
  const times = timesOf(context, options);
  const which = options.value("time");
  const access = options.has("a") || /^a/.test(which ?? "");
  const modification = options.has("m") || /^m/.test(which ?? "");
  let status = 0;
  for (const name of options.operands)
    try {
      const path = context.path(name);
      let stats = statSync(path, { throwIfNoEntry: false });
      if (stats === undefined) {
        if (options.has("c")) continue;
        closeSync(openSync(path, "a"));
        stats = statSync(path);
      }
      const both = access === modification;
      utimesSync(
        path,
        both || access ? times.access : stats.atime,
        both || modification ? times.modification : stats.mtime,
      );
    } catch (error) {
      status = await context.fail(`cannot touch ${quoted(name)}: ${reason(error)}`);
    }
  return status;
};

function timesOf(context: CommandContext, options: Options): { access: Date; modification: Date } {
  const reference = options.value("r");
  if (reference !== undefined)
    try {
      const { atime, mtime } = statSync(context.path(reference));
      return { access: atime, modification: mtime };
    } catch (error) {
      throw new CommandError(`failed to get attributes of ${quoted(reference)}: ${reason(error)}`);
    }
  const [text, stamp] = [options.value("d"), options.value("t")];
  const date = stamp !== undefined ? parseStamp(stamp) : text === undefined ? new Date() : parseDate(text);
  if (date === null) throw new CommandError(`invalid date format ${quoted(stamp ?? text ?? "")}`);
  return { access: date, modification: date };
}

/** `[[CC]YY]MMDDhhmm[.ss]` */
function parseStamp(text: string): Date | null {
  const [, century, year, month, day, hour, minute, second = "0"] =
    /^(?:(\d\d)?(\d\d))?(\d\d)(\d\d)(\d\d)(\d\d)(?:\.(\d\d))?$/.exec(text) ?? [];
  if (month === undefined) return null;
  const short = Number(year);
  const full =
    year === undefined
      ? new Date().getFullYear()
      : century === undefined
        ? short + (short < 69 ? 2000 : 1900)
        : Number(century + year);
  return new Date(full, Number(month) - 1, Number(day), Number(hour), Number(minute), Number(second));
}
