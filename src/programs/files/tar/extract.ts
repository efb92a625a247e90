import {
  chmodSync,
  chownSync,
  linkSync,
  lstatSync,
  lutimesSync,
  mkdirSync,
  rmdirSync,
  statSync,
  symlinkSync,
  unlinkSync,
  utimesSync,
} from "node:fs";
import { dirname, resolve } from "node:path";
import type { CommandContext, Write } from "../../command.js";
import { CommandError, reason } from "../../errors.js";
import { FileDescriptor } from "../../io/file.js";
import { Turns } from "../../io/files.js";
import type { Options } from "../../options.js";
import { globRegex } from "../../text/glob.js";
import type { Member } from "./header.js";
import type { ArchiveReader } from "./reader.js";
import { Prefixes, type TarStyle } from "./style.js";

/** Takes files out of an archive, or lists what is in it. */
export class Extraction {
  status = 0;
  readonly #context: CommandContext;
  readonly #options: Options;
  readonly #style: TarStyle;
  readonly #directory: string;
  readonly #prefixes: Prefixes;
  readonly #turns: Turns;
  readonly #wanted: { name: string; regex: RegExp | null; found: boolean }[];
  /** Directories that have been made: they get their modes and times when all is in them. */
  readonly #directories: { path: string; member: Member }[] = [];

  constructor(context: CommandContext, options: Options, style: TarStyle) {
    this.#context = context;
    this.#options = options;
    this.#style = style;
    this.#turns = new Turns(context);
    this.#prefixes = new Prefixes(context.stderr);
    this.#directory = options.values("C").reduce((from, to) => resolve(from, to), context.cwd);
    this.#wanted = options.operands.map((name) => ({
      name: name.replace(/\/+$/, ""),
      regex: options.has("wildcards") ? globRegex(name) : null,
      found: false,
    }));
  }

  async list(reader: ArchiveReader): Promise<void> {
    await this.#each(reader, async (member) => {
      await this.#context.stdout(this.#style.line(member, true));
    });
  }

  async extract(reader: ArchiveReader): Promise<void> {
    const toStdout = this.#options.has("O");
    const tell: Write = toStdout ? this.#context.stderr : this.#context.stdout;
    if (statSync(this.#directory, { throwIfNoEntry: false }) === undefined)
      throw new CommandError(
        `${this.#options.value("C")}: Cannot open: No such file or directory\ntar: Error is not recoverable: exiting now`,
        2,
      );
    await this.#each(reader, async (member) => {
      const name = this.#style.strip(member.name);
      if (name === null) return;
      if (this.#style.verbose > 0) await tell(this.#style.line(member, false));
      if (toStdout) for await (const chunk of reader.data()) await this.#context.stdout(chunk);
      else await this.#member(member, name, reader);
    });
    for (const { path, member } of this.#directories.reverse()) this.#finish(path, member);
  }

  async #each(reader: ArchiveReader, body: (member: Member) => Promise<void>): Promise<void> {
    for (let member = await reader.next(); member !== null; member = await reader.next()) {
      await this.#turns.next();
      if (this.#selected(member.name) && !this.#style.excludes(member.name)) await body(member);
    }
    for (const { name, found } of this.#wanted)
      if (!found) this.status = await this.#context.fail(`${name}: Not found in archive`, 2);
  }

  #selected(member: string): boolean {
    if (this.#wanted.length === 0) return true;
    const name = member.replace(/\/+$/, "");
    const hits = this.#wanted.filter(
      (one) => name === one.name || name.startsWith(`${one.name}/`) || one.regex?.test(name),
    );
    for (const hit of hits) hit.found = true;
    return hits.length > 0;
  }

  async #member(member: Member, stripped: string, reader: ArchiveReader): Promise<void> {
    const safe = async (name: string, what?: string) =>
      this.#style.absolute ? name : this.#prefixes.relative(name, what);
    const name = await safe(stripped);
    const path = resolve(this.#directory, name);
    try {
      if (member.type === "5") return this.#makeDirectory(path, member);
      if (!this.#makeWay(path)) return;
      mkdirSync(dirname(path), { recursive: true });
      if (member.type === "2") symlinkSync(member.target, path);
      else if (member.type === "1")
        linkSync(
          resolve(this.#directory, await safe(this.#style.strip(member.target) ?? "", "hard link targets")),
          path,
        );
      else if (member.type === "0") await this.#write(path, member, reader);
      else throw new CommandError(`${name}: Cannot mknod: Operation not permitted`);
      if (member.type !== "1") this.#finish(path, member);
    } catch (error) {
      if (error instanceof CommandError && error.status === 2) throw error;
      const what = { "1": `hard link to '${member.target}'`, "2": `symlink to '${member.target}'` }[
        member.type
      ];
      const told =
        error instanceof CommandError
          ? error.message
          : `${name}: Cannot ${what === undefined ? "open" : `create ${what}`}: ${reason(error)}`;
      this.status = await this.#context.fail(told, 2);
    }
  }

  #makeDirectory(path: string, member: Member): void {
    if (statSync(path, { throwIfNoEntry: false })?.isDirectory() !== true) {
      if (lstatSync(path, { throwIfNoEntry: false }) !== undefined) unlinkSync(path);
      mkdirSync(path, { recursive: true });
    }
    this.#directories.push({ path, member });
  }

  /** Removes what is in the way, unless that is to stay: then it answers false. */
  #makeWay(path: string): boolean {
    const there = lstatSync(path, { throwIfNoEntry: false });
    if (there === undefined) return true;
    if (this.#options.has("skip")) return false;
    if (this.#options.has("k")) throw Object.assign(new Error("EEXIST"), { errno: -17, code: "EEXIST" });
    if (there.isDirectory()) rmdirSync(path);
    else unlinkSync(path);
    return true;
  }

  async #write(path: string, member: Member, reader: ArchiveReader): Promise<void> {
    const file = await FileDescriptor.open(path, "wx", 0o600);
    try {
      for await (const chunk of reader.data()) await file.write(chunk);
    } finally {
      file.release();
    }
    // The umask counts, unless all is to be as it was.
    const mask = this.#options.has("p") ? 0 : process.umask();
    chmodSync(path, member.mode & 0o7777 & ~mask);
  }

  /** Times, and the mode of a directory. */
  #finish(path: string, member: Member): void {
    if (member.type === "5") {
      const mask = this.#options.has("p") ? 0 : process.umask();
      chmodSync(path, member.mode & 0o7777 & ~mask);
    }
    if (process.getuid?.() === 0 && !this.#options.has("own")) chownSync(path, member.uid, member.gid);
    if (this.#options.has("m")) return;
    if (member.type === "2") lutimesSync(path, member.mtime, member.mtime);
    else utimesSync(path, member.mtime, member.mtime);
  }
}
