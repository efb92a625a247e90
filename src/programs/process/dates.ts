const units: Readonly<Record<string, number>> = {
  sec: 1,
  second: 1,
  min: 60,
  minute: 60,
  hour: 3600,
  day: 86_400,
  week: 604_800,
  fortnight: 1_209_600,
};

/** A date as `date -d` takes it: what is usual of it. Null where it isn't understood. */
export function parseDate(text: string, now = new Date()): Date | null {
  const seconds = /^\s*@(-?\d+(?:\.\d+)?)\s*$/.exec(text)?.[1];
  if (seconds !== undefined) return new Date(Number(seconds) * 1000);
  const moves: [count: number, unit: string][] = [];
  const rest = text
    .toLowerCase()
    .replace(/\b(now|today)\b/g, "")
    .replace(/\byesterday\b/g, "1 day ago")
    .replace(/\btomorrow\b/g, "1 day")
    .replace(/\b(next|last)\b/g, (word) => (word === "next" ? "1" : "-1"));
  const left = rest.replace(
    /([-+]?\d+)?\s*\b(sec|second|min|minute|hour|day|week|fortnight|month|year)s?\b(\s+ago)?/g,
    (_, count = "1", unit: string, ago?: string) => {
      moves.push([Number(count) * (ago === undefined ? 1 : -1), unit]);
      return "";
    },
  );
  let date = left.trim() === "" ? new Date(now) : absolute(left.trim(), now);
  if (text.trim() === "") date = startOfDay(now);
  if (date !== null) for (const [count, unit] of moves) date = moved(date, count, unit);
  return date;
}

function moved(date: Date, count: number, unit: string): Date {
  const result = new Date(date);
  if (unit === "month") result.setMonth(result.getMonth() + count);
  else if (unit === "year") result.setFullYear(result.getFullYear() + count);
  else result.setTime(result.getTime() + count * (units[unit] as number) * 1000);
  return result;
}

function startOfDay(date: Date): Date {
  const day = new Date(date);
  day.setHours(0, 0, 0, 0);
  return day;
}

/** A day without a time is local, and begins at midnight. */
function absolute(text: string, now: Date): Date | null {
  const clock = /^(\d{1,2}):(\d\d)(?::(\d\d))?$/.exec(text);
  if (clock !== null) {
    const date = startOfDay(now);
    date.setHours(Number(clock[1]), Number(clock[2]), Number(clock[3] ?? 0));
    return date;
  }
  const day = /^(\d{4})-?(\d\d)-?(\d\d)$/.exec(text);
  const date =
    day === null ? new Date(text.replace(/ utc$/, " gmt")) : new Date(`${day.slice(1).join("-")}T00:00`);
  return Number.isNaN(date.getTime()) ? null : date;
}
