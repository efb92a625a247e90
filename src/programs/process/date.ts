import { statSync } from "node:fs";
import type { Command } from "../command.js";
import { CommandError, quoted } from "../errors.js";
import { extraOperand, parseOptions } from "../options.js";
import { parseDate } from "./dates.js";

const days = "Sunday Monday Tuesday Wednesday Thursday Friday Saturday".split(" ");
const months = "January February March April May June July August September October November December".split(
  " ",
);
const DAY = 86_400_000;

export const date: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "d:I::r:Rs:u",
    names: {
      date: "d:",
      "iso-8601": "I::",
      reference: "r:",
      "rfc-email": "R",
      "rfc-3339": "3339:",
      set: "s:",
      utc: "u",
      universal: "u",
    },
  });
  const [format, extra] = options.operands;
  if (extra !== undefined) throw extraOperand(context, extra);
  if (options.has("s") || (format !== undefined && !format.startsWith("+")))
    throw new CommandError("cannot set date: Operation not permitted");
  const [text, reference] = [options.value("d"), options.value("r")];
  const time =
    reference !== undefined
      ? statSync(context.path(reference)).mtime
      : text === undefined
        ? new Date()
        : parseDate(text);
  if (time === null) throw new CommandError(`invalid date ${quoted(text as string)}`);
  const utc = options.has("u") || context.env["TZ"] === "UTC" || context.env["TZ"] === "UTC0";
  await context.stdout(`${formatDate(format?.slice(1) ?? defaultFormat(options), time, utc)}\n`);
  return 0;
};

function defaultFormat(options: ReturnType<typeof parseOptions>): string {
  if (options.has("R")) return "%a, %d %b %Y %H:%M:%S %z";
  const precision = options.has("I") ? (options.value("I") ?? "date") : options.value("3339");
  if (precision === undefined) return "%a %b %e %H:%M:%S %Z %Y";
  const separator = options.has("I") ? "T" : " ";
  const times: Readonly<Record<string, string>> = {
    date: "",
    hours: "%H%:z",
    minutes: "%H:%M%:z",
    seconds: "%H:%M:%S%:z",
    ns: options.has("I") ? "%H:%M:%S,%N%:z" : "%H:%M:%S.%N%:z",
  };
  const clock = times[precision];
  if (clock === undefined) throw new CommandError(`invalid argument ${quoted(precision)}`);
  return clock === "" ? "%Y-%m-%d" : `%Y-%m-%d${separator}${clock}`;
}

export function padded(number: number, width = 2, fill = "0"): string {
  return String(number).padStart(width, fill);
}

/** As strftime does, with the flags that GNU adds. */
export function formatDate(format: string, time: Date, utc: boolean): string {
  const offset = utc ? 0 : -time.getTimezoneOffset();
  // With the offset added, what is UTC of it is the local time.
  const local = new Date(time.getTime() + offset * 60_000);
  return format.replace(/%([-_0^#]?)(\d*)(:{0,3})([a-zA-Z%])/g, (whole, flag, width, colons, letter) => {
    let text = field(letter, local, time, offset, colons, utc);
    if (text === null) return whole;
    if (flag === "-") text = text.replace(/^[0 ]+(?=.)/, "");
    if (flag === "_") text = text.replace(/^0+(?=.)/, (zeros) => " ".repeat(zeros.length));
    if (flag === "^") text = text.toUpperCase();
    if (width === "") return text;
    return letter === "N"
      ? text.slice(0, Number(width))
      : text.padStart(Number(width), /\d/.test(text) ? "0" : " ");
  });
}

function field(
  letter: string,
  local: Date,
  time: Date,
  offset: number,
  colons: string,
  utc: boolean,
): string | null {
  const sub = (format: string) => formatDate(format, time, utc);
  const hour = local.getUTCHours();
  const yearDay = Math.floor((local.getTime() - Date.UTC(local.getUTCFullYear(), 0, 1)) / DAY) + 1;
  const weekDay = local.getUTCDay();
  switch (letter) {
    case "%":
      return "%";
    case "n":
      return "\n";
    case "t":
      return "\t";
    case "a":
      return (days[weekDay] as string).slice(0, 3);
    case "A":
      return days[weekDay] as string;
    case "b":
    case "h":
      return (months[local.getUTCMonth()] as string).slice(0, 3);
    case "B":
      return months[local.getUTCMonth()] as string;
    case "c":
      return sub("%a %b %e %H:%M:%S %Y");
    case "C":
      return padded(Math.floor(local.getUTCFullYear() / 100));
    case "d":
      return padded(local.getUTCDate());
    case "D":
    case "x":
      return sub("%m/%d/%y");
    case "e":
      return padded(local.getUTCDate(), 2, " ");
    case "F":
      return sub("%Y-%m-%d");
    case "G":
      return String(isoWeek(local).year);
    case "H":
      return padded(hour);
    case "I":
      return padded(hour % 12 || 12);
    case "j":
      return padded(yearDay, 3);
    case "k":
      return padded(hour, 2, " ");
    case "l":
      return padded(hour % 12 || 12, 2, " ");
    case "m":
      return padded(local.getUTCMonth() + 1);
    case "M":
      return padded(local.getUTCMinutes());
    case "N":
      return `${padded(time.getMilliseconds(), 3)}000000`;
    case "p":
      return hour < 12 ? "AM" : "PM";
    case "P":
      return hour < 12 ? "am" : "pm";
    case "r":
      return sub("%I:%M:%S %p");
    case "R":
      return sub("%H:%M");
    case "s":
      return String(Math.floor(time.getTime() / 1000));
    case "S":
      return padded(local.getUTCSeconds());
    case "T":
    case "X":
      return sub("%H:%M:%S");
    case "u":
      return String(weekDay || 7);
    case "U":
      return padded(Math.floor((yearDay + 6 - weekDay) / 7));
    case "V":
      return padded(isoWeek(local).week);
    case "w":
      return String(weekDay);
    case "W":
      return padded(Math.floor((yearDay + 6 - ((weekDay + 6) % 7)) / 7));
    case "y":
      return padded(local.getUTCFullYear() % 100);
    case "Y":
      return String(local.getUTCFullYear());
    case "z": {
      const minutes = Math.abs(offset);
      const separator = colons === "" ? "" : ":";
      return `${offset < 0 ? "-" : "+"}${padded(Math.floor(minutes / 60))}${separator}${padded(minutes % 60)}`;
    }
    case "Z":
      return zoneName(time, offset, utc);
    default:
      return null;
  }
}

/** The week of the Thursday, as ISO 8601 says. */
function isoWeek(local: Date): { year: number; week: number } {
  const thursday = new Date(local.getTime() + (4 - (local.getUTCDay() || 7)) * DAY);
  const year = thursday.getUTCFullYear();
  return { year, week: Math.floor((thursday.getTime() - Date.UTC(year, 0, 1)) / DAY / 7) + 1 };
}

function zoneName(time: Date, offset: number, utc: boolean): string {
  if (utc || offset === 0) return "UTC";
  const name = new Intl.DateTimeFormat("en-US", { timeZoneName: "short" })
    .formatToParts(time)
    .find(({ type }) => type === "timeZoneName");
  return name?.value ?? "";
}
