import { AtomicsNotify, MathFloor, MathMax, MathMin } from "../primordials/primordials.js";
import { checkDisk } from "./check.js";
import {
  BLOCK_SIZE,
  INODE_WORDS,
  NAME_WORDS,
  S_ABANDONED,
  S_INODE_TOP,
  S_LOCK,
  S_NAME_TOP,
} from "./layout.js";
import { lock, lockHolder, unlock } from "./lock.js";
import { Findings } from "./repair/findings.js";
import { repair } from "./repair/repair.js";
import { Session } from "./session.js";
import type { CheckReport, DiskMemory, LockOwner } from "./types.js";
import { readGeometry } from "./volume.js";

/** What the disk's memory is told apart in: one bit says whether a piece has anything in it. */
export const PIECE_BYTES = 65536;

/** How many bytes the bits for a disk's memory take. */
export function pieceMapBytes(memory: DiskMemory): number {
  return MathFloor((MathFloor((memory.byteLength + PIECE_BYTES - 1) / PIECE_BYTES) + 7) / 8);
}

/** Keeps everybody from the disk, so that its memory can be copied or filled from outside. */
export class Freezer {
  readonly #memory: DiskMemory;
  readonly #session: Session;

  /** `owner` is nobody else's: see `LockOwner`. `patience`: milliseconds that one attempt waits for the lock. */
  constructor(memory: DiskMemory, owner: LockOwner, patience: number) {
    const geometry = readGeometry(memory);
    if (geometry === null) throw new Error("The memory holds no disk");
    this.#memory = memory;
    this.#session = new Session(memory, geometry, owner, { uid: 0, gid: 0, umask: 0, cwd: 1 }, { patience });
  }

  /**
   * Takes the lock and keeps it, and marks the pieces that hold files; open files, watches and what `adopt`
   * makes anew are left out. Answers 0, or -EBUSY.
   */
  freeze(pieces: Uint8Array): number {
    const s = this.#session;
    const error = lock(s);
    if (error < 0) return error;
    if (s.words[S_ABANDONED] !== 0) repair(s, true, new Findings(true));
    markUsed(s, pieces);
    return 0;
  }

  /** Lets go of the lock. False when something else has let go of it before. */
  thaw(): boolean {
    if (lockHolder(this.#session) !== this.#session.ownerId) return false;
    unlock(this.#session);
    return true;
  }

  /** The memory has been filled by somebody who is not believed: makes a whole disk of it, and lets go. */
  adopt(): CheckReport {
    const { words, blocks, inodes } = this.#session;
    const report = checkDisk(this.#memory, { bytes: blocks * BLOCK_SIZE, inodes });
    // Whoever waited for the lock that was there before.
    AtomicsNotify(words, S_LOCK);
    return report;
  }
}

function markUsed(s: Session, pieces: Uint8Array): void {
  const { words } = s;
  mark(pieces, 0, BLOCK_SIZE);
  markTable(pieces, s.bitmapBase, (s.blocks >>> 5) + 1, 1);
  markTable(pieces, s.inodeBase, bounded(words[S_INODE_TOP], s.inodes) + 1, INODE_WORDS);
  markTable(pieces, s.nameBase, bounded(words[S_NAME_TOP], s.names) + 1, NAME_WORDS);
  for (let word = 0; word <= s.blocks >>> 5; word++) {
    const bits = words[s.bitmapBase + word];
    if (bits === 0) continue;
    for (let bit = 0; bit < 32; bit++) {
      const block = word * 32 + bit;
      if ((bits & (1 << bit)) === 0 || block === 0 || block > s.blocks) continue;
      mark(pieces, s.dataBase + block * BLOCK_SIZE, BLOCK_SIZE);
    }
  }
}

function bounded(count: number, most: number): number {
  return MathMax(0, MathMin(count, most));
}

function markTable(pieces: Uint8Array, base: number, entries: number, words: number): void {
  mark(pieces, base * 4, entries * words * 4);
}

function mark(pieces: Uint8Array, start: number, length: number): void {
  const end = start + length;
  for (let piece = MathFloor(start / PIECE_BYTES); piece * PIECE_BYTES < end; piece++) {
    pieces[piece >>> 3] |= 1 << (piece & 7);
  }
}
