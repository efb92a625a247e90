import { Dialogue } from "./dialogue.js";
import { Hold, holdLoop } from "./hold-loop.js";
import { withoutHostFacts } from "./host-facts.js";
import type { MachineProcess, ProcessEnd } from "./spawn.js";
import type { MachineExit, MachineExitReason } from "./types.js";
import { type WatchBreach, Watchdog, type WatchLimits } from "./watchdog.js";

/** A machine that closed its wire is ending; one that doesn't end has given up talking. */
const CLOSED_MS = 1_000;
/** What the host watches until it is told otherwise. */
const DEFAULT_WATCH = { memory: 1024 * 1024 * 1024, threads: 256 };

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
  /** Memory that is the disk's, in bytes, by what it counts as. */
  #disk = { own: 0, shared: 0 };
  #reason: MachineExitReason | null = null;
  #breach: string | null = null;
  #over = false;

  constructor(process: MachineProcess, pid: number, wire: NonNullable<MachineProcess["wire"]>) {
    this.#process = process;
    this.pid = pid;
    this.ended = process.ended;
    this.#watchdog = new Watchdog(pid, { ...DEFAULT_WATCH, shared: 0 }, (breach) => this.#broke(breach));
    this.dialogue = new Dialogue(wire, {
      breach: (reason) => {
        this.#breach ??= reason;
        this.kill("protocol");
      },
      unresponsive: () => this.kill("unresponsive"),
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
   * Begins to watch what the machine uses, apart from its disk, which is so many bytes of its own
   * memory or of a memfd. Throws when the system is out of descriptors.
   */
  startWatch(disk: { own: number; shared: number }): void {
    this.#disk = disk;
    this.watch({});
    this.#watchdog.start();
  }

  /** Changes what the machine may use. */
  watch(limits: Partial<Omit<WatchLimits, "shared">>): void {
    const { memory, threads } = { ...DEFAULT_WATCH, ...limits };
    this.#watchdog.limit({ memory: memory + this.#disk.own, shared: this.#disk.shared, threads });
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

  #broke(breach: WatchBreach): void {
    if (breach !== "headless") {
      this.kill(breach);
      return;
    }
    this.#breach ??= "its main thread ended and others went on";
    this.kill("protocol");
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
