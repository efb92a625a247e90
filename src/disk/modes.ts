/* Linux's numbers for file types, modes, open flags and the like. */

export const S_IFMT = 0o170000;
export const S_IFIFO = 0o010000;
export const S_IFCHR = 0o020000;
export const S_IFREG = 0o100000;
export const S_IFDIR = 0o040000;
export const S_IFLNK = 0o120000;
export const S_IFSOCK = 0o140000;
export const S_ISUID = 0o4000;
export const S_ISGID = 0o2000;
export const S_ISVTX = 0o1000;
export const S_IXGRP = 0o010;
export const MODE_BITS = 0o7777;
/** Of no mode that a program sees: only the administrator may change the file, as on a read-only mount. */
export const SEALED = 0o200000;
/* Of none either: what a mount has brought is as it is there, and only its bytes or names may be missing. */
export const MOUNTED = 0o400000;
/** The file's bytes are not here yet. */
export const LAZY = 0o1000000;
/** The root of a mount, which stays where it is. */
export const MOUNT_POINT = 0o2000000;
/** The bits of a mode that programs see. */
export const SHOWN = S_IFMT | MODE_BITS;

export const MAY_READ = 4;
export const MAY_WRITE = 2;
export const MAY_EXECUTE = 1;

export const O_ACCMODE = 3;
export const O_RDONLY = 0;
export const O_WRONLY = 1;
export const O_RDWR = 2;
export const O_CREAT = 0o100;
export const O_EXCL = 0o200;
export const O_TRUNC = 0o1000;
export const O_APPEND = 0o2000;
export const O_NONBLOCK = 0o4000;
/** Not of Linux's: who has the file open may change neither its mode, nor its owner, nor its times. */
export const O_FIXED = 0x40000000;

/** The two whose numbers depend on the architecture; read once, before a guest can say otherwise. */
const arm64 = process.arch === "arm64";
export const O_DIRECTORY = arm64 ? 0o40000 : 0o200000;
export const O_LARGEFILE = arm64 ? 0o400000 : 0o100000;
export const O_NOFOLLOW = arm64 ? 0o100000 : 0o400000;

export const COPYFILE_EXCL = 1;
export const COPYFILE_FICLONE_FORCE = 4;
/* Not of Node's: the target must be there, keeps its mode, stays when it could not be finished. */
export const COPYFILE_EXISTING = 0x100;
export const COPYFILE_FIXED = 0x200;
export const COPYFILE_KEPT = 0x400;

export const TMPFS_MAGIC = 0x01021994;

/* What has happened to a file, as inotify tells it. */
export const IN_MODIFY = 0x2;
export const IN_ATTRIB = 0x4;
export const IN_MOVED_FROM = 0x40;
export const IN_MOVED_TO = 0x80;
export const IN_CREATE = 0x100;
export const IN_DELETE = 0x200;
export const IN_DELETE_SELF = 0x400;
export const IN_MOVE_SELF = 0x800;
/** The watch is gone with its file. */
export const IN_IGNORED = 0x8000;
/** The file that it happened to is a directory. */
export const IN_ISDIR = 0x40000000;
