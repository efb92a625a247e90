import { readdirSync, readFileSync, statSync } from "node:fs";
import type { Command } from "../command.js";
import { userName } from "../files/users.js";
import { type Options, parseOptions } from "../options.js";
import { padded } from "./date.js";

/** What `/proc` says of one process. */
interface Seen {
  pid: number;
  parent: number;
  group: number;
  session: number;
  state: string;
  /** In seconds since the machine's start, and of the processor. */
  begun: number;
  used: number;
  virtual: number;
  resident: number;
  uid: number;
  name: string;
  args: string;
}

interface Column {
  title: string;
  width: number;
  left?: boolean;
  value: (seen: Seen) => string;
}

const text = (title: string, width: number, value: Column["value"]): Column => ({
  title,
  width,
  left: true,
  value,
});
const amount = (title: string, width: number, value: (seen: Seen) => number | string): Column => ({
  title,
  width,
  value: (seen) => String(value(seen)),
});

const columns: Readonly<Record<string, Column>> = {
  args: text("COMMAND", 27, ({ args }) => args),
  comm: text("COMMAND", 15, ({ name }) => name),
  etime: amount("ELAPSED", 11, ({ begun }) => clock(uptime() - begun)),
  pcpu: amount("%CPU", 4, ({ used, begun }) => ((used * 100) / Math.max(1, uptime() - begun)).toFixed(1)),
  pgid: amount("PGID", 5, ({ group }) => group),
  pid: amount("PID", 5, ({ pid }) => pid),
  pmem: amount("%MEM", 4, ({ resident }) => ((resident * 100) / totalMemory()).toFixed(1)),
  ppid: amount("PPID", 5, ({ parent }) => parent),
  rss: amount("RSS", 5, ({ resident }) => Math.floor(resident / 1024)),
  sid: amount("SID", 5, ({ session }) => session),
  stat: text("STAT", 4, ({ state }) => state),
  start: amount("STIME", 5, ({ begun }) => startTime(begun)),
  time: amount("TIME", 8, ({ used }) => clock(used, true)),
  tty: text("TTY", 8, () => "?"),
  uid: amount("UID", 5, ({ uid }) => uid),
  user: text("USER", 8, ({ uid }) => userName(uid) ?? String(uid)),
  vsz: amount("VSZ", 6, ({ virtual }) => Math.floor(virtual / 1024)),
};

const synonyms: Readonly<Record<string, string>> = {
  "%cpu": "pcpu",
  "%mem": "pmem",
  cmd: "args",
  command: "args",
  euser: "user",
  pgrp: "pgid",
  s: "stat",
  state: "stat",
  stime: "start",
  tname: "tty",
  ucmd: "comm",
  uname: "user",
  vsize: "vsz",
};

const formats = {
  usual: "pid tty time comm=CMD",
  full: "user=UID pid ppid pcpu=C start tty time args=CMD",
  long: "user pid pcpu pmem vsz rss tty stat start=START time args",
};

const usage = `
Usage:
 ps [options]

 Try 'ps --help <simple|list|output|threads|misc|all>'
  or 'ps --help <s|l|o|t|m|a>'
 for additional help text.

For more details see ps(1).
`;

