/**
 * The control messages between host and machine.
 *
 * Types only: the machine's kernel trusts its host, and the host validates what a machine says with
 * `validation.ts`. All ids are positive integers below 2^32 that the host allots and never reuses.
 */

import type { CompiledPermissions } from "../policy/compiled.js";
import type { PermissionScope } from "../policy/operations.js";
import type { PermissionMode } from "../policy/permissions.js";

/** Ceilings of a machine, in force for all of its calls. */
export interface MachineLimits {
  /** Soft memory limit of a guest process, in bytes. */
  memory: number;
  /** Guest processes at a time. */
  processes: number;
  /** Threads of all guest processes together. */
  threads: number;
  /** Open files of a guest process. */
  openFiles: number;
}

/** What guest programs are told about the computer. What is missing is up to the guest. */
export interface SystemFacts {
  cpus?: number | undefined;
  cpuModel?: string | undefined;
  /** In MHz. */
  cpuSpeed?: number | undefined;
  /** In bytes. */
  totalMemory?: number | undefined;
  release?: string | undefined;
  version?: string | undefined;
}

/** A directory of the guest whose content comes from the host. */
export interface MountDescription {
  id: number;
  /** Absolute and normal; made when missing. */
  path: string;
  /** Nobody in the machine changes anything in it. */
  sealed: boolean;
}

/** A link that is made beside the mounts. */
export interface MountLink {
  path: string;
  target: string;
}

/** Sent once, after the host has verified the jail. */
export interface ConfigureMessage {
  type: "configure";
  hostname: string;
  system?: SystemFacts | undefined;
  env: Record<string, string>;
  limits: MachineLimits;
  /** Default: `defaultPermissions`. */
  permissions?: CompiledPermissions | undefined;
  mounts?: MountDescription[] | undefined;
  links?: MountLink[] | undefined;
  /** Whether the host wants to hear of refusals. */
  audit?: boolean | undefined;
  /** Ports of the host's loopback that the machine may reach. */
  loopbackPorts?: readonly number[] | undefined;
  /** An authority that programs trust beside the usual ones, as PEM. */
  certificate?: string | undefined;
}

/** The streams of a call: code and stdin flow to the machine, the others back. */
export interface CallStreams {
  code: number;
  stdin: number;
  stdout: number;
  stderr: number;
  value: number;
}

/** What a program may be written in. */
export type Language = "js" | "jsx" | "ts" | "tsx";

/** What a process takes for a program, beyond what plain Node takes. */
export interface Dialect {
  /** What its entry module is written in. */
  language: Language;
  /** The file of the TypeScript compiler on the disk, for what Node's own library can't do; null for none. */
  compiler: string | null;
}

/**
 * What a guest process runs.
 *
 * - code: the ES module of the code stream, under the name of a file or none; plain JavaScript without a dialect.
 * - node: a command line of `node`; the code stream carries nothing.
 * - command: a program of the guest, by a path or a name that PATH leads to; the code stream carries nothing.
 * - snippet: the ES module of the code stream, in the process of a runner, which has args, env and cwd.
 */
export type EntryDescription =
  | { kind: "code"; filePath: string | null; dialect?: Dialect | undefined }
  | { kind: "node" }
  | { kind: "command"; name: string }
  | { kind: "snippet"; runner: number; filePath: string | null };

/** How many characters a terminal shows, across and down. */
export interface TerminalSize {
  columns: number;
  rows: number;
}

/** Starts a guest process, once its code stream has ended. */
export interface StartMessage {
  type: "start";
  call: number;
  entry: EntryDescription;
  /** `process.argv` from its second element on; of a command, all that follows its name. */
  args: string[];
  env: Record<string, string>;
  cwd: string;
  /** Milliseconds from the start of the process; null for none. */
  timeout: number | null;
  /** Soft memory limit of the process, in bytes. */
  memory: number;
  /**
   * The process gets a terminal of this size for its standard streams: what is typed flows in as stdin, and what
   * the screen shows flows out as stdout.
   */
  terminal?: TerminalSize | undefined;
  streams: CallStreams;
}

