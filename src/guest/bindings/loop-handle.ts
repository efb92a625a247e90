import type { KernelPort } from "../kernel-port.js";
import { endOperation, Operation } from "./completions.js";
import type { HandleEvents } from "./stream-handle.js";

/** What handles stand on that are no streams. */
export interface Loop {
  readonly port: KernelPort;
  readonly events: HandleEvents;
}

/**
 * What Node's `HandleWrap` does, for one of our handles: from its opening to its closing it keeps the event
 * loop alive, unless it is unreferenced.
 */
export class LoopHandle {
  readonly operation: Operation;
  readonly #loop: Loop;
  readonly #handle: object;
  #open = false;
  #referenced = true;
  #holding = false;

  /** `type` is the handle's name for async hooks. */
  constructor(loop: Loop, handle: object, type: string) {
    this.#loop = loop;
    this.#handle = handle;
    this.operation = new Operation(type, handle);
  }

  get isOpen(): boolean {
    return this.#open;
  }

  open(): void {
    this.#open = true;
    this.#hold();
  }

  /** False if it is not open. The callback comes in a later phase of the loop. */
  close(callback: unknown): boolean {
    if (!this.#open) return false;
    this.#open = false;
    this.#hold();
    this.#loop.events.later(() => {
      if (typeof callback === "function") callback();
      endOperation(this.operation);
    });
    return true;
  }

  reference(referenced: boolean): void {
    this.#referenced = referenced;
    this.#hold();
  }

  get isReferenced(): boolean {
    return this.#referenced;
  }

  hasReference(): boolean {
    return this.#open && this.#referenced;
  }

  #hold(): void {
    const { port, events } = this.#loop;
    const holds = this.hasReference();
    if (holds === this.#holding) return;
    this.#holding = holds;
    events.active(this.#handle, holds);
    if (holds) port.ref();
    else port.unref();
  }
}
