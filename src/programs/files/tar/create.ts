import { lstatSync, readdirSync, readlinkSync, type Stats, statSync } from "node:fs";
import { resolve } from "node:path";
import type { CommandContext, Write } from "../../command.js";
import { reason } from "../../errors.js";
import { FileDescriptor } from "../../io/file.js";
import { Turns } from "../../io/files.js";
import { Input } from "../../io/input.js";
import type { Options } from "../../options.js";
import { parseDate } from "../../process/dates.js";
import { groupName, userName } from "../users.js";
import { BLOCK, encodeHeader, type Member, padded } from "./header.js";
import { listed, Prefixes, type TarStyle } from "./style.js";

/** Archives are made of records of so many bytes. */
const RECORD = 20 * BLOCK;

/** Makes an archive of files and trees. */
export class Creation {
  status = 0;
  readonly #context: CommandContext;
  readonly #options: Options;
  readonly #style: TarStyle;
  readonly #tell: Write;
  readonly #prefixes: Prefixes;
  readonly #turns: Turns;
  readonly #sorted: boolean;
  readonly #mtime: number | null;
  /** Under which name each file with several was put in. */
  readonly #seen = new Map<string, string>();
  #written = 0;

  /** Names of members are told by `tell`. */
  constructor(context: CommandContext, options: Options, style: TarStyle, tell: Write) {
    this.#context = context;
    this.#options = options;
    this.#style = style;
    this.#tell = tell;
    this.#prefixes = new Prefixes(context.stderr);
    this.#turns = new Turns(context);
    this.#sorted = options.value("sort") === "name";
    const time = options.value("mtime");
    this.#mtime = time === undefined ? null : Math.floor((parseDate(time)?.getTime() ?? 0) / 1000);
  }

  /** The bytes of the archive. */
  async *bytes(): AsyncGenerator<Buffer, void> {
    let directory = this.#context.cwd;
    for (const { name, value = "" } of this.#options.given)
      if (name === "C") directory = resolve(directory, value);
      else if (name === "") yield* this.#counted(this.#tree(directory, value));
      else if (name === "T")
        for (const one of listed(this.#context, value, this.#options.has("null") ? "\0" : "\n"))
          yield* this.#counted(this.#tree(directory, one));
    const end = RECORD - ((this.#written + 2 * BLOCK) % RECORD || RECORD);
    yield Buffer.alloc(2 * BLOCK + end);
  }

  async *#counted(chunks: AsyncIterable<Buffer>): AsyncGenerator<Buffer, void> {
    for await (const chunk of chunks) {
      this.#written += chunk.length;
      yield chunk;
    }
  }

  async *#tree(directory: string, name: string): AsyncGenerator<Buffer, void> {
    await this.#turns.next();
    if (this.#style.excludes(name)) return;
    const path = resolve(directory, name);
    let stats: Stats;
    try {
      stats = (this.#options.has("h") ? statSync : lstatSync)(path);
    } catch (error) {
      return this.#fail(`${name}: Cannot stat: ${reason(error)}`);
    }
    if (!stats.isDirectory()) return yield* this.#file(path, name, stats);
    yield* this.#member(`${name.replace(/\/+$/, "")}/`, stats, "5", "");
    if (this.#options.has("flat")) return;
    let entries: string[];
    try {
      entries = readdirSync(path);
    } catch (error) {
      return this.#fail(`${name}: Cannot open: ${reason(error)}`);
    }
    if (this.#sorted) entries.sort();
    for (const entry of entries) yield* this.#tree(directory, `${name.replace(/\/+$/, "")}/${entry}`);
  }

  async *#file(path: string, name: string, stats: Stats): AsyncGenerator<Buffer, void> {
    if (stats.isSymbolicLink()) return yield* this.#member(name, stats, "2", readlinkSync(path));
    if (stats.isFIFO()) return yield* this.#member(name, stats, "6", "");
    if (stats.isSocket()) {
      await this.#context.fail(`${name}: socket ignored`);
      return;
    }
    const key = `${stats.dev}:${stats.ino}`;
    const first = stats.nlink > 1 ? this.#seen.get(key) : undefined;
    if (first !== undefined) return yield* this.#member(name, stats, "1", first);
    if (stats.nlink > 1) this.#seen.set(key, await this.#shownName(name));
    if (!stats.isFile()) return yield* this.#member(name, stats, stats.isBlockDevice() ? "4" : "3", "");
    let file: FileDescriptor;
    try {
      file = await FileDescriptor.open(path, "r");
    } catch (error) {
      return this.#fail(`${name}: Cannot open: ${reason(error)}`);
    }
    try {
      yield* this.#member(name, stats, "0", "");
      yield* this.#data(name, new Input(file, this.#context.signal), stats.size);
    } finally {
      file.release();
    }
  }

  /** Just as many bytes as the header says, whatever has become of the file. */
  async *#data(name: string, input: Input, size: number): AsyncGenerator<Buffer, void> {
    let left = size;
    while (left > 0) {
      const chunk = await input.read(Math.min(left, RECORD));
      if (chunk === null) {
        await this.#fail(`${name}: File shrank by ${left} bytes; padding with zeros`);
        for (; left > 0; left -= Math.min(left, RECORD)) yield Buffer.alloc(Math.min(left, RECORD));
        break;
      }
      left -= chunk.length;
      yield chunk;
    }
    yield padded(Buffer.alloc(size % BLOCK)).subarray(size % BLOCK);
  }

  async *#member(name: string, stats: Stats, type: string, target: string): AsyncGenerator<Buffer, void> {
    const owner = this.#options.value("owner");
    const group = this.#options.value("group");
    const member: Member = {
      name: await this.#shownName(name),
      mode: stats.mode,
      uid: owner === undefined ? stats.uid : Number(owner) || 0,
      gid: group === undefined ? stats.gid : Number(group) || 0,
      user: owner ?? userName(stats.uid) ?? "",
      group: group ?? groupName(stats.gid) ?? "",
      size: type === "0" ? stats.size : 0,
      mtime: this.#mtime ?? Math.floor(stats.mtimeMs / 1000),
      type,
      target,
    };
    if (this.#style.verbose > 0) await this.#tell(this.#style.line({ ...member, name }, false));
    yield encodeHeader(member);
  }

  async #shownName(name: string): Promise<string> {
    return this.#style.absolute ? name : this.#prefixes.relative(name);
  }

  async #fail(message: string): Promise<void> {
    this.status = await this.#context.fail(message, 2);
  }
}
