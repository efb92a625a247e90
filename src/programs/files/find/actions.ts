import { rmdirSync, unlinkSync } from "node:fs";
import { dirname } from "node:path";
import { quoted, reason } from "../../errors.js";
import { formatDate } from "../../process/date.js";
import { resolveEscapes } from "../../text/escapes.js";
import { typeLetter } from "../listing.js";
import { permissionLetters } from "../mode.js";
import { groupName, userName } from "../users.js";
import type { Found, Line, Primary } from "./expression.js";

/** How many arguments a command gets at once with `+`. */
const AT_ONCE = 1000;

const print =
  (end: string): Primary =>
  ({ context }) =>
  async ({ path }) => {
    await context.stdout(path + end);
    return true;
  };

/** Of each file on its own, or of many at once with `+`. */
const execute =
  (inDirectory: boolean): Primary =>
  (line) => {
    const words = line.until((word, before) => word === ";" || (word === "+" && before === "{}"));
    const several = words.at(-1) === "+";
    const command = words.slice(0, several ? -2 : -1);
    return several ? together(line, command) : one(line, command, inDirectory);
  };

function run({ context }: Line, words: readonly string[], cwd: string): Promise<number> {
  const [name = "", ...args] = words;
  return context.run(name, args, {
    cwd,
    missing: () => context.fail(`${quoted(name)}: No such file or directory`),
  });
}

function one(line: Line, command: readonly string[], inDirectory: boolean) {
  return async ({ path, name, absolute }: Found): Promise<boolean> => {
    const shown = inDirectory ? `./${name}` : path;
    const words = command.map((word) => word.replaceAll("{}", shown));
    return (await run(line, words, inDirectory ? dirname(absolute) : line.context.cwd)) === 0;
  };
}

function together(line: Line, command: readonly string[]) {
  let paths: string[] = [];
  const flush = async (): Promise<void> => {
    if (paths.length === 0) return;
    const words = [...command, ...paths];
    paths = [];
    if ((await run(line, words, line.context.cwd)) !== 0) line.walk.status = 1;
  };
  line.walk.atEnd.push(flush);
  return async ({ path }: Found): Promise<boolean> => {
    paths.push(path);
    if (paths.length >= AT_ONCE) await flush();
    return true;
  };
}

const remove: Primary = ({ context, walk }) => {
  walk.depth = true;
  return async ({ path, absolute, stats }) => {
    if (path === ".") return true;
    try {
      if (stats.isDirectory()) rmdirSync(absolute);
      else unlinkSync(absolute);
      return true;
    } catch (error) {
      walk.status = await context.fail(`cannot delete ${quoted(path)}: ${reason(error)}`);
      return false;
    }
  };
};

const printFormat: Primary = (line) => {
  const format = line.argument();
  return async (found) => {
    const directives = /%(%|[AT](?:.)|[-\d.]*[a-zA-Z])|\\(?:.|\d{3})/g;
    let last = 0;
    const parts: Buffer[] = [];
    for (const match of format.matchAll(directives)) {
      parts.push(Buffer.from(format.slice(last, match.index)));
      last = match.index + match[0].length;
      parts.push(
        match[1] === undefined ? resolveEscapes(match[0]).bytes : Buffer.from(directive(found, match[1])),
      );
    }
    parts.push(Buffer.from(format.slice(last)));
    await line.context.stdout(Buffer.concat(parts));
    return true;
  };
};

function directive(found: Found, text: string): string {
  const { path, name, depth, stats, start } = found;
  const letter = text.at(-1) as string;
  if (/^[AT].$/.test(text)) {
    const time = text.startsWith("A") ? stats.atime : stats.mtime;
    return letter === "@" ? `${time.getTime() / 1000}` : formatDate(`%${letter}`, time, false);
  }
  const values: Readonly<Record<string, string>> = {
    "%": "%",
    d: String(depth),
    f: name,
    g: groupName(stats.gid) ?? String(stats.gid),
    G: String(stats.gid),
    h: path.includes("/") ? path.slice(0, path.lastIndexOf("/")) || "/" : ".",
    H: start,
    i: String(stats.ino),
    k: String(Math.ceil(stats.blocks / 2)),
    m: (stats.mode & 0o7777).toString(8),
    M: typeLetter(stats) + permissionLetters(stats.mode),
    n: String(stats.nlink),
    p: path,
    P: path === start ? "" : path.slice(start.replace(/\/$/, "").length + 1),
    s: String(stats.size),
    t: formatDate("%a %b %e %H:%M:%S.%N %Y", stats.mtime, false),
    u: userName(stats.uid) ?? String(stats.uid),
    U: String(stats.uid),
    y: typeLetter(stats).replace("-", "f"),
  };
  const value = values[letter] ?? `%${text}`;
  const [, left, width] = /^(-?)(\d+)/.exec(text) ?? [];
  if (width === undefined) return value;
  return left === "-" ? value.padEnd(Number(width)) : value.padStart(Number(width));
}

/** What does something with a file. */
export const actions: Readonly<Record<string, Primary>> = {
  "-delete": remove,
  "-exec": execute(false),
  "-execdir": execute(true),
  "-print": print("\n"),
  "-print0": print("\0"),
  "-printf": printFormat,
  "-prune": () => (found) => {
    found.pruned = true;
    return true;
  },
  "-quit":
    ({ walk }) =>
    () => {
      walk.quit = true;
      return true;
    },
};