/**
 * Opens a runner: a process that evaluates snippets, one at a time, started for the first of them and again
 * for the first after its end. What it writes while none is under way flows on its own streams.
 */
export interface RunnerMessage {
  type: "runner";
  runner: number;
  env: Record<string, string>;
  cwd: string;
  dialect?: Dialect | undefined;
  /** Soft memory limit of the process, in bytes. */
  memory: number;
  streams: Pick<CallStreams, "stdout" | "stderr">;
}

/** Ends a runner and its process. */
export interface RunnerEndMessage {
  type: "runnerEnd";
  runner: number;
}

/** The terminal of a call has another size now. */
export interface ResizeMessage extends TerminalSize {
  type: "resize";
  call: number;
}

/** Signals the process of a call. */
export interface KillMessage {
  type: "kill";
  call: number;
  signal: number;
  reason: TerminationReason;
}

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

/** Connects the host to a server of the machine. Bytes flow to it on `sent`, and back on `received`. */
export interface ConnectInMessage {
  type: "connectIn";
  call: number;
  port: number;
  streams: { sent: number; received: number };
}

/** The host gives up a connection to a server. */
export interface CloseInMessage {
  type: "closeIn";
  call: number;
}

/** Asks who listens. */
export interface ListMessage {
  type: "list";
  call: number;
}

/** Asks for a sign of life. */
export interface PingMessage {
  type: "ping";
  call: number;
}

/** Answers `mount`: blocks flow to the machine on the stream (see `mount-blocks.ts`). */
export interface MountedMessage {
  type: "mounted";
  request: number;
  stream: number;
}

/** Names in directories of a mount, or files by these names, may have changed. */
export interface ChangedMessage {
  type: "changed";
  mount: number;
  /** Relative to the root of the mount. */
  paths: string[];
}

/** There is a connection that the machine asked for; its streams flow to the host and back. */
export interface ConnectedMessage {
  type: "connected";
  id: number;
  up: number;
  down: number;
}

/** There will be no connection. */
export interface UnreachableMessage {
  type: "unreachable";
  id: number;
  /** As Node names it; EACCES when it was refused. */
  code: string;
  /** What refused it, in words. */
  reason: string | null;
}

/** A connection broke; its stream to the machine ends next. */
export interface LostMessage {
  type: "lost";
  id: number;
  code: string;
}

/** Answers a question about a name. */
export interface ResolvedMessage {
  type: "resolved";
  id: number;
  /** As `node:dns` names it; EACCES when it was refused. */
  error: string | null;
  /** What refused it, in words. */
  reason: string | null;
  /** Addresses of a look-up, names of an address, else records as `node:dns` has them. */
  records: unknown;
}

/** What the host says about what leaves the machine. */
export type EgressAnswer = ConnectedMessage | UnreachableMessage | LostMessage | ResolvedMessage;

/** All that a host says. */
export type HostMessage =
  | ConfigureMessage
  | StartMessage
  | RunnerMessage
  | RunnerEndMessage
  | KillMessage
  | ResizeMessage
  | FsMessage
  | PingMessage
  | MountedMessage
  | ChangedMessage
  | EgressAnswer
  | ConnectInMessage
  | CloseInMessage
  | ListMessage;

/** What checking an adopted disk found. */
export interface DiskCheck {
  repaired: number;
  /** At most 20. */
  problems: string[];
  /** True when nothing could be saved. */
  formatted: boolean;
}

/** The first message of a machine: it is locked and has not seen guest code. */
export interface ReadyMessage {
  type: "ready";
  /** Its `process.version`. */
  node: string;
  /** Landlock's ABI in force, 0 for none. */
  landlock: number;
  /** The memfd of the disk in the machine, null where a memfd can't be had. */
  disk: { fd: number; size: number } | null;
  /** Only when the machine adopted a disk. */
  check?: DiskCheck | undefined;
}

/** Answers `configure`. */
export interface ConfiguredMessage {
  type: "configured";
}

