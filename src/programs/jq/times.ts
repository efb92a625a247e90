import { list, number, text } from "./checks.js";
import { JqError, type Json } from "./values.js";

/** Seconds and parts of a time, in the order of C's `struct tm`. */
export function brokenDown(value: Json): Json[] {
  const date = new Date(number(value) * 1000);
  const begin = Date.UTC(date.getUTCFullYear(), 0, 1);
  const day = Math.floor((date.getTime() - begin) / 86_400_000);
  const seconds = date.getUTCSeconds() + (number(value) % 1);
  return [
    date.getUTCFullYear(),
    date.getUTCMonth(),
    date.getUTCDate(),
    date.getUTCHours(),
    date.getUTCMinutes(),
    seconds,
    date.getUTCDay(),
    day,
  ];
}

export function seconds(value: Json): number {
  if (typeof value === "number") return value;
  const [year = 0, month = 0, day = 1, hour = 0, minute = 0, second = 0] = list(value, "is no time").map(
    number,
  );
  return Math.floor(Date.UTC(year, month, day, hour, minute, second) / 1000);
}

export function isoSeconds(value: Json): number {
  const given = text(value, "cannot be parsed as a date");
  const time = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}Z$/.test(given) ? Date.parse(given) : Number.NaN;
  if (Number.isNaN(time)) throw new JqError(`date "${given}" does not match format "%Y-%m-%dT%H:%M:%SZ"`);
  return time / 1000;
}
