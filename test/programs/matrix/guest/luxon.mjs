// needs: luxon
import { DateTime, Duration, Info, Interval } from "luxon";

const at = DateTime.fromISO("2024-02-29T12:34:56.789", { zone: "Europe/Berlin" });
console.log(
  at.toString(),
  at.setLocale("de").toLocaleString(DateTime.DATETIME_FULL),
  at.setZone("Asia/Tokyo").toFormat("ff ZZZZ"),
  at.plus({ months: 12 }).toISODate(),
);
console.log(
  Duration.fromObject({ hours: 25, minutes: 61 }).normalize().toHuman(),
  Interval.after(at, { days: 2 }).splitBy({ hours: 20 }).map(String),
  Info.months("short", { locale: "ja" }),
);
