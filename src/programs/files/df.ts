import { type StatsFs, statfsSync } from "node:fs";
import type { Command, CommandContext } from "../command.js";
import { CommandError, quoted, quotedIfOdd, reason } from "../errors.js";
import { type Options, parseOptions, usageError } from "../options.js";
import { type SizeStyle, sizeOptions, sizeStyle } from "./sizes.js";
import { type FileSystem, fileSystem, fileSystems } from "./stat-system.js";

interface Row extends FileSystem {
  stats: StatsFs;
  file: string;
}

interface Column {
  title: string;
  left?: boolean;
  value: (row: Row) => string;
}

export const df: Command = async (context) => {
  const options = parseOptions(context, {
    letters: `ailPTt:x:${sizeOptions.letters}`,
    names: {
      ...sizeOptions.names,
      all: "a",
      "exclude-type": "x:",
      inodes: "i",
      local: "l",
      output: "output::",
      portability: "P",
      "print-type": "T",
      type: "t:",
    },
  });
  let status = 0;
  const rows: Row[] = [];
  for (const name of options.operands) {
    const path = context.path(name);
    try {
      rows.push({ ...fileSystem(path), stats: statfsSync(path), file: name });
    } catch (error) {
      status = await context.fail(`${quotedIfOdd(name)}: ${reason(error)}`);
    }
  }
  if (options.operands.length === 0) rows.push(...mounted(options));
  const [types, without] = [options.values("t"), options.values("x")];
  const shown = rows.filter(
    ({ type }) => (types.length === 0 || types.includes(type)) && !without.includes(type),
  );
  if (shown.length > 0) await context.stdout(table(columnsOf(context, options), shown));
  else if (status === 0) throw new CommandError("no file systems processed");
  return status;
};

/** Those with room of their own; with `-a` the others too. */
function mounted(options: Options): Row[] {
  return fileSystems()
    .map((one) => ({ ...one, stats: statfsSync(one.mounted), file: "-" }))
    .filter(({ stats }) => stats.blocks > 0 || options.has("a"));
}

function columnsOf(context: CommandContext, options: Options): Column[] {
  const all = knownColumns(sizeStyle(context, options), options);
  if (options.has("output")) {
    const names = options.value("output")?.split(",") ?? Object.keys(all);
    return names.map((name) => {
      const column = all[name];
      if (column === undefined) throw usageError(context, `option --output: field ${quoted(name)} unknown`);
      return column;
    });
  }
  const amounts = options.has("i")
    ? ["itotal", "iused", "iavail", "ipcent"]
    : ["size", "used", "avail", "pcent"];
  const names = ["source", ...(options.has("T") ? ["fstype"] : []), ...amounts, "target"];
  return names.map((name) => all[name] as Column);
}

function knownColumns({ show, title }: SizeStyle, options: Options): Readonly<Record<string, Column>> {
  const portable = options.has("P");
  const human = title === "Size";
  const bytes = (blocks: (stats: StatsFs) => number) => (row: Row) =>
    show(blocks(row.stats) * row.stats.bsize);
  const count = (amount: (stats: StatsFs) => number) => (row: Row) => String(amount(row.stats));
  return {
    source: { title: "Filesystem", left: true, value: ({ source }) => source },
    fstype: { title: "Type", left: true, value: ({ type }) => type },
    itotal: { title: "Inodes", value: count(({ files }) => files) },
    iused: { title: "IUsed", value: count(({ files, ffree }) => files - ffree) },
    iavail: { title: "IFree", value: count(({ ffree }) => ffree) },
    ipcent: { title: "IUse%", value: ({ stats }) => percent(stats.files - stats.ffree, stats.ffree) },
    size: {
      title: portable && !human ? title.replace(/^1K/, "1024") : title,
      value: bytes(({ blocks }) => blocks),
    },
    used: { title: "Used", value: bytes(({ blocks, bfree }) => blocks - bfree) },
    avail: { title: human ? "Avail" : "Available", value: bytes(({ bavail }) => bavail) },
    pcent: {
      title: portable ? "Capacity" : "Use%",
      value: ({ stats }) => percent(stats.blocks - stats.bfree, stats.bavail),
    },
    file: { title: "File", left: true, value: ({ file }) => file },
    target: { title: "Mounted on", left: true, value: ({ mounted: place }) => place },
  };
}

function percent(used: number, available: number): string {
  return used + available === 0 ? "-" : `${Math.ceil((used * 100) / (used + available))}%`;
}

function table(columns: readonly Column[], rows: readonly Row[]): string {
  const cells = [
    columns.map(({ title }) => title),
    ...rows.map((row) => columns.map(({ value }) => value(row))),
  ];
  const widths = columns.map(({ title }, at) => {
    const least = title === "Filesystem" ? 14 : title === "Available" || title === "Used" ? title.length : 4;
    return Math.max(least, ...cells.map((line) => (line[at] as string).length));
  });
  return cells
    .map((line) =>
      line
        .map((cell, at) => {
          if (!columns[at]?.left) return cell.padStart(widths[at] as number);
          return at === line.length - 1 ? cell : cell.padEnd(widths[at] as number);
        })
        .join(" "),
    )
    .map((line) => `${line}\n`)
    .join("");
}
