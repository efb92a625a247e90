import { readFileSync, type StatsFs, statfsSync } from "node:fs";
import type { CommandContext } from "../command.js";
import { quoted, reason } from "../errors.js";
import type { Options } from "../options.js";
import { printFormat } from "./format.js";

/** A file system, as the list of the mounted ones names it. */
export interface FileSystem {
  source: string;
  mounted: string;
  type: string;
}

/** All that are mounted, in the order in which they came. */
export function fileSystems(): FileSystem[] {
  return readFileSync("/proc/mounts", "utf8")
    .split("\n")
    .filter((line) => line !== "")
    .map((line) => {
      const [source = "", mounted = "", type = ""] = line.split(" ");
      return { source, mounted, type };
    });
}

/** The file system that a path lies on: where the longest way to it is mounted. */
export function fileSystem(path: string): FileSystem {
  const inside = ({ mounted }: FileSystem) => `${path}/`.startsWith(mounted === "/" ? "/" : `${mounted}/`);
  return fileSystems()
    .filter(inside)
    .reduce((best, one) => (one.mounted.length >= best.mounted.length ? one : best), {
      source: "none",
      mounted: "/",
      type: "none",
    });
}

const usual = `  File: "%n"
    ID: %-8i Namelen: %-7l Type: %T
Block size: %-10s Fundamental block size: %S
Blocks: Total: %-10b Free: %-10f Available: %a
Inodes: Total: %-10c Free: %d`;

/** `stat -f` */
export async function showFileSystems(context: CommandContext, options: Options): Promise<number> {
  const chosen = options.last("c", "printf");
  const format = chosen === undefined ? null : (options.value(chosen) ?? "");
  let status = 0;
  for (const name of options.operands) {
    let stats: StatsFs;
    try {
      stats = statfsSync(context.path(name));
    } catch (error) {
      status = await context.fail(
        `cannot read file system information for ${quoted(name)}: ${reason(error)}`,
      );
      continue;
    }
    const values: Readonly<Record<string, string | number>> = {
      a: stats.bavail,
      b: stats.blocks,
      c: stats.files,
      d: stats.ffree,
      f: stats.bfree,
      i: 0,
      l: 255,
      n: name,
      s: stats.bsize,
      S: stats.bsize,
      t: stats.type.toString(16),
      T: fileSystem(context.path(name)).type,
    };
    const terse = "%n %i %l %t %s %S %b %f %a %c %d";
    const text = format ?? (options.has("t") ? terse : usual);
    await context.stdout(printFormat(text, (letter) => String(values[letter] ?? "?"), chosen === "printf"));
    if (chosen !== "printf") await context.stdout("\n");
  }
  return status;
}
