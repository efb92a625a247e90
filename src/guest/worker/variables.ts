import { SharedEnvironment } from "./shared-environment.js";

/** The environment of this thread, which it may come to share with others. */
export class ThreadVariables {
  readonly #process: NodeJS.Process;
  readonly #own: NodeJS.ProcessEnv;
  #shared: SharedEnvironment | undefined;

  constructor(process: NodeJS.Process) {
    this.#process = process;
    this.#own = process.env;
  }

  /** The variables as they are now. */
  all(): NodeJS.ProcessEnv {
    this.#shared?.refresh();
    return this.#own;
  }

  /** The memory by which other threads see the variables, and change them. */
  share(): SharedArrayBuffer {
    this.#shared ??= new SharedEnvironment(this.#process);
    return this.#shared.buffer;
  }

  /** Sees and changes from now on what other threads do. */
  join(buffer: SharedArrayBuffer): void {
    this.#shared = new SharedEnvironment(this.#process, buffer);
  }
}
