import { randomUUID } from "node:crypto";
import {
  closeSync,
  constants,
  existsSync,
  fstatSync,
  fsync,
  fsyncSync,
  linkSync,
  openSync,
  readSync,
  rmSync,
  statfsSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { resolve } from "node:path";
import { promisify } from "node:util";
import { FileSystemError } from "../errors/file-system-error.js";
import { PersistError } from "../errors/persist-error.js";
import { DISK_LAYOUT } from "../wire/limits.js";
import type { DiskFile } from "./command.js";
import { HeldDisk } from "./disk-handle.js";

/*
 * A file with a disk in it. The first 64 KiB are the host's own, which no machine has in its memory; numbers
 * are little-endian:
 *
 *   0   8  "SXDISK", carriage return, line feed
 *   8   4  version of this header
 *  12   4  version of what machines write to their disks
 *  16   8  what the disk was made for, in bytes
 *  24   4  and in inodes
 *  28   4  1 once a machine has made the disk
 *
 * Machines map the rest as the disk's memory. What they write there is in the file for every process of the
 * system at once, and stays when they and the host die; only a system that stops without writing its caches
 * loses something, unless it was synced.
 */

const MAGIC = Buffer.from("SXDISK\r\n");
const FORMAT = 1;
const HEADER_BYTES = 32;
const STATE_AT = 28;
/** A multiple of every page size. */
const OFFSET = 65536;

/** What a disk is made for. */
interface DiskSize {
  bytes: number;
  inodes: number;
}

const fsyncLater = promisify(fsync);

/** A disk that is kept in a file of the host's. */
export class PersistedDisk extends HeldDisk {
  #fresh: boolean;

  constructor(fd: number, fresh: boolean) {
    super(fd, fstatSync(fd).size - OFFSET, OFFSET);
    this.#fresh = fresh;
  }

  /** What a machine has to know of it. */
  readonly file: DiskFile = { offset: OFFSET, madeAt: STATE_AT };

  /** Nothing was on it when it was opened. */
  get fresh(): boolean {
    return this.#fresh;
  }

  /** A machine stands on it. */
  ready(): void {
    if (!this.#fresh) return;
    this.sized(fstatSync(this.fd).size - OFFSET);
    fsyncSync(this.fd);
    const state = Buffer.alloc(4);
    state.writeUInt32LE(1);
    writeSync(this.fd, state, 0, state.length, STATE_AT);
    fsyncSync(this.fd);
    this.#fresh = false;
  }

  /** Resolves when the system has written all of it. */
  async sync(): Promise<void> {
    try {
      await this.use((fd) => fsyncLater(fd));
    } catch (cause) {
      const { code, errno } = cause as NodeJS.ErrnoException;
      if (code === undefined || errno === undefined) throw cause;
      throw new FileSystemError({ code, errno, syscall: "fsync" }, { cause });
    }
  }
}

/** Opens the file of a disk, or makes one. Throws PersistError, and leaves a file that is no such disk alone. */
export function openPersistedDisk(path: string, size: DiskSize): PersistedDisk {
  const file = resolve(path);
  let fd: number | null = null;
  try {
    if (!existsSync(file)) make(file, size);
    fd = openSync(file, constants.O_RDWR | constants.O_NONBLOCK);
    if (!fstatSync(fd).isFile()) throw new PersistError("foreign");
    return new PersistedDisk(fd, isFresh(fd, file, size));
  } catch (cause) {
    if (fd !== null) closeSync(fd);
    throw cause instanceof PersistError ? cause : new PersistError("unavailable", { cause });
  }
}

/** Makes a file that has its header from the first moment on, unless another process is sooner. */
function make(file: string, { bytes, inodes }: DiskSize): void {
  const header = Buffer.alloc(OFFSET);
  MAGIC.copy(header);
  header.writeUInt32LE(FORMAT, 8);
  header.writeUInt32LE(DISK_LAYOUT, 12);
  header.writeBigUInt64LE(BigInt(bytes), 16);
  header.writeUInt32LE(inodes, 24);
  const before = `${file}.${randomUUID()}`;
  try {
    writeFileSync(before, header, { mode: 0o600, flag: "wx", flush: true });
    linkSync(before, file);
  } catch (error) {
    if ((error as NodeJS.ErrnoException).code !== "EEXIST") throw error;
  } finally {
    rmSync(before, { force: true });
  }
}

/** Checks a header; whether no machine has made the disk yet. */
function isFresh(fd: number, file: string, size: DiskSize): boolean {
  const { size: length, blocks } = fstatSync(fd);
  const header = Buffer.alloc(HEADER_BYTES);
  readSync(fd, header, 0, HEADER_BYTES, 0);
  if (!header.subarray(0, MAGIC.length).equals(MAGIC)) throw new PersistError("foreign");
  if (header.readUInt32LE(8) !== FORMAT || header.readUInt32LE(12) !== DISK_LAYOUT) {
    throw new PersistError("version");
  }
  const made = { bytes: Number(header.readBigUInt64LE(16)), inodes: header.readUInt32LE(24) };
  if (made.bytes !== size.bytes || made.inodes !== size.inodes) {
    const hint = `It was made with limits.diskBytes ${made.bytes} and limits.inodes ${made.inodes}.`;
    throw new PersistError("limits", { hint });
  }
  const fresh = header.readUInt32LE(STATE_AT) !== 1;
  if (!fresh && length < OFFSET + size.bytes) throw new PersistError("truncated");
  refuseWithoutRoom(file, size.bytes - blocks * 512);
  return fresh;
}

/** A machine that finds no room as it writes to its memory is killed by the system. */
function refuseWithoutRoom(file: string, missing: number): void {
  const { bavail, bsize } = statfsSync(file);
  if (missing > bavail * bsize) throw new PersistError("room");
}
