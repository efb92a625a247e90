/** What may be done with a descriptor: WASI's rights, in the bits of a 64-bit number. */
import { O_ACCMODE, O_RDONLY, O_WRONLY, S_IFDIR, S_IFMT, S_IFREG } from "../../../disk/modes.js";

export const FD_DATASYNC = 1n << 0n;
export const FD_READ = 1n << 1n;
export const FD_SEEK = 1n << 2n;
export const FD_FDSTAT_SET_FLAGS = 1n << 3n;
export const FD_SYNC = 1n << 4n;
export const FD_TELL = 1n << 5n;
export const FD_WRITE = 1n << 6n;
export const FD_ADVISE = 1n << 7n;
export const FD_ALLOCATE = 1n << 8n;
export const PATH_CREATE_DIRECTORY = 1n << 9n;
export const PATH_CREATE_FILE = 1n << 10n;
export const PATH_LINK_SOURCE = 1n << 11n;
export const PATH_LINK_TARGET = 1n << 12n;
export const PATH_OPEN = 1n << 13n;
export const FD_READDIR = 1n << 14n;
export const PATH_READLINK = 1n << 15n;
export const PATH_RENAME_SOURCE = 1n << 16n;
export const PATH_RENAME_TARGET = 1n << 17n;
export const PATH_FILESTAT_GET = 1n << 18n;
export const PATH_FILESTAT_SET_SIZE = 1n << 19n;
export const PATH_FILESTAT_SET_TIMES = 1n << 20n;
export const FD_FILESTAT_GET = 1n << 21n;
export const FD_FILESTAT_SET_SIZE = 1n << 22n;
export const FD_FILESTAT_SET_TIMES = 1n << 23n;
export const PATH_SYMLINK = 1n << 24n;
export const PATH_REMOVE_DIRECTORY = 1n << 25n;
export const PATH_UNLINK_FILE = 1n << 26n;
export const POLL_FD_READWRITE = 1n << 27n;
const SOCK_SHUTDOWN = 1n << 28n;
const SOCK_ACCEPT = 1n << 29n;

const all = (1n << 30n) - 1n;
const regularFile =
  FD_DATASYNC |
  FD_READ |
  FD_SEEK |
  FD_FDSTAT_SET_FLAGS |
  FD_SYNC |
  FD_TELL |
  FD_WRITE |
  FD_ADVISE |
  FD_ALLOCATE |
  FD_FILESTAT_GET |
  FD_FILESTAT_SET_SIZE |
  FD_FILESTAT_SET_TIMES |
  POLL_FD_READWRITE;
export const directory =
  FD_FDSTAT_SET_FLAGS |
  FD_SYNC |
  FD_ADVISE |
  PATH_CREATE_DIRECTORY |
  PATH_CREATE_FILE |
  PATH_LINK_SOURCE |
  PATH_LINK_TARGET |
  PATH_OPEN |
  FD_READDIR |
  PATH_READLINK |
  PATH_RENAME_SOURCE |
  PATH_RENAME_TARGET |
  PATH_FILESTAT_GET |
  PATH_FILESTAT_SET_SIZE |
  PATH_FILESTAT_SET_TIMES |
  FD_FILESTAT_GET |
  FD_FILESTAT_SET_TIMES |
  PATH_SYMLINK |
  PATH_UNLINK_FILE |
  PATH_REMOVE_DIRECTORY |
  POLL_FD_READWRITE;
export const inDirectory = directory | regularFile;
/** What a call on a socket needs. */
export const socket =
  FD_READ |
  FD_FDSTAT_SET_FLAGS |
  FD_WRITE |
  FD_FILESTAT_GET |
  POLL_FD_READWRITE |
  SOCK_SHUTDOWN |
  SOCK_ACCEPT;

/** WASI's kinds of files. */
export const FILETYPE_UNKNOWN = 0;
export const FILETYPE_BLOCK_DEVICE = 1;
export const FILETYPE_CHARACTER_DEVICE = 2;
export const FILETYPE_DIRECTORY = 3;
export const FILETYPE_REGULAR_FILE = 4;
export const FILETYPE_SOCKET_STREAM = 6;
export const FILETYPE_SYMBOLIC_LINK = 7;

const S_IFLNK = 0o120000;
const S_IFCHR = 0o020000;
const S_IFBLK = 0o060000;
const S_IFIFO = 0o010000;
const S_IFSOCK = 0o140000;

/** The kind of a file whose mode is known. Pipes count as sockets. */
export function fileTypeOf(mode: number): number {
  switch (mode & S_IFMT) {
    case S_IFREG:
      return FILETYPE_REGULAR_FILE;
    case S_IFDIR:
      return FILETYPE_DIRECTORY;
    case S_IFLNK:
      return FILETYPE_SYMBOLIC_LINK;
    case S_IFCHR:
      return FILETYPE_CHARACTER_DEVICE;
    case S_IFBLK:
      return FILETYPE_BLOCK_DEVICE;
    case S_IFIFO:
    case S_IFSOCK:
      return FILETYPE_SOCKET_STREAM;
    default:
      return FILETYPE_UNKNOWN;
  }
}

/** The most rights that a descriptor of this kind can have, opened with these flags. */
export function rightsOf(type: number, flags: number): { base: bigint; inheriting: bigint } {
  let { base, inheriting } = rightsOfType(type);
  if ((flags & O_ACCMODE) === O_RDONLY) base &= ~FD_WRITE;
  else if ((flags & O_ACCMODE) === O_WRONLY) base &= ~FD_READ;
  return { base, inheriting };
}

function rightsOfType(type: number): { base: bigint; inheriting: bigint } {
  switch (type) {
    case FILETYPE_REGULAR_FILE:
      return { base: regularFile, inheriting: 0n };
    case FILETYPE_DIRECTORY:
      return { base: directory, inheriting: inDirectory };
    case FILETYPE_SOCKET_STREAM:
      return { base: socket, inheriting: all };
    case FILETYPE_CHARACTER_DEVICE:
    case FILETYPE_BLOCK_DEVICE:
      return { base: all, inheriting: all };
    default:
      return { base: 0n, inheriting: 0n };
  }
}
