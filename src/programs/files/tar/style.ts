import { readFileSync } from "node:fs";
import type { CommandContext, Write } from "../../command.js";
import { CommandError, reason } from "../../errors.js";
import { type Options, usageError } from "../../options.js";
import { padded } from "../../process/date.js";
import { globRegex } from "../../text/glob.js";
import { permissionLetters } from "../mode.js";
import type { Member } from "./header.js";

/** What `tar -tv` begins a line with, by the types of the format. */
const typeLetters: Readonly<Record<string, string>> = {
  "0": "-",
  "1": "h",
  "2": "l",
  "3": "c",
  "4": "b",
  "5": "d",
  "6": "p",
};

/** What the options of `tar` say about members. */
export class TarStyle {
  readonly verbose: number;
  readonly absolute: boolean;
  readonly numeric: boolean;
  readonly #excluded: RegExp[];
  readonly #stripped: number;

  constructor(context: CommandContext, options: Options) {
    this.verbose = options.values("v").length;
    this.absolute = options.has("P");
    this.numeric = options.has("numeric");
    this.#excluded = [
      ...options.values("exclude"),
      ...options.values("X").flatMap((file) => listed(context, file)),
    ].map(globRegex);
    const strip = options.value("strip") ?? "0";
    if (!/^\d+$/.test(strip)) throw usageError(context, `${strip}: Invalid number of elements`, 2);
    this.#stripped = Number(strip);
  }

  /** Whether a pattern names it, or what it lies in, with whatever it lies in itself before it. */
  excludes(name: string): boolean {
    if (this.#excluded.length === 0) return false;
    const parts = name.replace(/\/+$/, "").split("/");
    for (let from = 0; from < parts.length; from++)
      for (let to = from + 1; to <= parts.length; to++)
        if (this.#excluded.some((regex) => regex.test(parts.slice(from, to).join("/")))) return true;
    return false;
  }

  /** Null where nothing is left of a name. */
  strip(name: string): string | null {
    if (this.#stripped === 0) return name;
    const left = name.split("/").slice(this.#stripped).join("/");
    return left === "" ? null : left;
  }

  /** A member as `-v` shows it. */
  line(member: Member, listing: boolean): string {
    const { name, mode, size, type, target } = member;
    if (this.verbose + (listing ? 1 : 0) < 2) return `${name}\n`;
    const user = this.numeric || member.user === "" ? member.uid : member.user;
    const group = this.numeric || member.group === "" ? member.gid : member.group;
    const owner = `${user}/${group}`;
    const time = new Date(member.mtime * 1000);
    const date = `${time.getFullYear()}-${padded(time.getMonth() + 1)}-${padded(time.getDate())}`;
    const clock = `${padded(time.getHours())}:${padded(time.getMinutes())}`;
    const shownSize = String("12".includes(type) ? 0 : size).padStart(18 - owner.length);
    const link = type === "1" ? ` link to ${target}` : type === "2" ? ` -> ${target}` : "";
    return `${typeLetters[type] ?? "-"}${permissionLetters(mode)} ${owner} ${shownSize} ${date} ${clock} ${name}${link}\n`;
  }
}

/** The names in a file of `-T` or `-X`. */
export function listed(context: CommandContext, file: string, delimiter = "\n"): string[] {
  try {
    const text = readFileSync(file === "-" ? 0 : context.path(file), "utf8");
    return text.split(delimiter).filter((line) => line !== "");
  } catch (error) {
    throw new CommandError(
      `${file}: Cannot open: ${reason(error)}\ntar: Error is not recoverable: exiting now`,
      2,
    );
  }
}

/** Tells once that names lose their beginning. */
export class Prefixes {
  readonly #stderr: Write;
  readonly #told = new Set<string>();

  constructor(stderr: Write) {
    this.#stderr = stderr;
  }

  /** The name without what would lead it out of the directory. */
  async relative(name: string, what = "member names"): Promise<string> {
    const [prefix = ""] = /^(?:(?:.*\/)?\.\.(?=\/|$))?\/*/.exec(name) ?? [];
    if (prefix === "") return name;
    const key = `${prefix} ${what}`;
    if (!this.#told.has(key)) await this.#stderr(`tar: Removing leading \`${prefix}' from ${what}\n`);
    this.#told.add(key);
    return name.slice(prefix.length) || ".";
  }
}
