import type { ChildProcess } from "node:child_process";

/**
 * The processes of all machines of this thread. A machine ends with its host by itself; when the host
 * exits in an orderly way this makes it end at once.
 */
class LiveProcesses {
  readonly #processes = new Set<ChildProcess>();
  #listening = false;

  add(child: ChildProcess): void {
    this.#processes.add(child);
    if (this.#listening) return;
    this.#listening = true;
    process.on("exit", () => {
      for (const process of this.#processes) process.kill("SIGKILL");
    });
  }

  delete(child: ChildProcess): void {
    this.#processes.delete(child);
  }
}

/** The processes that have not ended. */
export const live = new LiveProcesses();
