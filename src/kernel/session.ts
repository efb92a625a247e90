import type { Output } from "./output.js";
import type { GuestProcess } from "./process.js";
import { type Sentence, signalled } from "./termination.js";
import type { Terminal } from "./tty/terminal.js";

/** The processes of one call of the host, and the outputs of the call that they may all have. */
export class Session {
  /** Of a resident process, now one snippet's and now another's. */
  output: Output;
  /** What its processes have for standard streams, when the host wants one. */
  terminal: Terminal | null = null;
  readonly stuck: (sentence: Sentence) => void;
  readonly #processes = new Set<GuestProcess>();
  #emptied: (() => void) | null = null;

  /** `stuck` is called when a process is to end and doesn't. */
  constructor(output: Output, stuck: (sentence: Sentence) => void) {
    this.output = output;
    this.stuck = stuck;
  }

  add(process: GuestProcess): void {
    this.#processes.add(process);
  }

  remove(process: GuestProcess): void {
    this.#processes.delete(process);
    this.terminal?.left(process);
    if (this.#processes.size === 0) this.#emptied?.();
  }

  /** Signals a process group, as the keyboard does; false where there is nobody any more. */
  signal(group: number, signal: number): boolean {
    let reached = false;
    for (const process of this.#processes)
      if (process.groupId === group && process.type(signal)) reached = true;
    return reached;
  }

  has(group: number): boolean {
    for (const process of this.#processes) if (process.groupId === group) return true;
    return false;
  }

  /** Whether nobody is there who could have a process group go on: what the keyboard stops leaves it alone. */
  isOrphaned(group: number): boolean {
    const groups = new Map<number, number>();
    for (const { pid, groupId } of this.#processes) groups.set(pid, groupId);
    for (const { groupId, parent } of this.#processes)
      if (groupId === group && (groups.get(parent) ?? group) !== group) return false;
    return true;
  }

  /** There is room for output again. */
  resume(): void {
    for (const process of this.#processes) process.resume();
  }

  /** Ends what is left of the processes. Resolves when they are gone. */
  async end(): Promise<void> {
    if (this.#processes.size === 0) return;
    const emptied = new Promise<void>((resolve) => {
      this.#emptied = resolve;
    });
    for (const process of this.#processes) process.end(signalled(9, null));
    await emptied;
  }
}
