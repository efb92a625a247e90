// needs: dayjs
import dayjs from "dayjs";
import relativeTime from "dayjs/plugin/relativeTime.js";
import timezone from "dayjs/plugin/timezone.js";
import utc from "dayjs/plugin/utc.js";
import "dayjs/locale/de.js";

dayjs.extend(utc);
dayjs.extend(timezone);
dayjs.extend(relativeTime);
const at = dayjs.utc("2024-02-29T12:34:56.789Z");
console.log(
  at.format(),
  at.add(1, "year").format("dddd D MMMM YYYY"),
  at.locale("de").format("dddd, D. MMMM"),
  at.tz("America/New_York").format("YYYY-MM-DD HH:mm Z"),
  at.from(at.add(3, "day")),
);
console.log(dayjs("2024-01-01").diff("2023-01-01", "week", true), dayjs("nonsense").isValid());
