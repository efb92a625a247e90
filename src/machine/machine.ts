import type { DiskCheck, FsOperation, ListenerDescription } from "../wire/messages.js";
import type { FsFlow, FsResult } from "./fs-call.js";
import type { GuestSocket } from "./guest-socket.js";
import { type MachineImage, resolveImage } from "./image.js";
import { type LaunchedMachine, launchMachine } from "./launch.js";
import type { RunningMachine } from "./running-machine.js";
import type {
  CallHandlers,
  DiskHandle,
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
} from "./types.js";

/**
 * A machine: an OS process that runs guest code.
 *
 * A machine that has nothing to do doesn't keep the event loop alive. It ends when it is killed, when
 * it breaks the protocol or a limit, by itself, and when its host ends; `exited` tells.
 */
export class Machine {
  readonly pid: number;
  /** What keeps guest code in. */
  readonly isolation: Isolation;
  /**
   * The disk that this machine made: the caller's to close, since it outlives the machine. Null when
   * the machine was given its disk, and where a memfd can't be had.
   */
  readonly disk: DiskHandle | null;
  /** What the machine found when it checked the disk that it was given; null for a new one. */
  readonly check: DiskCheck | null;
  /** Resolves when the process has ended and all that it sent has been delivered. Never rejects. */
  readonly exited: Promise<MachineExit>;
  readonly #running: RunningMachine;

  private constructor({ running, isolation, disk, check }: LaunchedMachine) {
    this.pid = running.pid;
    this.isolation = isolation;
    this.disk = disk;
    this.check = check;
    this.exited = running.exited;
    this.#running = running;
  }

  /**
   * Starts a machine and verifies that it is locked. Rejects with JailUnavailableError,
   * NodeUnavailableError, MachineExitedError (reason `launch`) or ProtocolError; no process is left then.
   */
  static async launch(options: MachineOptions, image?: MachineImage): Promise<Machine> {
    return new Machine(await launchMachine(options, image ?? (await resolveImage())));
  }

  /** Tells the machine what it is, once, before its first call. */
  configure({ watch, onAudit, ...configuration }: MachineConfiguration): Promise<void> {
    this.#running.watch(watch ?? {});
    return this.#running.dialogue.configure(configuration, onAudit);
  }

  /**
   * Starts a guest process. Throws RangeError when its arguments and environment together take more
   * than 1 MiB of JSON.
   */
  start(request: StartRequest, handlers: CallHandlers): MachineCall {
    return this.#running.dialogue.start(request, handlers);
  }

  /** Opens a runner, whose process starts with the first snippet for it: see `StartRequest.entry`. */
  openRunner(request: RunnerRequest, handlers: RunnerHandlers): MachineRunner {
    return this.#running.dialogue.openRunner(request, handlers);
  }

  /**
   * Does something on the disk. Rejects with FileSystemError, or with MachineExitedError or
   * ProtocolError when the machine ends before.
   */
  fs(operation: FsOperation, data?: Uint8Array, flow?: FsFlow): Promise<FsResult> {
    return this.#running.dialogue.fs(operation, data, flow);
  }

  /**
   * Connects to a server in the machine; a string is the name of the error why there is no connection. Rejects
   * as `fs` does.
   */
  connect(port: number): Promise<GuestSocket | string> {
    return this.#running.dialogue.connect(port);
  }

  /** Who listens in the machine, as it says. Rejects as `fs` does. */
  listeners(): Promise<ListenerDescription[]> {
    return this.#running.dialogue.listeners();
  }

  /** Resolves when the machine's kernel answers. */
  ping(): Promise<void> {
    return this.#running.dialogue.ping();
  }

  /** Kills the process at once. The first reason given stands; nothing happens when it has ended. */
  kill(reason: MachineExitReason): void {
    this.#running.kill(reason);
  }
}
