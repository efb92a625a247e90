/** What an archive is made of. */
export const BLOCK = 512;

/** A member of an archive. */
export interface Member {
  name: string;
  mode: number;
  uid: number;
  gid: number;
  user: string;
  group: string;
  size: number;
  /** In seconds. */
  mtime: number;
  /** As the format has it: `0` a file, `1` a further name, `2` a link, `5` a directory. */
  type: string;
  /** What a link leads to. */
  target: string;
}

/** Where the parts of a header are: offset and length. */
const parts = {
  name: [0, 100],
  mode: [100, 8],
  uid: [108, 8],
  gid: [116, 8],
  size: [124, 12],
  mtime: [136, 12],
  sum: [148, 8],
  type: [156, 1],
  target: [157, 100],
  magic: [257, 8],
  user: [265, 32],
  group: [297, 32],
  prefix: [345, 155],
} as const;

type Part = keyof typeof parts;

const LONG_NAME = "L";
const LONG_TARGET = "K";

/** The blocks before a member's data. Names that are too long for a header have members of their own, as GNU's. */
export function encodeHeader(member: Member): Buffer {
  const before: Buffer[] = [];
  for (const [type, text] of [
    [LONG_TARGET, member.target],
    [LONG_NAME, member.name],
  ] as const) {
    const bytes = Buffer.from(`${text}\0`);
    if (bytes.length <= parts.name[1] + 1) continue;
    const long: Member = {
      ...member,
      name: "././@LongLink",
      target: "",
      type,
      size: bytes.length,
      mode: 0o644,
      mtime: 0,
    };
    before.push(encodeBlock({ ...long, uid: 0, gid: 0, user: "root", group: "root" }), padded(bytes));
  }
  return Buffer.concat([...before, encodeBlock(member)]);
}

/** Fills up to whole blocks. */
export function padded(bytes: Buffer): Buffer {
  const rest = bytes.length % BLOCK;
  return rest === 0 ? bytes : Buffer.concat([bytes, Buffer.alloc(BLOCK - rest)]);
}

function encodeBlock(member: Member): Buffer {
  const block = Buffer.alloc(BLOCK);
  const text = (part: Part, value: string) => {
    const [offset, length] = parts[part];
    Buffer.from(value).copy(block, offset, 0, length);
  };
  const number = (part: Part, value: number) => {
    const [offset, length] = parts[part];
    const digits = Math.max(0, Math.floor(value)).toString(8);
    block.write(`${digits.padStart(length - 1, "0").slice(-(length - 1))}\0`, offset, "latin1");
  };
  text("name", member.name);
  number("mode", member.mode & 0o7777);
  number("uid", member.uid);
  number("gid", member.gid);
  number("size", member.size);
  number("mtime", member.mtime);
  text("type", member.type);
  text("target", member.target);
  text("magic", "ustar  \0");
  text("user", member.user);
  text("group", member.group);
  const sum = checksum(block);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, parts.sum[0], "latin1");
  return block;
}

/** The sum of all bytes, those of the sum itself taken for blanks. */
function checksum(block: Buffer): number {
  const [offset, length] = parts.sum;
  let sum = 32 * length;
  for (let at = 0; at < BLOCK; at++) if (at < offset || at >= offset + length) sum += block[at] as number;
  return sum;
}

/** Null for what is no header. */
export function decodeHeader(block: Buffer): Member | null {
  const text = (part: Part) => {
    const [offset, length] = parts[part];
    const bytes = block.subarray(offset, offset + length);
    const end = bytes.indexOf(0);
    return bytes.toString("utf8", 0, end < 0 ? length : end);
  };
  const number = (part: Part) => {
    const [offset, length] = parts[part];
    // Numbers that need more than their octal digits are binary.
    if (((block[offset] as number) & 0x80) !== 0) return block.readUIntBE(offset + length - 6, 6);
    return Number.parseInt(text(part).trim() || "0", 8);
  };
  if (number("sum") !== checksum(block)) return null;
  const prefix = text("magic") === "ustar" ? text("prefix") : "";
  const name = prefix === "" ? text("name") : `${prefix}/${text("name")}`;
  const type = text("type") || "0";
  return {
    name,
    mode: number("mode"),
    uid: number("uid"),
    gid: number("gid"),
    user: text("user"),
    group: text("group"),
    size: number("size"),
    mtime: number("mtime"),
    type: type === "0" && name.endsWith("/") ? "5" : type === "7" ? "0" : type,
    target: text("target"),
  };
}
