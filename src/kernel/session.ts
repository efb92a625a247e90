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

  /** Signals a process group, as the keyboard does. */
  signal(group: number, signal: number): void {
    for (const process of this.#processes) if (process.groupId === group) process.type(signal);
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
