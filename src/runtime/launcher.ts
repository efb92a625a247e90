import type { Duplex } from "node:stream";
import type {
  CallHandlers,
  DiskHandle,
  FsFlow,
  FsResult,
  Isolation,
  MachineCall,
  MachineConfiguration,
  MachineExit,
  MachineExitReason,
  MachineOptions,
  MachineRunner,
  RunnerHandlers,
  RunnerRequest,
  StartRequest,
} from "../machine/index.js";
import type { DiskCheck, FsOperation, ListenerDescription } from "../wire/messages.js";

/** What a runtime uses of a machine: `src/machine` gives it, tests make their own. */
export interface MachineHandle {
  readonly isolation: Isolation;
  /** The disk of a machine that was given none; null where a memfd can't be had. */
  readonly disk: DiskHandle | null;
  /** What checking found, of a machine that was given a disk. */
  readonly check: DiskCheck | null;
  /** Resolves once, when the process is gone and all that it had sent is delivered. */
  readonly exited: Promise<MachineExit>;
  configure(configuration: MachineConfiguration): Promise<void>;
  start(request: StartRequest, handlers: CallHandlers): MachineCall;
  openRunner(request: RunnerRequest, handlers: RunnerHandlers): MachineRunner;
  fs(operation: FsOperation, data?: Uint8Array, flow?: FsFlow): Promise<FsResult>;
  /** A connection to a server in the machine, or the name of the error why there is none. */
  connect(port: number): Promise<Duplex | string>;
  /** Who listens in the machine, as it says. */
  listeners(): Promise<ListenerDescription[]>;
  /** Kills the process. May be called again. */
  kill(reason: MachineExitReason): void;
}

/** Starts a machine and verifies it. */
export type Launcher = (options: MachineOptions) => Promise<MachineHandle>;
