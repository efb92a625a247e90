import { isUtf8 } from "node:buffer";

/*
 * What a machine tells of the files below a path: an entry for each, of 56 bytes and its path, little-endian:
 *
 *   0   4  type and permissions
 *   4   4  user
 *   8   4  group
 *  12   4  length of the path
 *  16   8  size, a float
 *  24  32  SHA-256 of a file's bytes or a link's text, zeros of anything else
 */

/** A file, directory or link, and what is in it. */
export interface InventoryEntry {
  /** Absolute. */
  path: string;
  /** Type and permissions. */
  mode: number;
  uid: number;
  gid: number;
  size: number;
  /** Of 32 bytes, each a character. */
  digest: string;
}

const HEADER_BYTES = 56;
const DIGEST_BYTES = 32;
/** All that may come of one disk. */
export const MAX_INVENTORY_BYTES = 256 * 1024 * 1024;
/** Linux's PATH_MAX without the NUL. */
export const MAX_PATH_BYTES = 4095;

export function encodeEntry({ path, mode, uid, gid, size, digest }: InventoryEntry): Buffer {
  const length = Buffer.byteLength(path);
  const bytes = Buffer.allocUnsafe(HEADER_BYTES + length);
  bytes.writeUInt32LE(mode, 0);
  bytes.writeUInt32LE(uid, 4);
  bytes.writeUInt32LE(gid, 8);
  bytes.writeUInt32LE(length, 12);
  bytes.writeDoubleLE(size, 16);
  bytes.write(digest, 24, DIGEST_BYTES, "latin1");
  bytes.write(path, HEADER_BYTES);
  return bytes;
}

/** Cuts what a machine sends into entries, and believes none that no disk has. */
export class InventoryReader {
  #rest: Buffer = Buffer.alloc(0);

  /** Hands on the entries that are whole now. A string says what is wrong. */
  push(bytes: Uint8Array, take: (entry: InventoryEntry) => void): string | null {
    const all = Buffer.concat([this.#rest, bytes]);
    let at = 0;
    while (all.length - at >= HEADER_BYTES) {
      const length = all.readUInt32LE(at + 12);
      if (length === 0 || length > MAX_PATH_BYTES) return "an inventory with a path of a wrong length";
      if (all.length - at < HEADER_BYTES + length) break;
      const entry = entryOf(all.subarray(at, at + HEADER_BYTES + length));
      if (typeof entry === "string") return entry;
      take(entry);
      at += HEADER_BYTES + length;
    }
    this.#rest = Buffer.from(all.subarray(at));
    return null;
  }

  /** Whether the last entry is whole. */
  get whole(): boolean {
    return this.#rest.length === 0;
  }
}

function entryOf(bytes: Buffer): InventoryEntry | string {
  const text = bytes.subarray(HEADER_BYTES);
  const path = text.toString();
  if (!isUtf8(text) || !isPath(path)) return "an inventory with a path that is none";
  const size = bytes.readDoubleLE(16);
  if (!Number.isSafeInteger(size) || size < 0) return "an inventory with a wrong size";
  return {
    path,
    mode: bytes.readUInt32LE(0) & 0o177777,
    uid: bytes.readUInt32LE(4),
    gid: bytes.readUInt32LE(8),
    size,
    digest: bytes.toString("latin1", 24, HEADER_BYTES),
  };
}

/** Whoever copies a tree joins its paths to one of the host: none may lead out of it. */
function isPath(path: string): boolean {
  if (path[0] !== "/" || path.includes("\0")) return false;
  return path
    .slice(1)
    .split("/")
    .every((name) => name !== "" && name !== "." && name !== "..");
}
