import { padded } from "../process/date.js";

/** `2026-01-31 12:34:56.123456789 +0000` */
export function exactTime(nanoseconds: bigint): string {
  const second = 1_000_000_000n;
  const fraction = ((nanoseconds % second) + second) % second;
  const time = new Date(Number((nanoseconds - fraction) / 1_000_000n));
  const offset = -time.getTimezoneOffset();
  const zone = `${offset < 0 ? "-" : "+"}${padded(Math.floor(Math.abs(offset) / 60))}${padded(Math.abs(offset) % 60)}`;
  const date = `${time.getFullYear()}-${padded(time.getMonth() + 1)}-${padded(time.getDate())}`;
  const clock = `${padded(time.getHours())}:${padded(time.getMinutes())}:${padded(time.getSeconds())}`;
  return `${date} ${clock}.${String(fraction).padStart(9, "0")} ${zone}`;
}
