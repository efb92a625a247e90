import type { Stats, StatsBase } from "node:fs";
import type { Options } from "../options.js";
import { padded } from "../process/date.js";
import type { Entry } from "./ls.js";
import { permissionLetters } from "./mode.js";
import { groupName, userName } from "./users.js";

const HALF_A_YEAR = 15_778_476_000;
const months = "Jan Feb Mar Apr May Jun Jul Aug Sep Oct Nov Dec".split(" ");

/** The letter of a file's type. */
export function typeLetter(stats: StatsBase<number> | StatsBase<bigint>): string {
  if (stats.isDirectory()) return "d";
  if (stats.isSymbolicLink()) return "l";
  if (stats.isCharacterDevice()) return "c";
  if (stats.isBlockDevice()) return "b";
  if (stats.isFIFO()) return "p";
  return stats.isSocket() ? "s" : "-";
}

/** What `-F` and `-p` put behind a name. */
export function typeMark(stats: Stats, options: Options): string {
  if (stats.isDirectory()) return options.has("F") || options.has("p") ? "/" : "";
  if (!options.has("F")) return "";
  if (stats.isSymbolicLink()) return "@";
  if (stats.isFIFO()) return "|";
  if (stats.isSocket()) return "=";
  return (stats.mode & 0o111) !== 0 ? "*" : "";
}

/** `ls -l` */
export function longLines(entries: readonly Entry[], options: Options, directory: boolean): string {
  const numeric = options.has("n");
  const rows = entries.map(({ name, stats, target }) => [
    options.has("i") ? String(stats.ino) : "",
    options.has("s") ? String(Math.ceil(stats.blocks / 2)) : "",
    typeLetter(stats) + permissionLetters(stats.mode),
    String(stats.nlink),
    options.has("g") ? "" : ((numeric ? undefined : userName(stats.uid)) ?? String(stats.uid)),
    options.has("o") || options.has("G")
      ? ""
      : ((numeric ? undefined : groupName(stats.gid)) ?? String(stats.gid)),
    sizeText(stats, options),
    timeText(options.has("u") ? stats.atime : options.has("c") ? stats.ctime : stats.mtime, options),
    name + (target === null ? typeMark(stats, options) : ` -> ${target}`),
  ]);
  const used = [0, 1, 2, 3, 4, 5, 6, 7, 8].filter((column) => rows.some((row) => row[column] !== ""));
  const widths = used.map((column) => Math.max(...rows.map((row) => (row[column] as string).length)));
  const lines = rows.map((row) => {
    const cells = used.map((column, at) => {
      const text = row[column] as string;
      if (column === 8 || column === 7) return text;
      return column === 4 || column === 5
        ? text.padEnd(widths[at] as number)
        : text.padStart(widths[at] as number);
    });
    return `${cells.join(" ")}\n`;
  });
  const blocks = entries.reduce((sum, { stats }) => sum + stats.blocks, 0);
  const total = options.has("h") ? humanSize(blocks * 512) : String(Math.ceil(blocks / 2));
  return (directory ? `total ${total}\n` : "") + lines.join("");
}

function sizeText(stats: Stats, options: Options): string {
  if (stats.isCharacterDevice() || stats.isBlockDevice())
    return `${(stats.rdev >> 8) & 0xfff}, ${stats.rdev & 0xff}`.padStart(options.has("h") ? 0 : 6);
  return options.has("h") ? humanSize(stats.size) : String(stats.size);
}

/** `1.5K`: as few digits as tell something, rounded up. */
export function humanSize(bytes: number, base = 1024): string {
  let size = bytes;
  let unit = 0;
  while (size >= base) {
    size /= base;
    unit++;
  }
  if (unit === 0) return String(size);
  const tenths = Math.ceil(size * 10) / 10;
  return (
    (tenths < 10 ? tenths.toFixed(1) : String(Math.ceil(size))) +
    (base === 1000 ? "kMGTPE" : "KMGTPE").charAt(unit - 1)
  );
}

function timeText(time: Date, options: Options): string {
  const style = options.value("style");
  const [date, clock] = [
    `${time.getFullYear()}-${padded(time.getMonth() + 1)}-${padded(time.getDate())}`,
    `${padded(time.getHours())}:${padded(time.getMinutes())}`,
  ];
  if (style === "long-iso") return `${date} ${clock}`;
  if (options.has("full") || style === "full-iso") {
    const offset = -time.getTimezoneOffset();
    const zone = `${offset < 0 ? "-" : "+"}${padded(Math.floor(Math.abs(offset) / 60))}${padded(Math.abs(offset) % 60)}`;
    return `${date} ${clock}:${padded(time.getSeconds())}.${String(time.getMilliseconds()).padStart(3, "0")}000000 ${zone}`;
  }
  const age = Date.now() - time.getTime();
  const day = `${months[time.getMonth()]} ${String(time.getDate()).padStart(2)}`;
  return age > HALF_A_YEAR || age < -1000 ? `${day}  ${time.getFullYear()}` : `${day} ${clock}`;
}
