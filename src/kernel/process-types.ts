import type { GuestPermissions } from "../policy/compiled.js";
import type { Dialect, SystemFacts, Termination } from "../wire/index.js";
import type { AuditLog } from "./audit-log.js";
import type { DiskAccess } from "./disk-access.js";
import type { Outside } from "./egress/outside.js";
import type { GuestThread, ThreadNeeds } from "./guest-thread.js";
import type { SharedScript } from "./image-memory.js";
import type { Watched } from "./memory-watch.js";
import type { Network } from "./net/network.js";
import type { NodeCommand } from "./node-options/parse.js";
import type { PassedFiles } from "./passed-files.js";
import type { GuestProcess } from "./process.js";
import type { ChildClient } from "./spawn/children.js";
import type { SpawnRequest } from "./spawn/request.js";
import type { Sentence } from "./termination.js";

/** What a guest process is told as it starts. */
export interface ProcessStart {
  ppid: number;
  /** The path of its Node. */
  execPath: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
  hostname: string;
  system: SystemFacts;
  /** What it judges by itself. */
  permissions: GuestPermissions | null;
  openFiles: number;
  execArgv: string[];
  entry:
    | { kind: "module"; code: string; filePath: string | null; dialect: Dialect | null }
    /** Evaluates the snippets that it is sent. */
    | { kind: "resident"; dialect: Dialect | null }
    | { kind: "node"; options: NodeCommand["start"]; exposeGc: boolean }
    /** A command of /bin, by the machine's own script of them. */
    | ({ kind: "command"; name: string } & SharedScript)
    /** Nothing but a complaint about how it was started. */
    | { kind: "complaint"; text: string; exitCode: number };
}

/** How a guest process ended. */
export interface ProcessEnd {
  exitCode: number;
  signal: string | null;
  termination: Termination | null;
  /** JSON of what the program returned. */
  value: Uint8Array | null;
}

/** Who asked for a process. */
export interface ProcessClient {
  ended(end: ProcessEnd): void;
  /** A signal has stopped the process; null says that it goes on. */
  stopped?(signal: number | null): void;
  /** A resident process begins with the snippet that it was sent; false while it can't yet. */
  snippetBegun?(): boolean;
  /** It is done with it. `value` is JSON of what it returned. */
  snippetEnded?(exitCode: number, value: Uint8Array | null): void;
}

/** What a process asks of the kernel around it. */
export interface ProcessOwner {
  readonly disk: DiskAccess;
  /** Open files that processes send each other. */
  readonly passed: PassedFiles;
  readonly network: Network;
  /** Takes what the process refuses its program; null where nobody wants to know. */
  readonly audit: AuditLog | null;
  /** An authority that programs trust beside the usual ones, as PEM. */
  readonly certificate: string | undefined;
  /** The way out of the machine; null before the host has told what the machine is. */
  readonly outside: Outside | null;
  /** A guest process signals another; 0 or a negative errno. */
  signal(from: GuestProcess, pid: number, signal: number): number;
  /** A guest process starts another, and is told by `child` what becomes of it. The pid, or a negative errno. */
  spawn(parent: GuestProcess, request: SpawnRequest, child: ChildClient): Promise<number>;
  /** The process wants flags of V8's; 0 or a negative errno. */
  setFlags(from: GuestProcess, flags: Uint8Array): number;
  /** Who asked for the process. */
  clientOf(process: GuestProcess): ProcessClient | undefined;
  /** The process has ended, its output is with the host, and nothing of it is left. */
  ended(process: GuestProcess, end: ProcessEnd): void;
  /** The process is to end and doesn't. */
  stuck(process: GuestProcess, sentence: Sentence): void;
  /** A further thread for a process; null where the limits or the system allow none. */
  takeThread(memory: number, needs: ThreadNeeds): GuestThread | null;
  /** Watches the memory of a further thread. */
  watch(watched: Watched): void;
  unwatch(watched: Watched): void;
}
