import {
  accessSync,
  chmodSync,
  chownSync,
  constants,
  copyFileSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  readdirSync,
  readlinkSync,
  type Stats,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { join } from "node:path";
import type { CommandContext } from "../command.js";
import { quoted, reason } from "../errors.js";
import { Turns } from "../io/files.js";
import { lookAt } from "./targets.js";

export interface CopyStyle {
  recursive: boolean;
  /** Which links are followed: all, those that are named, or none. */
  follow: "all" | "named" | "none";
  /** What is kept beside the bytes. */
  mode: boolean;
  times: boolean;
  owner: boolean;
  force: boolean;
  noClobber: boolean;
  update: boolean;
  link: "hard" | "symbolic" | null;
  verbose: boolean;
}

/** Copies files and trees, and says what went wrong. */
export class Copier {
  status = 0;
  readonly #context: CommandContext;
  readonly #style: CopyStyle;
  readonly #turns: Turns;
  /** What has been made: a tree copied into itself must not find it. */
  readonly #made = new Set<string>();

  constructor(context: CommandContext, style: CopyStyle) {
    this.#context = context;
    this.#style = style;
    this.#turns = new Turns(context);
  }

  async copy(from: string, to: string, named = true): Promise<void> {
    await this.#turns.next();
    const { follow, recursive } = this.#style;
    let source: Stats;
    try {
      const path = this.#context.path(from);
      source = follow === "all" || (named && follow === "named") ? statSync(path) : lstatSync(path);
    } catch (error) {
      return this.#complain(`cannot stat ${quoted(from)}: ${reason(error)}`);
    }
    if (!source.isDirectory()) return this.#file(from, to, source);
    if (!recursive) return this.#complain(`-r not specified; omitting directory ${quoted(from)}`);
    await this.#directory(from, to, source);
  }

  async #directory(from: string, to: string, source: Stats): Promise<void> {
    const [path, target] = [this.#context.path(from), this.#context.path(to)];
    if (`${target}/`.startsWith(`${path}/`) && this.#made.size === 0)
      return this.#complain(
        target === path
          ? `${quoted(from)} and ${quoted(to)} are the same file`
          : `cannot copy a directory, ${quoted(from)}, into itself, ${quoted(to)}`,
      );
    const there = lookAt(target, statSync);
    if (there !== undefined && !there.isDirectory())
      return this.#complain(`cannot overwrite non-directory ${quoted(to)} with directory ${quoted(from)}`);
    try {
      const entries = readdirSync(path);
      if (there === undefined) {
        mkdirSync(target, source.mode | 0o700);
        await this.#tell(from, to);
      }
      this.#made.add(target);
      for (const entry of entries) await this.copy(join(from, entry), join(to, entry), false);
      if (there === undefined && (source.mode & 0o700) !== 0o700) chmodSync(target, source.mode & 0o7777);
      this.#keep(target, source);
    } catch (error) {
      const code = (error as NodeJS.ErrnoException).syscall;
      const what =
        code === "scandir" ? `cannot access ${quoted(from)}` : `cannot create directory ${quoted(to)}`;
      await this.#complain(`${what}: ${reason(error)}`);
    }
  }

  async #file(from: string, to: string, source: Stats): Promise<void> {
    const [path, target] = [this.#context.path(from), this.#context.path(to)];
    const there = lookAt(target, statSync) ?? lookAt(target, lstatSync);
    if (there !== undefined) {
      if (this.#style.noClobber || (this.#style.update && there.mtimeMs >= source.mtimeMs)) return;
      if (there.isDirectory())
        return this.#complain(`cannot overwrite directory ${quoted(to)} with non-directory`);
      if (there.dev === source.dev && there.ino === source.ino)
        return this.#complain(`${quoted(from)} and ${quoted(to)} are the same file`);
    }
    if (/\/$/.test(to) && there === undefined)
      return this.#complain(`cannot create regular file ${quoted(to)}: Not a directory`);
    try {
      this.#make(path, target, source, there !== undefined);
      this.#keep(target, source);
      await this.#tell(from, to);
    } catch (error) {
      const what = readable(path)
        ? `cannot create regular file ${quoted(to)}`
        : `cannot open ${quoted(from)} for reading`;
      await this.#complain(`${what}: ${reason(error)}`);
    }
  }

  #make(path: string, target: string, source: Stats, there: boolean): void {
    const { link, force } = this.#style;
    const special = link !== null || source.isSymbolicLink();
    if (there && special) unlinkSync(target);
    if (source.isSymbolicLink()) symlinkSync(readlinkSync(path), target);
    else if (link === "hard") linkSync(path, target);
    else if (link === "symbolic") symlinkSync(path, target);
    else copyBytes(path, target, force && there);
  }

  #keep(target: string, source: Stats): void {
    const { mode, times, owner } = this.#style;
    if (source.isSymbolicLink()) {
      if (times) lutimesSync(target, source.atime, source.mtime);
      return;
    }
    if (owner)
      try {
        chownSync(target, source.uid, source.gid);
      } catch {
        // As every user but root, who may give nothing away.
      }
    if (mode) chmodSync(target, source.mode & 0o7777);
    if (times) utimesSync(target, source.atime, source.mtime);
  }

  async #tell(from: string, to: string): Promise<void> {
    if (this.#style.verbose) await this.#context.stdout(`${quoted(from)} -> ${quoted(to)}\n`);
  }

  async #complain(message: string): Promise<void> {
    this.status = await this.#context.fail(message);
  }
}

/** By `force` what can't be written to is replaced. */
function copyBytes(path: string, target: string, force: boolean): void {
  try {
    copyFileSync(path, target);
  } catch (error) {
    if (!force || (error as NodeJS.ErrnoException).code !== "EACCES") throw error;
    unlinkSync(target);
    copyFileSync(path, target, constants.COPYFILE_EXCL);
  }
}

function readable(path: string): boolean {
  try {
    accessSync(path, constants.R_OK);
    return true;
  } catch {
    return false;
  }
}
