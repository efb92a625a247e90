import { accessSync, constants, readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { CommandError } from "../../errors.js";
import { globRegex } from "../../text/glob.js";
import { posixRegex } from "../../text/regex.js";
import { typeLetter } from "../listing.js";
import { changeMode, parseMode } from "../mode.js";
import { groupName, userName } from "../users.js";
import type { Line, Primary, Test } from "./expression.js";

const MINUTE = 60_000;
const DAY = 86_400_000;

/** `+5`, `-5`, `5` */
function compared(line: Line, text: string): (value: number) => boolean {
  const [, sign, digits] = /^([-+]?)(\d+)$/.exec(text) ?? [];
  if (digits === undefined) throw new CommandError(`invalid argument \`${text}' to \`${line.name}'`);
  const number = Number(digits);
  return (value) => (sign === "+" ? value > number : sign === "-" ? value < number : value === number);
}

const named =
  (flags: string, part: "name" | "path"): Primary =>
  (line) => {
    const regex = new RegExp(globRegex(line.argument()).source, flags);
    return (found) => regex.test(found[part]);
  };

const regular =
  (flags: string): Primary =>
  (line) => {
    const { source } = posixRegex(line.argument(), { extended: true });
    const regex = new RegExp(`^(?:${source})$`, flags);
    return ({ path }) => regex.test(path);
  };

const aged =
  (key: "atimeMs" | "ctimeMs" | "mtimeMs", unit: number): Primary =>
  (line) => {
    const matches = compared(line, line.argument());
    const now = Date.now();
    // Whole days have passed; minutes are rounded up.
    const round = unit === DAY ? Math.floor : Math.ceil;
    return ({ stats }) => matches(round((now - stats[key]) / unit));
  };

const newer =
  (key: "atimeMs" | "ctimeMs" | "mtimeMs"): Primary =>
  (line) => {
    const name = line.argument();
    const reference = statSync(line.context.path(name), { throwIfNoEntry: false });
    if (reference === undefined) throw new CommandError(`'${name}': No such file or directory`);
    return ({ stats }) => stats[key] > reference.mtimeMs;
  };

const accessible =
  (mode: number): Primary =>
  () =>
  ({ absolute }) => {
    try {
      accessSync(absolute, mode);
      return true;
    } catch {
      return false;
    }
  };

const always: Primary = () => () => true;

const units: Readonly<Record<string, number>> = { b: 512, c: 1, w: 2, k: 1024, M: 1024 ** 2, G: 1024 ** 3 };

const size: Primary = (line) => {
  const text = line.argument();
  const unit = units[text.at(-1) as string];
  const matches = compared(line, unit === undefined ? text : text.slice(0, -1));
  return ({ stats }) => matches(Math.ceil(stats.size / (unit ?? 512)));
};

const type: Primary = (line) => {
  const letters = line.argument().split(",");
  const unknown = letters.find((letter) => !/^[bcdfpls]$/.test(letter));
  if (unknown !== undefined) throw new CommandError(`Unknown argument to -type: ${unknown}`);
  return ({ stats }) => letters.includes(typeLetter(stats).replace("-", "f"));
};

const permissions: Primary = (line) => {
  const [, how = "", text = ""] = /^([-/]?)(.*)$/.exec(line.argument()) ?? [];
  const wanted = changeMode(parseMode(text), 0, false, 0);
  return ({ stats }) => {
    const mode = stats.mode & 0o7777;
    if (how === "-") return (mode & wanted) === wanted;
    return how === "/" ? wanted === 0 || (mode & wanted) !== 0 : mode === wanted;
  };
};

const empty: Test = ({ stats, absolute }) => {
  if (stats.isFile()) return stats.size === 0;
  return stats.isDirectory() && readdirSync(absolute).length === 0;
};

const owned =
  (key: "uid" | "gid", name: (id: number) => string | undefined): Primary =>
  (line) => {
    const wanted = line.argument();
    return ({ stats }) => wanted === String(stats[key]) || wanted === name(stats[key]);
  };

const counted =
  (value: (stats: Stats) => number): Primary =>
  (line) => {
    const matches = compared(line, line.argument());
    return ({ stats }) => matches(value(stats));
  };

const depth =
  (which: "least" | "most"): Primary =>
  (line) => {
    const text = line.argument();
    if (!/^\d+$/.test(text))
      throw new CommandError(
        `Expected a positive decimal integer argument to ${line.name}, but got '${text}'`,
      );
    line.walk[which] = Number(text);
    return () => true;
  };

/** What tells something of a file, or something to the walk. */
export const tests: Readonly<Record<string, Primary>> = {
  "-amin": aged("atimeMs", MINUTE),
  "-anewer": newer("atimeMs"),
  "-atime": aged("atimeMs", DAY),
  "-cmin": aged("ctimeMs", MINUTE),
  "-cnewer": newer("ctimeMs"),
  "-ctime": aged("ctimeMs", DAY),
  "-d": (line) => {
    line.walk.depth = true;
    return () => true;
  },
  "-daystart": always,
  "-depth": (line) => {
    line.walk.depth = true;
    return () => true;
  },
  "-empty": () => empty,
  "-executable": accessible(constants.X_OK),
  "-false": () => () => false,
  "-follow": (line) => {
    line.walk.follow = true;
    return () => true;
  },
  "-gid": counted(({ gid }) => gid),
  "-group": owned("gid", groupName),
  "-iname": named("i", "name"),
  "-inum": counted(({ ino }) => ino),
  "-ipath": named("i", "path"),
  "-iregex": regular("i"),
  "-links": counted(({ nlink }) => nlink),
  "-lname": (line) => {
    const regex = globRegex(line.argument());
    return ({ stats, absolute }) => stats.isSymbolicLink() && regex.test(readlinkSync(absolute));
  },
  "-maxdepth": depth("most"),
  "-mindepth": depth("least"),
  "-mmin": aged("mtimeMs", MINUTE),
  "-mount": always,
  "-mtime": aged("mtimeMs", DAY),
  "-name": named("", "name"),
  "-newer": newer("mtimeMs"),
  "-noleaf": always,
  "-path": named("", "path"),
  "-perm": permissions,
  "-readable": accessible(constants.R_OK),
  "-regex": regular(""),
  "-regextype": (line) => {
    line.argument();
    return () => true;
  },
  "-samefile": (line) => {
    const { dev, ino } = statSync(line.context.path(line.argument()));
    return ({ stats }) => stats.dev === dev && stats.ino === ino;
  },
  "-size": size,
  "-true": always,
  "-type": type,
  "-uid": counted(({ uid }) => uid),
  "-user": owned("uid", userName),
  "-wholename": named("", "path"),
  "-writable": accessible(constants.W_OK),
  "-xdev": always,
};
