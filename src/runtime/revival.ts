import { setImmediate, setTimeout } from "node:timers/promises";
import { DiskLostError } from "../errors/disk-lost-error.js";
import { DisposedError } from "../errors/disposed-error.js";
import { MachineExitedError } from "../errors/machine-exited-error.js";
import {
  type DiskHandle,
  type Isolation,
  type MachineExit,
  type MachineExitReason,
  openPersistedDisk,
  type PersistedDisk,
} from "../machine/index.js";
import { visibleVariables } from "../policy/names.js";
import { exitedError } from "./call/verdict.js";
import type { Launcher, MachineHandle } from "./launcher.js";
import type { ResolvedCreateOptions } from "./options/create-options.js";
import { mergeEnvironments } from "./options/environment.js";
import { tell } from "./tell.js";
import { openWayOut, type WayOut } from "./way-out.js";

/** Until the system has been asked for what has changed in watched directories up to now. */
async function toldOfChanges(): Promise<void> {
  // The first turn of the event loop may have asked already.
  await setImmediate();
  await setImmediate();
}

/** Tells that a machine died and that another one has taken its place. */
export interface ReviveEvent {
  /** Why the machine ended. */
  reason: MachineExitReason;
  /** The signal that ended it, null when none did. */
  signal: string | null;
  /** Its exit code, null when a signal ended it. */
  exitCode: number | null;
  /** What it said on its own standard error, without facts of the host. */
  stderr: string;
  /** What checking the disk found. */
  disk: {
    /** Inconsistencies that were repaired; 0 for a disk that was whole. */
    repaired: number;
    /** The first of them, in words. */
    problems: string[];
  };
  /** From the death of the machine to the readiness of the next one, in milliseconds. */
  duration: number;
}

/** Threads of a machine that are not its guests': Node's, libuv's pool, V8's, the spare worker's. */
const OWN_THREADS = 32;

/** How often a launch is tried before those who wait for it are told. */
const TRIES = 3;
/** Milliseconds before the second try; the third waits twice as long. */
const PAUSE = 100;
/**
 * Machines that may die one after another without having done anything before the next one is only
 * started on demand.
 */
const IDLE_DEATHS = 3;

/** A machine and who is in it. */
export class LiveMachine {
  readonly machine: MachineHandle;
  /** Calls that have been started and have not ended by themselves. */
  running = 0;
  /** It has done something. */
  used = false;
  #condemned = false;

  constructor(machine: MachineHandle) {
    this.machine = machine;
  }

  /** No new call may enter. */
  get condemned(): boolean {
    return this.#condemned;
  }

  /** Kills it. */
  condemn(reason: MachineExitReason): void {
    this.#condemned = true;
    this.machine.kill(reason);
  }
}

/** Keeps one machine at a time running on one disk, whatever becomes of the machines. */
export class Revival {
  readonly #options: ResolvedCreateOptions;
  readonly #launch: Launcher;
  #wayOut: Promise<WayOut> | null = null;
  #isolation: Isolation | null = null;
  #disk: DiskHandle | null = null;
  /** The same when it is a file of the host's. */
  readonly #persisted: PersistedDisk | null = null;
  /** The machine in use. */
  #live: LiveMachine | null = null;
  /** The launch under way. */
  #launching: Promise<void> | null = null;
  #dead: DiskLostError | null = null;
  #disposed = false;
  #idleDeaths = 0;
  #lastExit: { exit: MachineExit; time: number } | null = null;

  constructor(options: ResolvedCreateOptions, launch: Launcher) {
    const { limits, persist } = options;
    if (persist !== undefined) {
      this.#persisted = openPersistedDisk(persist, { bytes: limits.diskBytes, inodes: limits.inodes });
      this.#disk = this.#persisted;
    }
    this.#options = options;
    this.#launch = launch;
  }

  /** True from the beginning of `dispose()`. */
  get disposed(): boolean {
    return this.#disposed;
  }

  /** The disk that outlives its machines; null where it can't, and after the end. */
  get disk(): DiskHandle | null {
    return this.#disk;
  }

