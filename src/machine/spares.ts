import { holdLoop } from "./hold-loop.js";
import { Machine } from "./machine.js";
import type { MachineOptions } from "./types.js";

/** A machine that waits for its first use. */
interface Spare {
  key: string;
  machine: Promise<Machine>;
  timer: NodeJS.Timeout | undefined;
}

/** Spare machines at a time, of all kinds together. */
const MAX_SPARES = 2;
/** After a machine was taken its first call goes first: a launch takes a processor for a while. */
const REFILL_MS = 100;
/** A spare machine that nobody takes for so long is dropped. */
const IDLE_MS = 30_000;

/**
 * Keeps a machine ready for the next runtime like the last one. A machine that was used is never
 * used again; a spare has seen no guest code and no configuration.
 */
export class SpareMachines {
  readonly #launch: (options: MachineOptions) => Promise<Machine>;
  readonly #spares: Spare[] = [];
  readonly #refills = new Map<string, NodeJS.Timeout>();

  constructor(launch: (options: MachineOptions) => Promise<Machine> = Machine.launch) {
    this.#launch = launch;
  }

  /** A machine with a disk of its own: the spare one where there is one, else a new one. */
  async take(options: MachineOptions): Promise<Machine> {
    if (options.disk.fd !== undefined || process.env["SECURE_EXEC_SPARES"] === "0")
      return this.#launch(options);
    const key = keyOf(options);
    this.#refillLater(key, options);
    const begun = performance.now();
    const spare = this.#spares.find((candidate) => candidate.key === key);
    if (spare === undefined) return this.#launch(options);
    this.#forget(spare);
    try {
      const machine = await holdLoop(spare.machine);
      // It may have died while the host had no time to hear of it.
      await machine.ping().catch((error: unknown) => {
        machine.disk?.close();
        throw error;
      });
      options.onBootTiming?.({ spawned: 0, ready: 0, verified: performance.now() - begun });
      return machine;
    } catch {
      return this.#launch(options);
    }
  }

  /** Drops what is kept. Resolves when it is gone. */
  async clear(): Promise<void> {
    for (const timer of this.#refills.values()) clearTimeout(timer);
    this.#refills.clear();
    await Promise.all([...this.#spares].map((spare) => this.#drop(spare)));
  }

  #refillLater(key: string, options: MachineOptions): void {
    clearTimeout(this.#refills.get(key));
    const timer = setTimeout(() => {
      this.#refills.delete(key);
      this.#refill(key, options);
    }, REFILL_MS);
    timer.unref();
    this.#refills.set(key, timer);
  }

  #refill(key: string, { jail, disk }: MachineOptions): void {
    if (this.#spares.some((spare) => spare.key === key)) return;
    while (this.#spares.length >= MAX_SPARES) void this.#drop(this.#spares[0] as Spare);
    const machine = this.#launch({ jail, disk, background: true });
    const spare: Spare = { key, machine, timer: undefined };
    this.#spares.push(spare);
    spare.timer = setTimeout(() => void this.#drop(spare), IDLE_MS);
    spare.timer.unref();
    // One that dies while it waits is of no use; why is told to the next one who has to launch.
    machine.then(
      async ({ exited, disk: held }) => {
        await exited;
        if (this.#forget(spare)) held?.close();
      },
      () => this.#forget(spare),
    );
  }

  /** True when it was still kept. */
  #forget(spare: Spare): boolean {
    clearTimeout(spare.timer);
    const index = this.#spares.indexOf(spare);
    if (index >= 0) this.#spares.splice(index, 1);
    return index >= 0;
  }

  async #drop(spare: Spare): Promise<void> {
    this.#forget(spare);
    try {
      const machine = await spare.machine;
      machine.kill("killed");
      machine.disk?.close();
      await machine.exited;
    } catch {
      // It never came to life.
    }
  }
}

/** What can't be changed once a machine stands. */
function keyOf({ jail, disk }: MachineOptions): string {
  return [jail, disk.bytes, disk.inodes, process.env["SECURE_EXEC_NODE"] ?? ""].join("\0");
}

const spares = new SpareMachines();

/** A machine for a new runtime, from the spares of this thread. */
export function acquireMachine(options: MachineOptions): Promise<Machine> {
  return spares.take(options);
}
