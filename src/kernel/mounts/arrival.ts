import { S_IFDIR, S_IFMT } from "../../disk/modes.js";
import type { MountDisk, MountedEntry } from "../../disk/mount/mount-disk.js";
import { EIO, ENOSPC, ENOTEMPTY } from "../../syscall/errno.js";
import { BlockReader, type MountBlock, type MountName } from "../../wire/index.js";
import type { DiskAccess } from "../disk-access.js";
import { dropTree, namesIn } from "./tree.js";

/** Entries that are put under one lock. */
const BATCH = 64;

type NamesBlock = Extract<MountBlock, { names: string }>;
type ContentBlock = Extract<MountBlock, { content: string }>;

/** A file whose bytes are arriving. */
interface Content {
  /** 0 for one that has them already, or can't have them. */
  file: number;
  position: number;
}

/** One answer of the host on its way to the disk. */
export class Arrival {
  readonly mount: number;
  /** Directories that have changed since the answer began. */
  readonly disturbed = new Set<string>();
  readonly #access: DiskAccess;
  readonly #disk: MountDisk;
  readonly #done: (result: number) => void;
  readonly #over: () => void;
  readonly #reader = new BlockReader();
  /** The names that have arrived of a directory, until its last. */
  #names: Set<string> | null = null;
  #content: Content | null = null;
  /** Why something that was asked for could not be put. */
  #error = 0;
  #work: Promise<void> = Promise.resolve();
  #answered = false;
  #ended = false;
  #waiting: (() => void)[] = [];

  constructor(
    mount: number,
    access: DiskAccess,
    disk: MountDisk,
    done: (result: number) => void,
    over: () => void,
  ) {
    this.mount = mount;
    this.#access = access;
    this.#disk = disk;
    this.#done = done;
    this.#over = over;
  }

  /** The next bytes; there is room for more when they are on the disk. */
  push(bytes: Uint8Array, consumed: (bytes: number) => void): void {
    const { length } = bytes;
    this.#reader.push(bytes);
    this.#work = this.#work.then(async () => {
      for (let next = this.#reader.next(); next !== null; next = this.#reader.next())
        await this.#take(next.block, next.bytes);
      consumed(length);
      this.#tellWaiting();
    });
  }

  /** Resolves when all is on the disk that came. */
  async end(): Promise<void> {
    await this.#work;
    const { file } = this.#content ?? { file: 0 };
    if (file > 0) await this.#access.attempt(() => this.#disk.endContent(file, null, 0, 0));
    this.#over();
    this.#ended = true;
    this.#tellWaiting();
  }

  /** Whether what comes now is what may be asked for next. */
  get isAhead(): boolean {
    return this.#answered && !this.#ended;
  }

  /** Resolves when more is on the disk, or nothing more comes. */
  async more(): Promise<void> {
    if (!this.#ended) await new Promise<void>((resolve) => this.#waiting.push(resolve));
  }

  #tellWaiting(): void {
    const waiting = this.#waiting;
    this.#waiting = [];
    for (const tell of waiting) tell();
  }

  async #take(block: MountBlock, bytes: Uint8Array): Promise<void> {
    if ("names" in block) this.#note(await this.#putNames(block));
    else if ("content" in block) this.#note(await this.#putContent(block, bytes));
    else {
      this.#answered = true;
      this.#done("failed" in block ? block.failed : this.#error || 1);
    }
  }

  #note(result: number): void {
    // What has gone or become a program's own meanwhile is nothing to complain about.
    if (result === -ENOSPC || result === -EIO) this.#error = result;
  }

  async #putNames({ names: path, entries, last }: NamesBlock): Promise<number> {
    const place = path === "" ? "." : path;
    this.#names ??= new Set();
    for (const [name] of entries) this.#names.add(name);
    const mounted = entries.map(entryOf);
    let count = 0;
    // One batch at least: it tells how many names there are.
    for (let from = 0; from === 0 || from < mounted.length; from += BATCH) {
      count = await this.#putBatch(place, mounted, from);
      if (count < 0) break;
    }
    if (count >= 0 && !last) return 0;
    const names = this.#names;
    this.#names = null;
    if (count < 0) return count;
    if (count > names.size) await this.#dropOthers(place, names);
    return await this.#access.attempt(() => this.#disk.setFilled(place, !this.disturbed.has(path)));
  }

  async #putBatch(place: string, entries: MountedEntry[], from: number): Promise<number> {
    const to = Math.min(from + BATCH, entries.length);
    const put = () => this.#disk.putEntries(place, entries, from, to);
    let result = await this.#withRoom(put);
    if (result === -ENOTEMPTY) {
      // Directories that are something else by now.
      for (const { name, mode } of entries.slice(from, to))
        if ((mode & S_IFMT) !== S_IFDIR) await dropTree(this.#access, this.#disk, `${place}/${name}`);
      result = await this.#withRoom(put);
    }
    return result;
  }

  async #dropOthers(place: string, names: ReadonlySet<string>): Promise<void> {
    for (const name of await namesIn(this.#access, this.#disk, place))
      if (!names.has(name)) await dropTree(this.#access, this.#disk, `${place}/${name}`);
  }

  async #putContent(block: ContentBlock, bytes: Uint8Array): Promise<number> {
    const { content: path, size, last } = block;
    const { mtime, ctime } = { mtime: block.mtime ?? Number.NaN, ctime: block.ctime ?? Number.NaN };
    const disk = this.#disk;
    if (last && this.#content === null)
      return await this.#withRoom(() => disk.putWhole(path, bytes, mtime, ctime));
    this.#content ??= { file: await this.#access.attempt(() => disk.beginContent(path)), position: 0 };
    const content = this.#content;
    if (last) this.#content = null;
    if (content.file <= 0) return content.file;
    const { file, position } = content;
    content.position += bytes.length;
    const put = await this.#withRoom(() => disk.putContent(file, bytes, position));
    if (put < 0) content.file = put;
    if (!last && put >= 0) return put;
    const whole = put < 0 ? null : size;
    await this.#access.attempt(() => disk.endContent(file, whole, mtime, ctime));
    return put;
  }

  /** Once more without the bytes that can be brought again, where the disk is full. */
  async #withRoom(operation: () => number): Promise<number> {
    const result = await this.#access.attempt(operation);
    if (result !== -ENOSPC) return result;
    await this.#access.makeRoom();
    return await this.#access.attempt(operation);
  }
}

function entryOf([name, mode, size, mtime, ctime, target]: MountName): MountedEntry {
  return {
    name: Buffer.from(name),
    mode,
    size,
    mtime,
    ctime,
    target: target === undefined ? null : Buffer.from(target),
  };
}
