import { type BigIntStats, lstatSync, readlinkSync, statSync } from "node:fs";
import type { Command } from "../command.js";
import { quoted, reason } from "../errors.js";
import { missingOperand, parseOptions } from "../options.js";
import { printFormat } from "./format.js";
import { typeLetter } from "./listing.js";
import { permissionLetters } from "./mode.js";
import { fileSystem, showFileSystems } from "./stat-system.js";
import { exactTime } from "./times.js";
import { groupName, userName } from "./users.js";

export const stat: Command = async (context) => {
  const options = parseOptions(context, {
    letters: "c:fLt",
    names: { dereference: "L", "file-system": "f", format: "c:", printf: "printf:", terse: "t" },
  });
  if (options.operands.length === 0) throw missingOperand(context);
  if (options.has("f")) return showFileSystems(context, options);
  const chosen = options.last("c", "printf");
  const format = chosen === undefined ? null : (options.value(chosen) ?? "");
  const follow = options.has("L");
  let status = 0;
  for (const name of options.operands) {
    const path = name === "-" ? "/dev/stdin" : context.path(name);
    let stats: BigIntStats;
    try {
      stats = (follow || name === "-" ? statSync : lstatSync)(path, { bigint: true });
    } catch (error) {
      status = await context.fail(`cannot statx ${quoted(name)}: ${reason(error)}`);
      continue;
    }
    const file: Seen = { name, path, stats };
    const text = format ?? (options.has("t") ? terse : usual(file));
    await context.stdout(printFormat(text, (letter) => value(file, letter), chosen === "printf"));
    if (chosen !== "printf") await context.stdout("\n");
  }
  return status;
};

interface Seen {
  name: string;
  path: string;
  stats: BigIntStats;
}

const terse = "%n %s %b %f %u %g %D %i %h %t %T %X %Y %Z %W %o";

function usual({ path, stats }: Seen): string {
  const target = stats.isSymbolicLink() ? ` -> ${readlinkSync(path).replaceAll("%", "%%")}` : "";
  const device = stats.isCharacterDevice() || stats.isBlockDevice();
  return `  File: %n${target}
  Size: %-10s\tBlocks: %-10b IO Block: %-6o %F
Device: %Hd,%Ld\tInode: %-10i  Links: ${device ? "%-5h Device type: %Hr,%Lr" : "%h"}
Access: (%04a/%10.10A)  Uid: (%5u/%8U)   Gid: (%5g/%8G)
Access: %x
Modify: %y
Change: %z
 Birth: %w`;
}

const hexadecimal = (number: bigint): string => number.toString(16);
/** As Linux puts the two numbers of a device into one. */
const major = (device: bigint): bigint => ((device >> 8n) & 0xfffn) | ((device >> 32n) & ~0xfffn);
const minor = (device: bigint): bigint => (device & 0xffn) | ((device >> 12n) & ~0xffn);

const values: Readonly<Record<string, (file: Seen) => string>> = {
  a: ({ stats }) => (Number(stats.mode) & 0o7777).toString(8),
  A: ({ stats }) => typeLetter(stats) + permissionLetters(Number(stats.mode)),
  b: ({ stats }) => String(stats.blocks),
  B: () => "512",
  d: ({ stats }) => String(stats.dev),
  D: ({ stats }) => hexadecimal(stats.dev),
  f: ({ stats }) => hexadecimal(stats.mode),
  F: ({ stats }) => typeName(stats),
  g: ({ stats }) => String(stats.gid),
  G: ({ stats }) => groupName(Number(stats.gid)) ?? "UNKNOWN",
  h: ({ stats }) => String(stats.nlink),
  Hd: ({ stats }) => String(major(stats.dev)),
  Hr: ({ stats }) => String(major(stats.rdev)),
  i: ({ stats }) => String(stats.ino),
  Ld: ({ stats }) => String(minor(stats.dev)),
  Lr: ({ stats }) => String(minor(stats.rdev)),
  m: ({ path }) => fileSystem(path).mounted,
  n: ({ name }) => name,
  N: ({ name, path, stats }) =>
    stats.isSymbolicLink() ? `${quoted(name)} -> ${quoted(readlinkSync(path))}` : quoted(name),
  o: ({ stats }) => String(stats.blksize),
  r: ({ stats }) => String(stats.rdev),
  R: ({ stats }) => hexadecimal(stats.rdev),
  s: ({ stats }) => String(stats.size),
  t: ({ stats }) => hexadecimal(major(stats.rdev)),
  T: ({ stats }) => hexadecimal(minor(stats.rdev)),
  u: ({ stats }) => String(stats.uid),
  U: ({ stats }) => userName(Number(stats.uid)) ?? "UNKNOWN",
  w: ({ stats }) => exactTime(stats.birthtimeNs),
  W: ({ stats }) => String(stats.birthtimeNs / 1_000_000_000n),
  x: ({ stats }) => exactTime(stats.atimeNs),
  X: ({ stats }) => String(stats.atimeNs / 1_000_000_000n),
  y: ({ stats }) => exactTime(stats.mtimeNs),
  Y: ({ stats }) => String(stats.mtimeNs / 1_000_000_000n),
  z: ({ stats }) => exactTime(stats.ctimeNs),
  Z: ({ stats }) => String(stats.ctimeNs / 1_000_000_000n),
};

function value(file: Seen, letter: string): string {
  return values[letter]?.(file) ?? "?";
}

function typeName(stats: BigIntStats): string {
  if (stats.isFile()) return stats.size === 0n ? "regular empty file" : "regular file";
  if (stats.isDirectory()) return "directory";
  if (stats.isSymbolicLink()) return "symbolic link";
  if (stats.isCharacterDevice()) return "character special file";
  if (stats.isBlockDevice()) return "block special file";
  return stats.isFIFO() ? "fifo" : "socket";
}
