/** What a disk's memory is copied in. */
export const PIECE_BYTES = 65536;

/** A run of pieces that belong together. */
export interface Run {
  /** The first byte, in the disk's memory. */
  start: number;
  length: number;
}

/** What is read or written at once: as much as keeps a processor busy for some milliseconds. */
const LONGEST_RUN = 8 * 1024 * 1024;

/** Which pieces of a disk's memory hold anything: all that the host knows of what is in it. */
export class PieceMap {
  readonly bits: Uint8Array;
  /** All of them, in bytes. */
  readonly byteLength: number;

  /** Null when the bits are not those of a disk of this size, which is a multiple of a piece. */
  static of(bits: Uint8Array, diskSize: number): PieceMap | null {
    const pieces = diskSize / PIECE_BYTES;
    if (!Number.isInteger(pieces) || bits.length !== Math.ceil(pieces / 8)) return null;
    const rest = pieces % 8;
    if (rest !== 0 && (bits.at(-1) as number) >>> rest !== 0) return null;
    return new PieceMap(bits);
  }

  private constructor(bits: Uint8Array) {
    this.bits = bits;
    let count = 0;
    for (const { length } of this.runs()) count += length;
    this.byteLength = count;
  }

  /** The runs of pieces, in order. */
  *runs(): Generator<Run> {
    const pieces = this.bits.length * 8;
    const longest = LONGEST_RUN / PIECE_BYTES;
    for (let piece = 0; piece < pieces; ) {
      const first = piece;
      while (piece < pieces && piece - first < longest && this.#has(piece)) piece++;
      if (piece > first) yield { start: first * PIECE_BYTES, length: (piece - first) * PIECE_BYTES };
      else piece++;
    }
  }

  #has(piece: number): boolean {
    return ((this.bits[piece >>> 3] as number) & (1 << (piece & 7))) !== 0;
  }
}
