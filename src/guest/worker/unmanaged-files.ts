import type { FdTable } from "../../syscall/process-page.js";
import { type Internal, primordials } from "../internals.js";

const { ReflectApply } = primordials;

/**
 * The descriptors that this thread has opened as numbers. Those of a thread that tracks them are closed at
 * its end, as its file handles are in any thread but the main one.
 */
export class UnmanagedFiles {
  readonly #fds: FdTable;
  readonly #process: Internal;
  #tracked: Record<string | number, boolean> | undefined;
  #isWorker = false;

  constructor(fds: FdTable, process: NodeJS.Process) {
    this.#fds = fds;
    this.#process = process;
  }

  /** This is a thread beside the main one; `keeper` is the id that its descriptors are kept under. */
  begin(keeper: number, track: boolean): void {
    this.#isWorker = true;
    this.#fds.keeper = keeper;
    if (track) this.#tracked = { __proto__: null as never };
  }

  opened(fd: number): void {
    if (!this.#isWorker) return;
    const tracked = this.#tracked;
    if (tracked === undefined) this.#fds.keep(fd, 0);
    else if (tracked[fd] === true) this.#warn(`File descriptor ${fd} opened in unmanaged mode twice`);
    else tracked[fd] = true;
  }

  closed(fd: number): void {
    const tracked = this.#tracked;
    if (tracked === undefined) return;
    if (tracked[fd] === true) delete tracked[fd];
    else this.#warn(`File descriptor ${fd} closed but not opened in unmanaged mode`);
  }

  /** As C++ does it: by the method as it is now. */
  #warn(message: string): void {
    const process = this.#process;
    ReflectApply(process.emitWarning, process, [message]);
  }
}
