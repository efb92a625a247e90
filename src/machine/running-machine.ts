import { Dialogue } from "./dialogue.js";
import { Hold, holdLoop } from "./hold-loop.js";
import { withoutHostFacts } from "./host-facts.js";
import type { MachineProcess, ProcessEnd } from "./spawn.js";
import type { MachineExit, MachineExitReason } from "./types.js";
import { Watchdog, type WatchLimits } from "./watchdog.js";

/** A machine that closed its wire is ending; one that doesn't end has given up talking. */
const CLOSED_MS = 1_000;
/** What the host watches until it is told otherwise. */
const DEFAULT_WATCH: WatchLimits = { memory: 1024 * 1024 * 1024, threads: 256 };

/** The life of a machine's process: what is said to it, what it uses, and its end. */
export class RunningMachine {
  readonly pid: number;
  readonly dialogue: Dialogue;
  /** Resolves when the process has ended and all that it sent has been delivered. Never rejects. */
  readonly exited: Promise<MachineExit>;
  /** How the process ended, as the system tells it. */
  readonly ended: Promise<ProcessEnd>;
  readonly #process: MachineProcess;
  readonly #watchdog: Watchdog;
  readonly #hold = new Hold();
  /** Anonymous memory that is the disk's. */
  #diskMemory = 0;
  #reason: MachineExitReason | null = null;
  #breach: string | null = null;
  #over = false;

  constructor(process: MachineProcess, pid: number, wire: NonNullable<MachineProcess["wire"]>) {
    this.#process = process;
    this.pid = pid;
    this.ended = process.ended;
    this.#watchdog = new Watchdog(pid, DEFAULT_WATCH, (reason) => this.kill(reason));
    this.dialogue = new Dialogue(wire, {
      breach: (reason) => {
        this.#breach ??= reason;
        this.kill("protocol");
      },
      busy: (busy) => {
        this.#hold.set(busy);
        this.#watchdog.busy(busy);
      },
      closed: () => this.#closed(),
    });
    this.exited = process.ended.then((end) => this.#finish(end));
  }

  /** What the machine printed. */
  get said(): string {
    return this.#process.output.text();
  }

  /**
   * Begins to watch what the machine uses, apart from so many bytes of its own memory that are its
   * disk. Throws when the system is out of descriptors.
   */
  startWatch(diskMemory: number): void {
    this.#diskMemory = diskMemory;
    this.watch({});
    this.#watchdog.start();
  }

  /** Changes what the machine may use. */
  watch(limits: Partial<WatchLimits>): void {
    const { memory, threads } = { ...DEFAULT_WATCH, ...limits };
    this.#watchdog.limit({ memory: memory + this.#diskMemory, threads });
  }

  /** SIGKILL. The first reason given stands; nothing happens when the machine has ended. */
  kill(reason: MachineExitReason): void {
    if (this.#over || this.#reason !== null) return;
    this.#reason = reason;
    this.#watchdog.stop();
    this.#process.kill();
    // A host that waits for the end must not run out of things to do before it comes.
    void holdLoop(this.exited);
  }

  #closed(): void {
    if (this.#over) return;
    const timer = setTimeout(() => this.kill("crashed"), CLOSED_MS);
    timer.unref();
    void this.#process.ended.then(() => clearTimeout(timer));
  }

  #finish(end: ProcessEnd): MachineExit {
    this.#over = true;
    this.#watchdog.stop();
    const exit: MachineExit = {
      reason: this.#reason ?? "crashed",
      signal: end.signal,
      exitCode: end.exitCode,
      stderr: withoutHostFacts(this.said),
      breach: this.#breach,
    };
    this.dialogue.end(exit);
    return exit;
  }
}
