import type { Egress } from "../broker/egress/index.js";
import type { MountPlan } from "../broker/mounts/index.js";
import type { MachineExitReason } from "../errors/machine-exited-error.js";
import type { AuditEvent } from "../policy/audit.js";
import type {
  ConfigureMessage,
  ExitMessage,
  RunnerMessage,
  StartMessage,
  TerminalSize,
  TerminationReason,
} from "../wire/messages.js";
import type { DiskFile } from "./command.js";

/** Whether a machine has to be jailed. */
export type JailMode = "required" | "unsafe-none";

/** How long the steps of a launch took, in milliseconds since it began. */
export type BootTiming = Record<
  /** The process was spawned. */
  | "spawned"
  /** It was locked and said so. */
  | "ready"
  /** The host had verified it. */
  | "verified",
  number
>;

/** What a machine is made of. */
export interface MachineOptions {
  jail: JailMode;
  disk: {
    /** Room for data, in bytes. */
    bytes: number;
    inodes: number;
    /** A descriptor of an existing disk of this size, which stays the caller's. */
    fd?: number | undefined;
    /** How the disk lies in the descriptor's file, where that is one of the host's. */
    file?: DiskFile | undefined;
  };
  /** Nobody waits for it: the event loop may end before it is ready. */
  background?: boolean | undefined;
  /** Must not throw. */
  onBootTiming?: ((timing: BootTiming) => void) | undefined;
}

/** What keeps guest code in a machine, and who has seen that it is in force. */
export interface Isolation {
  level: "jailed" | "none";
  seccomp: boolean;
  /** Landlock's ABI in force, 0 for none. */
  landlock: number;
  /** `host`: read from /proc; `self`: the machine tested itself, where the host has no /proc. */
  verified: "host" | "self" | "none";
  /** The machine's `oom_score_adj`, null where it is not known. */
  oomScoreAdj: number | null;
  /** The user that the machine runs as, null where it is not known. */
  uid: number | null;
}

/** A disk that the host holds: it outlives the machine. */
export interface DiskHandle {
  readonly fd: number;
  /** The whole of it, in bytes. */
  readonly size: number;
  /** Where it begins in the descriptor's file. */
  readonly offset: number;
  /** Does something with the descriptor, which stays open for so long. Throws once the disk is closed. */
  use<T>(work: (fd: number) => Promise<T>): Promise<T>;
  /** Lets go of it; may be called again. */
  close(): void;
}

/** What a machine is told once, before the first call. */
export interface MachineConfiguration extends Omit<ConfigureMessage, "type" | "audit" | "mounts" | "links"> {
  /** What is mounted in the machine. */
  mounts?: MountPlan | undefined;
  /** Hears of what is refused, by the machine to its guests or by the host to the machine. Must not throw. */
  onAudit?: ((event: AuditEvent) => void) | undefined;
  /** The way out of the machine; without one it asks for none. */
  egress?: Egress | undefined;
  /** What the host watches. */
  watch?: {
    /** Resident memory beyond the disk, in bytes. */
    memory?: number;
    /** Threads, those of the machine itself included. */
    threads?: number;
  };
}

/** A guest process to start. */
export interface StartRequest extends Omit<StartMessage, "type" | "call" | "streams"> {
  /** The source of the entry module. */
  code: string | Uint8Array;
  /** The largest value to take back, in bytes of JSON. */
  valueLimit: number;
}

/** A runner to open: a process that evaluates snippets. */
export type RunnerRequest = Omit<RunnerMessage, "type" | "runner" | "streams">;

/** Who follows what a runner's process writes while no snippet is under way: see `CallHandlers`. */
export type RunnerHandlers = Pick<CallHandlers, "stdout" | "stderr">;

/** A runner of a machine. */
export interface MachineRunner {
  readonly id: number;
  /** Ends its process, and the snippet in it. */
  close(): void;
  /** Resolves when that is done; never where the machine ends before. */
  readonly closed: Promise<unknown>;
}

/** How a guest process ended. */
export interface CallExit extends Omit<ExitMessage, "type" | "call" | "value"> {
  /** JSON of the value, null when there is none. */
  value: Buffer | null;
  /** The value was larger than the limit and is not here. */
  valueTooLarge: boolean;
}

/** Who follows a guest process. Exactly one of `exit` and `lost` is called, once, last. */
export interface CallHandlers {
  started?(pid: number): void;
  /**
   * Bytes of standard output. `consumed(n)` makes room for more: without it the guest stalls. The
   * bytes are a view that may be small: copy them to keep them.
   */
  stdout(bytes: Uint8Array, consumed: (bytes: number) => void): void;
  stderr(bytes: Uint8Array, consumed: (bytes: number) => void): void;
  exit(exit: CallExit): void;
  /** The process can't be stopped from inside: kill the machine. */
  stuck(reason: TerminationReason): void;
  /** The machine ended before the process did; all that came before was delivered. */
  lost(exit: MachineExit): void;
}

/** A guest process of a machine. */
export interface MachineCall {
  readonly id: number;
  /** Signals the process. Nothing happens when it has ended. */
  kill(signal: number, reason: TerminationReason): void;
  /**
   * Resolves when the bytes have been sent: false when nobody takes them any more. Rejects with
   * InvalidOptionError when their buffer is detached before.
   */
  writeStdin(bytes: Uint8Array): Promise<boolean>;
  endStdin(): void;
  /** Tells the process's terminal of its size. */
  resize(size: TerminalSize): void;
}

/** How a machine ended. */
export interface MachineExit {
  reason: MachineExitReason;
  signal: string | null;
  exitCode: number | null;
  /** What it said on its own standard error, without facts of the host. */
  stderr: string;
  /** The breach, when it broke the protocol. */
  breach: string | null;
}

export type { MachineExitReason };
