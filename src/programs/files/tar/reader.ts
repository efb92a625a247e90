import { CommandError } from "../../errors.js";
import { BLOCK, decodeHeader, type Member } from "./header.js";

/** The most that names and attributes of one member may take. */
const MOST = 1024 * 1024;

/** What members that only tell of the next one say of it. */
type Attributes = Record<string, string>;

/** Reads an archive, a member at a time. */
export class ArchiveReader {
  readonly #chunks: AsyncIterator<Buffer, void>;
  #rest: Buffer = Buffer.alloc(0);
  /** What of the member's data, and of the blanks behind it, hasn't been read. */
  #left = 0;
  #blanks = 0;
  #global: Attributes = {};
  #begun = false;

  constructor(chunks: AsyncIterable<Buffer>) {
    this.#chunks = chunks[Symbol.asyncIterator]() as AsyncIterator<Buffer, void>;
  }

  /** Null behind the last one. */
  async next(): Promise<Member | null> {
    let attributes: Attributes = {};
    for (let first = true; ; first = false) {
      await this.#skip();
      const block = await this.#exactly(BLOCK, true);
      if (block === null) {
        if (first && !this.#begun) throw this.#noArchive();
        return null;
      }
      if (block.every((byte) => byte === 0)) {
        this.#begun = true;
        return null;
      }
      const member = decodeHeader(block);
      if (member === null) throw this.#noArchive();
      this.#begun = true;
      const told = await this.#told(member, attributes);
      if (told !== null) {
        attributes = told;
        continue;
      }
      return this.#with(member, { ...this.#global, ...attributes });
    }
  }

  #noArchive(): CommandError {
    return new CommandError(
      `${this.#begun ? "Skipping to next header" : "This does not look like a tar archive"}\ntar: Exiting with failure status due to previous errors`,
      2,
    );
  }

  /** What a member says of the next one; null for a member that is one. */
  async #told(member: Member, before: Attributes): Promise<Attributes | null> {
    const { type, size } = member;
    if (!"LKxg".includes(type)) return null;
    if (size > MOST) throw new CommandError("Malformed extended header: too long", 2);
    this.#expect(size);
    const text = ((await this.#exactly(size)) as Buffer).toString();
    this.#left = 0;
    if (type === "L") return { ...before, path: text.replace(/\0.*$/s, "") };
    if (type === "K") return { ...before, linkpath: text.replace(/\0.*$/s, "") };
    const records = paxRecords(text);
    if (type === "x") return { ...before, ...records };
    this.#global = { ...this.#global, ...records };
    return before;
  }

  #with(member: Member, attributes: Attributes): Member {
    const number = (key: string, usual: number) => {
      const value = Number(attributes[key] ?? usual);
      return Number.isFinite(value) ? value : usual;
    };
    const full: Member = {
      ...member,
      name: attributes["path"] ?? member.name,
      target: attributes["linkpath"] ?? member.target,
      size: number("size", member.size),
      mtime: number("mtime", member.mtime),
      uid: number("uid", member.uid),
      gid: number("gid", member.gid),
      user: attributes["uname"] ?? member.user,
      group: attributes["gname"] ?? member.group,
    };
    this.#expect("12345".includes(full.type) ? 0 : full.size);
    return full;
  }

  #expect(size: number): void {
    this.#left = size;
    this.#blanks = (BLOCK - (size % BLOCK)) % BLOCK;
  }

  /** The data of the member. */
  async *data(): AsyncGenerator<Buffer, void> {
    while (this.#left > 0) {
      const bytes = await this.#some(this.#left);
      this.#left -= bytes.length;
      yield bytes;
    }
  }

  async #skip(): Promise<void> {
    for await (const _ of this.data());
    for (; this.#blanks > 0; ) this.#blanks -= (await this.#some(this.#blanks)).length;
  }

  async #some(most: number): Promise<Buffer> {
    if (this.#rest.length === 0) {
      const { value } = await this.#chunks.next();
      if (!value)
        throw new CommandError("Unexpected EOF in archive\ntar: Error is not recoverable: exiting now", 2);
      this.#rest = value;
    }
    const bytes = this.#rest.subarray(0, most);
    this.#rest = this.#rest.subarray(bytes.length);
    return bytes;
  }

  /** Null at the end, where that may be. */
  async #exactly(size: number, mayEnd = false): Promise<Buffer | null> {
    const found: Buffer[] = [];
    for (let left = size; left > 0; ) {
      if (mayEnd && this.#rest.length === 0) {
        const { value } = await this.#chunks.next();
        if (!value) return null;
        this.#rest = value;
      }
      const bytes = await this.#some(left);
      left -= bytes.length;
      found.push(bytes);
    }
    return Buffer.concat(found);
  }
}

/** Lines of `length key=value`. */
function paxRecords(text: string): Attributes {
  const bytes = Buffer.from(text);
  const records: Attributes = {};
  for (let at = 0; at < bytes.length; ) {
    const space = bytes.indexOf(32, at);
    const length = Number(bytes.toString("latin1", at, Math.max(at, space)));
    if (!(length > 0)) break;
    const record = bytes.toString("utf8", space + 1, at + length - 1);
    const equals = record.indexOf("=");
    if (equals > 0) records[record.slice(0, equals)] = record.slice(equals + 1);
    at += length;
  }
  return records;
}