  /** What keeps guest code in the machine that was started last. */
  get isolation(): Isolation {
    if (this.#isolation === null) throw new Error("No machine has been started yet");
    return this.#isolation;
  }

  /**
   * Starts the first machine. `fill` is given it before it knows what it is, to put something on its disk.
   * Rejects with what prevents it.
   */
  async start(fill?: (machine: MachineHandle) => Promise<void>): Promise<void> {
    this.#launching = this.#launchOne(fill);
    try {
      await this.#launching;
    } finally {
      this.#launching = null;
    }
  }

  /** The machine to use: waits for one that is being started, starts one where there is none. */
  async machine(): Promise<LiveMachine> {
    for (;;) {
      if (this.#disposed) throw new DisposedError();
      if (this.#dead !== null) throw this.#dead;
      const live = this.#live;
      if (live === null) {
        await this.#revive();
      } else if (live.condemned) {
        // One at a time on a disk: this one has to be gone first.
        await live.machine.exited;
      } else {
        live.used = true;
        // Changes in what is mounted, made before this call, are told before it starts.
        if (this.#options.mounts?.changing === true) await toldOfChanges();
        if (!live.condemned && this.#live === live) return live;
      }
    }
  }

  /** Has a disk that is kept in a file written; nothing happens to others. */
  async sync(): Promise<void> {
    await this.#persisted?.sync();
  }

  /** Kills the machine and lets go of the disk. Resolves when the process is gone. */
  async dispose(): Promise<void> {
    this.#disposed = true;
    this.#live?.condemn("killed");
    await this.#launching?.catch(() => {});
    await this.#live?.machine.exited;
    this.#disk?.close();
    this.#disk = null;
  }

  async #launchOne(fill?: (machine: MachineHandle) => Promise<void>): Promise<void> {
    const { limits, jail, onBootTiming, onAudit, env, os, mounts, permissions, loopbackExemptPorts } =
      this.#options;
    this.#wayOut ??= openWayOut(this.#options);
    const { egress, certificate } = await this.#wayOut;
    const fresh = this.#persisted?.fresh ?? false;
    const disk = {
      bytes: limits.diskBytes,
      inodes: limits.inodes,
      fd: this.#disk?.fd,
      file: this.#persisted?.file,
    };
    const machine = await this.#launch({
      jail,
      disk,
      onBootTiming: onBootTiming && ((timing) => tell(onBootTiming, timing)),
    });
    try {
      if (this.#disposed) throw new DisposedError();
      if (this.#disk !== null && !fresh && machine.check?.formatted !== false) {
        this.#dead = new DiskLostError("its disk was left in a state that nothing could be saved from");
        throw this.#dead;
      }
      await fill?.(machine);
      await machine.configure({
        hostname: os.hostname,
        system: os.facts,
        env: visibleVariables(permissions.env, mergeEnvironments(env)),
        permissions,
        mounts,
        loopbackPorts: loopbackExemptPorts,
        egress,
        certificate,
        onAudit: onAudit && ((event) => tell(onAudit, event)),
        limits: {
          memory: limits.memoryBytes,
          processes: limits.processes,
          threads: limits.threads,
          openFiles: limits.openFiles,
        },
        watch: { memory: limits.machineMemoryBytes, threads: limits.threads + OWN_THREADS },
      });
    } catch (error) {
      machine.kill("killed");
      await machine.exited;
      machine.disk?.close();
      throw error;
    }
    this.#persisted?.ready();
    this.#isolation = machine.isolation;
    this.#disk ??= machine.disk;
    this.#watch(new LiveMachine(machine));
  }

  #watch(live: LiveMachine): void {
    this.#live = live;
    if (this.#disposed) live.condemn("killed");
    void live.machine.exited.then((exit) => {
      this.#live = null;
      if (this.#disposed) return;
      this.#lastExit = { exit, time: performance.now() };
      if (this.#disk === null) {
        this.#dead = new DiskLostError("its machine ended, and without a memfd its disk ended too", {
          cause: exitedError(exit, null),
        });
        return;
      }
      this.#idleDeaths = live.used ? 0 : this.#idleDeaths + 1;
      // Who waits for the machine is told of a failure; when nobody does, the next call tries again.
      if (this.#idleDeaths < IDLE_DEATHS) this.#revive().catch(() => {});
    });
  }

  #revive(): Promise<void> {
    this.#launching ??= this.#tryToRevive().finally(() => {
      this.#launching = null;
    });
    return this.#launching;
  }

  async #tryToRevive(): Promise<void> {
    for (let attempt = 1; ; attempt++) {
      try {
        await this.#launchOne();
        break;
      } catch (cause) {
        if (this.#dead !== null || this.#disposed) throw cause;
        if (attempt === TRIES) throw this.#failure(cause);
        await setTimeout(PAUSE * attempt);
      }
    }
    this.#tell();
  }

  #failure(cause: unknown): Error {
    const exit = this.#lastExit?.exit;
    return new MachineExitedError({
      reason: exit?.reason ?? "crashed",
      signal: exit?.signal ?? null,
      exitCode: exit?.exitCode ?? null,
      hint: `No other machine could be started in ${TRIES} tries; the disk is kept, and the next call tries again.`,
      cause,
    });
  }

  #tell(): void {
    const { onRevive } = this.#options;
    const last = this.#lastExit;
    const check = this.#live?.machine.check;
    if (onRevive === undefined || last === null) return;
    const { reason, signal, exitCode, stderr } = last.exit;
    const disk = { repaired: check?.repaired ?? 0, problems: check?.problems ?? [] };
    const duration = performance.now() - last.time;
    tell(onRevive, { reason, signal, exitCode, stderr, disk, duration });
  }
}