export const ps: Command = async (context) => {
  // The options of BSD's have no dash.
  const [first = ""] = context.args;
  const bsd = /^[aefuwx]+$/.test(first);
  const options = parseOptions(
    context,
    { letters: "AaCdefHljo:p:u:wx", names: { format: "o:", pid: "p:", headers: "h", "no-headers": "h" } },
    bsd ? context.args.slice(1) : context.args,
  );
  const chosen = chosenColumns(options, bsd && first.includes("u"));
  if (typeof chosen === "string") {
    await context.stderr(`error: unknown user-defined format specifier "${chosen}"\n${usage}`);
    return 1;
  }
  const wanted = options.values("p").flatMap((list) => list.split(/[ ,]/).map(Number));
  const all = processes().filter(({ pid }) => wanted.length === 0 || wanted.includes(pid));
  const rows = all.map((seen) => chosen.map(({ value }) => value(seen)));
  const titled = chosen.some(({ title }) => title !== "") && !options.has("h");
  if (titled) rows.unshift(chosen.map(({ title }) => title));
  const widths = chosen.map(({ width }, at) =>
    Math.max(width, ...rows.map((row) => (row[at] as string).length)),
  );
  const line = (row: readonly string[]) =>
    row
      .map((cell, at) => {
        if (!chosen[at]?.left) return cell.padStart(widths[at] as number);
        return at === row.length - 1 ? cell : cell.padEnd(widths[at] as number);
      })
      .join(" ");
  await context.stdout(rows.map((row) => `${line(row)}\n`).join(""));
  return all.length === 0 && wanted.length > 0 ? 1 : 0;
};

/** The columns that are asked for, or the name of one that there isn't. */
function chosenColumns(options: Options, long: boolean): Column[] | string {
  const format = options.has("o")
    ? options.values("o").join(",")
    : long
      ? formats.long
      : options.has("f")
        ? formats.full
        : formats.usual;
  const chosen: Column[] = [];
  for (const one of format.split(/[ ,]+/).filter((each) => each !== "")) {
    const [given = "", title] = one.split("=");
    const column = columns[synonyms[given] ?? given];
    if (column === undefined) return given;
    chosen.push(title === undefined ? column : { ...column, title, width: title === "" ? 0 : column.width });
  }
  return chosen;
}

function processes(): Seen[] {
  const named = readdirSync("/proc").filter((name) => /^\d+$/.test(name));
  const pids = new Set([...named.map(Number), process.pid]);
  return [...pids]
    .sort((a, b) => a - b)
    .map(look)
    .filter((seen) => seen !== null);
}

/** Null for a process that has ended meanwhile. */
function look(pid: number): Seen | null {
  const directory = `/proc/${pid === process.pid ? "self" : pid}`;
  try {
    const line = readFileSync(`${directory}/stat`, "utf8");
    const end = line.lastIndexOf(")");
    const name = line.slice(line.indexOf("(") + 1, end);
    const fields = line.slice(end + 2).split(" ");
    const number = (at: number) => Number(fields[at] ?? 0);
    const args = readFileSync(`${directory}/cmdline`, "utf8").replace(/\0+$/, "").replaceAll("\0", " ");
    return {
      pid,
      parent: number(1),
      group: number(2),
      session: number(3),
      state: fields[0] ?? "?",
      begun: number(19) / TICKS,
      used: (number(11) + number(12)) / TICKS,
      virtual: number(20),
      resident: number(21) * PAGE,
      uid: statSync(directory).uid,
      name,
      args: args === "" ? `[${name}]` : args,
    };
  } catch {
    return null;
  }
}

const TICKS = 100;
const PAGE = 4096;

function uptime(): number {
  return Number(readFileSync("/proc/uptime", "utf8").split(" ")[0]);
}

function totalMemory(): number {
  return Number(/MemTotal:\s*(\d+)/.exec(readFileSync("/proc/meminfo", "utf8"))?.[1] ?? 1) * 1024;
}

/** `1-02:03:04`; the hours may be left out where they are none. */
function clock(seconds: number, hours = false): string {
  const [days, rest] = [Math.floor(seconds / 86_400), Math.floor(seconds % 86_400)];
  const parts = [Math.floor(rest / 3600), Math.floor((rest % 3600) / 60), rest % 60].map((part) =>
    padded(part),
  );
  const shown = hours || days > 0 || parts[0] !== "00" ? parts : parts.slice(1);
  return (days > 0 ? `${days}-` : "") + shown.join(":");
}

function startTime(begun: number): string {
  const time = new Date(Date.now() - (uptime() - begun) * 1000);
  return `${padded(time.getHours())}:${padded(time.getMinutes())}`;
}