/** A guest worker stands ready for the next call. */
export interface SpareMessage {
  type: "spare";
}

/** The process of a call runs. */
export interface StartedMessage {
  type: "started";
  call: number;
  pid: number;
}

/** Why a process was ended from outside. */
export type TerminationReason = "timeout" | "memory" | "killed" | "aborted";

/** What the kernel says about a process that it ended. */
export interface Termination {
  reason: TerminationReason;
  /** The limit in force: milliseconds for a timeout, bytes for memory, null otherwise. */
  limit: number | null;
}

/** The process of a call has ended; all streams of the call that flow to the host ended before. */
export interface ExitMessage {
  type: "exit";
  call: number;
  exitCode: number;
  signal: string | null;
  termination: Termination | null;
  /** Whether the value stream carried a value. */
  value: boolean;
  /** Of a snippet: the process that it was evaluated in, and whether that goes on. */
  resident?: { pid: number; lives: boolean } | undefined;
}

/** A process can't be stopped from inside: its output is delivered and the machine has to be killed. */
export interface StuckMessage {
  type: "stuck";
  call: number;
  reason: TerminationReason;
}

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

/** Something was refused in the machine. */
export interface AuditMessage {
  type: "audit";
  scope: PermissionScope;
  operation: string;
  resource: string;
  decision: PermissionMode;
  /** The number of the rule. */
  rule: number | null;
  /** Reports that were left out before this one. */
  suppressed: number;
}

/** Asks for what a mount has. */
export interface MountMessage {
  type: "mount";
  /** The machine's own number. */
  request: number;
  mount: number;
  /** The names of a directory, or the bytes of a file. */
  want: "names" | "content";
  /** Relative to the root of the mount, which is an empty one. */
  path: string;
  /** Where somebody is on the way to, from there. */
  ahead: string;
}

/** Whether there is a connection to a server; the name of an error if there is none. */
export interface ConnectedInMessage {
  type: "connectedIn";
  call: number;
  error: string | null;
}

/** Nothing more comes of a connection: its stream has ended. The name of an error if that was no orderly end. */
export interface ClosedInMessage {
  type: "closedIn";
  call: number;
  error: string | null;
}

/** A server of the machine. */
export interface ListenerDescription {
  address: string;
  port: number;
  pid: number;
}

/** Answers `list`: those who listen, at most 4096. */
export interface ListenersMessage {
  type: "listeners";
  call: number;
  listeners: ListenerDescription[];
}

/** Answers `ping`. */
export interface PongMessage {
  type: "pong";
  call: number;
}

/** Asks for a connection. Ids are the machine's own here, each larger than all before. */
export interface ConnectMessage {
  type: "connect";
  id: number;
  /** Numeric. */
  address: string;
  port: number;
}

/** Nobody wants a connection any more. */
export interface HangUpMessage {
  type: "hangUp";
  id: number;
}

/** What can be asked: `lookup` for addresses as programs get them, `reverse` for names of one, or records. */
export type QuestionKind =
  | "lookup"
  | "reverse"
  | "A"
  | "AAAA"
  | "ANY"
  | "CAA"
  | "CNAME"
  | "MX"
  | "NAPTR"
  | "NS"
  | "PTR"
  | "SOA"
  | "SRV"
  | "TLSA"
  | "TXT";

/** Asks about a name. Ids are the machine's own here, each larger than all before. */
export interface ResolveMessage {
  type: "resolve";
  id: number;
  kind: QuestionKind;
  name: string;
  /** Of a look-up; 0 for both. */
  family: 0 | 4 | 6;
}

/** What a machine asks for that leaves it. */
export type EgressRequest = ConnectMessage | HangUpMessage | ResolveMessage;

/** All that a machine says. */
export type MachineMessage =
  | EgressRequest
  | ReadyMessage
  | ConfiguredMessage
  | SpareMessage
  | StartedMessage
  | ExitMessage
  | StuckMessage
  | FsResultMessage
  | AuditMessage
  | MountMessage
  | PongMessage
  | ConnectedInMessage
  | ClosedInMessage
  | ListenersMessage;
