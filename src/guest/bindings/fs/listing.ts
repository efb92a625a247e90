import type { Disk } from "../../../disk/disk.js";
import { O_DIRECTORY, O_RDONLY } from "../../../disk/modes.js";
import { primordials } from "../../internals.js";
import { toPath } from "./byte-path.js";
import { latin1Slice } from "./encoding.js";

const { ArrayPrototypePush, ArrayPrototypeSort } = primordials;

/** libuv's kinds of directory entries. */
export const UV_DIRENT_UNKNOWN = 0;
export const UV_DIRENT_FILE = 1;
export const UV_DIRENT_DIR = 2;
export const UV_DIRENT_LINK = 3;
export const UV_DIRENT_FIFO = 4;
const UV_DIRENT_SOCKET = 5;
const UV_DIRENT_CHAR = 6;
const UV_DIRENT_BLOCK = 7;

/** A directory entry, its name with one character a byte. */
export interface Entry {
  readonly name: string;
  readonly type: number;
}

/** The kind of an entry whose type the disk gives as Linux does (`DT_…`). */
export function direntType(type: number): number {
  switch (type) {
    case 8:
      return UV_DIRENT_FILE;
    case 4:
      return UV_DIRENT_DIR;
    case 10:
      return UV_DIRENT_LINK;
    case 1:
      return UV_DIRENT_FIFO;
    case 12:
      return UV_DIRENT_SOCKET;
    case 2:
      return UV_DIRENT_CHAR;
    case 6:
      return UV_DIRENT_BLOCK;
    default:
      return UV_DIRENT_UNKNOWN;
  }
}

/** Copies what `disk.readEntries` has found to the end of `entries`. */
export function takeEntries(disk: Disk, entries: Entry[]): void {
  const { count, types, nameStart, nameEnd } = disk.entries;
  for (let i = 0; i < count; i++) {
    const name = latin1Slice(disk.result, nameStart[i] as number, nameEnd[i] as number);
    ArrayPrototypePush(entries, { name, type: direntType(types[i] as number) });
  }
}

/** All entries of a directory in the order of the bytes of their names, or a negative errno. */
export function listDirectory(disk: Disk, bytePath: string): Entry[] | number {
  const file = disk.open(toPath(bytePath), O_RDONLY | O_DIRECTORY, 0);
  if (file < 0) return file;
  const entries: Entry[] = [];
  let cookie = 0;
  let result = 0;
  for (;;) {
    result = disk.readEntries(file, cookie);
    if (result <= 0) break;
    takeEntries(disk, entries);
    cookie = disk.cookie;
  }
  disk.close(file);
  if (result < 0) return result;
  return ArrayPrototypeSort(entries, byName);
}

function byName(a: Entry, b: Entry): number {
  if (a.name === b.name) return 0;
  return a.name < b.name ? -1 : 1;
}
