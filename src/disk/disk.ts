import { ENOSYS } from "../syscall/errno.js";
import type {
  Credentials,
  DirectoryEntries,
  DiskMemory,
  DiskOptions,
  LockOwner,
  Path,
  StatArray,
} from "./types.js";

export { checkDisk } from "./check.js";
export { diskMemorySize, formatDisk } from "./format.js";
export type * from "./types.js";

/**
 * One thread's view of the disk. Every method answers a number >= 0 or the negative of a Linux error
 * number, and none throws (but the RangeError of a stack that is used up, before anything is done).
 */
export class Disk {
  /** Bytes that the last call answered with; overwritten by the next call. */
  readonly result: Uint8Array = new Uint8Array(65536);
  readonly entries: DirectoryEntries = {
    count: 0,
    inodes: new Uint32Array(1024),
    types: new Uint8Array(1024),
    nameStart: new Uint32Array(1024),
    nameEnd: new Uint32Array(1024),
  };
  /** Where the next `readEntries` goes on. */
  cookie = 0;

  constructor(
    _memory: DiskMemory,
    _owner: LockOwner,
    _credentials: Credentials,
    _options: DiskOptions = {},
  ) {}

  stat(_path: Path, _out: StatArray): number {
    return -ENOSYS;
  }
  lstat(_path: Path, _out: StatArray): number {
    return -ENOSYS;
  }
  fstat(_file: number, _out: StatArray): number {
    return -ENOSYS;
  }
  access(_path: Path, _mode: number): number {
    return -ENOSYS;
  }
  /** type bsize blocks bfree bavail files ffree */
  statfs(_path: Path, _out: StatArray): number {
    return -ENOSYS;
  }
  /** Answers the index of an open file description. */
  open(_path: Path, _flags: number, _mode: number): number {
    return -ENOSYS;
  }
  close(_file: number): number {
    return -ENOSYS;
  }
  dup(_file: number): number {
    return -ENOSYS;
  }
  /** The flags that the file was opened with. */
  flags(_file: number): number {
    return -ENOSYS;
  }
  read(_file: number, _dst: Uint8Array, _offset: number, _length: number, _position: number): number {
    return -ENOSYS;
  }
  write(_file: number, _src: Uint8Array, _offset: number, _length: number, _position: number): number {
    return -ENOSYS;
  }
  ftruncate(_file: number, _length: number): number {
    return -ENOSYS;
  }
  truncate(_path: Path, _length: number): number {
    return -ENOSYS;
  }
  fsync(_file: number): number {
    return -ENOSYS;
  }
  mkdir(_path: Path, _mode: number): number {
    return -ENOSYS;
  }
  rmdir(_path: Path): number {
    return -ENOSYS;
  }
  unlink(_path: Path): number {
    return -ENOSYS;
  }
  rename(_from: Path, _to: Path): number {
    return -ENOSYS;
  }
  link(_from: Path, _to: Path): number {
    return -ENOSYS;
  }
  symlink(_target: Path, _path: Path): number {
    return -ENOSYS;
  }
  /** Answers the length; the bytes are in `result`. */
  readlink(_path: Path): number {
    return -ENOSYS;
  }
  realpath(_path: Path): number {
    return -ENOSYS;
  }
  pathOf(_directory: number): number {
    return -ENOSYS;
  }
  /** Answers what `Credentials.cwd` takes: opaque, not an inode number. */
  resolveDirectory(_path: Path): number {
    return -ENOSYS;
  }
  /** Answers how many entries are in `entries`, 0 at the end; `cookie` 0 begins. */
  readEntries(_file: number, _cookie: number): number {
    return -ENOSYS;
  }
  chmod(_path: Path, _mode: number): number {
    return -ENOSYS;
  }
  fchmod(_file: number, _mode: number): number {
    return -ENOSYS;
  }
  chown(_path: Path, _uid: number, _gid: number): number {
    return -ENOSYS;
  }
  lchown(_path: Path, _uid: number, _gid: number): number {
    return -ENOSYS;
  }
  fchown(_file: number, _uid: number, _gid: number): number {
    return -ENOSYS;
  }
  /** Seconds; NaN leaves a time as it is, Infinity means now. */
  utimes(_path: Path, _atime: number, _mtime: number): number {
    return -ENOSYS;
  }
  lutimes(_path: Path, _atime: number, _mtime: number): number {
    return -ENOSYS;
  }
  futimes(_file: number, _atime: number, _mtime: number): number {
    return -ENOSYS;
  }
  /** A whole regular file of at most `max` bytes (64 KiB at most), into `result`; -EFBIG when it is larger. */
  readSmall(_path: Path, _flags: number, _max: number): number {
    return -ENOSYS;
  }
  /** Opens, writes at most 64 KiB and closes, under one lock. */
  writeSmall(_path: Path, _flags: number, _mode: number, _bytes: Uint8Array, _length: number): number {
    return -ENOSYS;
  }
  /** `mode` has Node's COPYFILE_EXCL bit. */
  copyFile(_from: Path, _to: Path, _mode: number): number {
    return -ENOSYS;
  }
  /** The id of the thread that has the lock, or 0. */
  lockHolder(): number {
    return -ENOSYS;
  }
  /** If that (dead) thread has the lock: repairs what it left, and releases it. Answers 1 if it was so. */
  breakLock(_owner: number): number {
    return -ENOSYS;
  }
}
