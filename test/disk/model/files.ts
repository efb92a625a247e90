import type { Disk } from "../../../src/disk/disk.js";

type Methods =
  | "open"
  | "close"
  | "read"
  | "write"
  | "readSmall"
  | "writeSmall"
  | "truncate"
  | "ftruncate"
  | "fsync"
  | "copyFile"
  | "stat"
  | "lstat"
  | "fstat"
  | "statfs"
  | "access"
  | "chmod"
  | "fchmod"
  | "chown"
  | "lchown"
  | "fchown"
  | "utimes"
  | "lutimes"
  | "futimes"
  | "mkdir"
  | "rmdir"
  | "unlink"
  | "rename"
  | "link"
  | "symlink"
  | "readlink"
  | "realpath"
  | "result";

/** What the disk and its oracle are asked through: the disk's methods, and what its holder does for it. */
export interface Files extends Pick<Disk, Methods> {
  umask(mask: number): number;
  chdir(path: Uint8Array): number;
  /** Names with a letter for their types, of a directory that is open, in any order. */
  list(file: number): string[] | number;
}
