/*
 * What the host sends of its mounts: blocks, each of two lengths (4 bytes, little-endian), JSON, and bytes.
 * The machine trusts its host.
 */

/** An entry of a directory: name, type and permissions, size, times in milliseconds since 1970, a link's text. */
export type MountName = [
  name: string,
  mode: number,
  size: number,
  mtime: number,
  ctime: number,
  target?: string,
];

/** Paths are relative to the root of the mount, which is an empty one. */
export type MountBlock =
  /** Entries of a directory; `last` is true of the block after which it has no more. */
  | { names: string; entries: MountName[]; last: boolean }
  /** Bytes of a file, one block after the other. Times of null are those that the directory told. */
  | { content: string; size: number; mtime: number | null; ctime: number | null; last: boolean }
  /** What was asked for is there; what follows may be of use later. */
  | { done: true }
  /** What was asked for can't be had: a negative errno. */
  | { failed: number };

const HEADER_BYTES = 8;

/** The pieces of a block, one after the other. */
export function encodeBlock(block: MountBlock, bytes?: Uint8Array): Uint8Array[] {
  const json = JSON.stringify(block);
  const length = Buffer.byteLength(json);
  const head = Buffer.allocUnsafe(HEADER_BYTES + length);
  head.writeUInt32LE(length, 0);
  head.writeUInt32LE(bytes?.length ?? 0, 4);
  head.write(json, HEADER_BYTES);
  return bytes === undefined ? [head] : [head, bytes];
}

/** Cuts what comes in into blocks. */
export class BlockReader {
  #pending: Uint8Array[] = [];
  #length = 0;

  push(bytes: Uint8Array): void {
    // The piece is a view of memory that is used again.
    this.#pending.push(bytes.slice());
    this.#length += bytes.length;
  }

  /** The next block that is whole; null if there is none. `taken` is its length. */
  next(): { block: MountBlock; bytes: Uint8Array; taken: number } | null {
    if (this.#length < HEADER_BYTES) return null;
    const whole = this.#joined(HEADER_BYTES);
    const json = whole.readUInt32LE(0);
    const taken = HEADER_BYTES + json + whole.readUInt32LE(4);
    if (this.#length < taken) return null;
    const all = this.#joined(taken);
    const block = JSON.parse(all.toString("utf8", HEADER_BYTES, HEADER_BYTES + json)) as MountBlock;
    const bytes = all.subarray(HEADER_BYTES + json, taken);
    this.#pending =
      all.length > taken ? [all.subarray(taken), ...this.#pending.slice(1)] : this.#pending.slice(1);
    this.#length -= taken;
    return { block, bytes, taken };
  }

  /** The first pieces as one, of so many bytes at least; it takes their place. */
  #joined(length: number): Buffer {
    let count = 0;
    let bytes = 0;
    while (bytes < length) bytes += (this.#pending[count++] as Uint8Array).length;
    const first = this.#pending[0] as Uint8Array;
    const joined =
      count === 1
        ? Buffer.from(first.buffer, first.byteOffset, first.length)
        : Buffer.concat(this.#pending.slice(0, count), bytes);
    this.#pending.splice(0, count, joined);
    return joined;
  }
}
