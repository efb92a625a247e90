/** What the host asks of a file. Paths are absolute. */
export type PathOperation =
  /**
   * The bytes flow in on the stream. `parents` makes missing directories, for the guest's user; `append` keeps
   * what is there already.
   */
  | { op: "writeFile"; path: string; mode: number | null; parents: boolean; append?: boolean }
  /** The bytes flow out on the stream; EFBIG when there are more than `limit`. */
  | { op: "readFile"; path: string; limit: number }
  /** A JSON array of [name, type] flows out on the stream, since it may be larger than a message. */
  | { op: "readdir"; path: string }
  | { op: "mkdir"; path: string; recursive: boolean; mode: number | null }
  | { op: "stat"; path: string }
  | { op: "lstat"; path: string }
  | { op: "exists"; path: string }
  | { op: "rm"; path: string; recursive: boolean; force: boolean }
  | { op: "rename"; path: string; dest: string }
  | { op: "chmod"; path: string; mode: number }
  /** Seconds since 1970. */
  | { op: "utimes"; path: string; atime: number; mtime: number }
  /** `path` is the link's own. */
  | { op: "symlink"; path: string; target: string }
  | { op: "link"; path: string; dest: string }
  | { op: "copyFile"; path: string; dest: string }
  | { op: "readlink"; path: string }
  | { op: "realpath"; path: string }
  /** `path` is what the name of the directory begins with. */
  | { op: "mkdtemp"; path: string }
  | { op: "mkfifo"; path: string; mode: number }
  /** Nobody in the machine can change it any more. */
  | { op: "seal"; path: string };

/** What the host asks of the disk as a whole. */
export type DiskOperation =
  /** Keeps everybody from the disk. A bit for each 64 KiB of it flows out: whether they hold anything. */
  | { op: "freeze" }
  /**
   * Ends that; ETIMEDOUT when it has ended before, since it took too long. `restored`: the host has filled the
   * disk, which is checked now as that of another machine.
   */
  | { op: "thaw"; restored: boolean }
  /**
   * What is on it flows out, as `inventory.ts` has it, without the paths to leave and what is below; EFBIG where
   * there are more entries than `limit`.
   */
  | { op: "inventory"; leave: string[]; limit: number };

/** What the host asks of a tree of files. */
export type ArchiveOperation =
  /** A tar archive of what is at the path flows out on the stream. */
  | { op: "exportTar"; path: string }
  /**
   * A tar archive flows in on the stream, behind it a frame of its own with the one byte 1, which says that
   * all of it came. It is put into the directory at the path as a whole, or refused with EPROTO, whose
   * `syscall` is an ArchiveProblem and whose `path` the entry.
   */
  | { op: "importTar"; path: string };

/** What is wrong with an archive. */
export type ArchiveProblem =
  | "absolute"
  | "traversal"
  | "link"
  | "kind"
  | "conflict"
  | "malformed"
  | "truncated";

/** What the host asks of the disk. */
export type FsOperation = PathOperation | ArchiveOperation | DiskOperation;

/** An operation on the disk. */
export type FsMessage = FsOperation & {
  type: "fs";
  call: number;
  /** Null for the operations that move no bytes. */
  stream: number | null;
};

/** A failed operation on the disk, as Node names it. */
export interface FsFailure {
  code: string;
  /** Negative, as in Node's errors. */
  errno: number;
  syscall: string;
  path?: string | undefined;
  dest?: string | undefined;
}

/** What a directory entry or an inode is. */
export type FileType = "file" | "directory" | "symlink" | "other";

/** The answer to `stat` and `lstat`. */
export interface FileStat {
  type: FileType;
  size: number;
  mode: number;
  uid: number;
  gid: number;
  nlink: number;
  ino: number;
  atimeMs: number;
  mtimeMs: number;
  ctimeMs: number;
  birthtimeMs: number;
}

/** What checking an adopted disk found. */
export interface DiskCheck {
  repaired: number;
  /** At most 20. */
  problems: string[];
  /** True when nothing could be saved. */
  formatted: boolean;
}

/** What an operation on the disk answers, beside bytes. */
export type FsValue = FileStat | DiskCheck | boolean | string | null;

/** Ends an operation on the disk; its stream out of the machine ended before. */
export interface FsResultMessage {
  type: "fsResult";
  call: number;
  error: FsFailure | null;
  /**
   * A FileStat of `stat` and `lstat`, a boolean of `exists`, a path of what answers one, a DiskCheck of a
   * restored disk, null otherwise.
   */
  value: FsValue;
}
