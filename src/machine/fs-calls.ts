import type { Connection } from "../wire/connection.js";
import type { FsOperation, FsResultMessage, HostMessage, MachineMessage } from "../wire/messages.js";
import { FsCall, type FsFlow, type FsResult } from "./fs-call.js";
import { FsDeadline, silenceOf } from "./fs-deadline.js";

/** The operations on the disk that are under way, and how long each may be silent. */
export class FsCalls {
  readonly deadline: FsDeadline;
  readonly #connection: Connection<HostMessage, MachineMessage>;
  readonly #calls = new Map<number, FsCall>();

  constructor(connection: Connection<HostMessage, MachineMessage>, unresponsive: () => void) {
    this.#connection = connection;
    this.deadline = new FsDeadline(unresponsive);
  }

  get size(): number {
    return this.#calls.size;
  }

  /** Begins an operation. Rejects with FileSystemError when it fails. */
  begin(
    ids: { call: number; stream: number },
    operation: FsOperation,
    data: Uint8Array | undefined,
    flow: FsFlow,
  ): Promise<FsResult> {
    return new Promise((resolve, reject) => {
      const { deadline } = this;
      deadline.begin(ids.call, silenceOf(operation));
      const call = new FsCall(this.#connection, ids, operation, data, flow, {
        resolve,
        reject,
        progress: () => deadline.progress(ids.call),
        waits: (waits) => deadline.hold(ids.call, waits),
      });
      // Its archive comes when the caller has it.
      if (operation.op === "importTar") deadline.hold(ids.call, true);
      this.#calls.set(call.id, call);
    });
  }

  /** The machine says what came of one. A string is a breach. */
  finished(message: FsResultMessage): string | null {
    const call = this.#calls.get(message.call);
    if (call === undefined) return `the result of call ${message.call}, which is not under way`;
    this.#calls.delete(message.call);
    this.deadline.end(message.call);
    const breach = call.finished(message);
    // Its promise has to settle, as those of all other calls do, when the machine is gone.
    if (breach !== null) this.#calls.set(message.call, call);
    return breach;
  }

  /** The machine has ended: answers what tells each operation. */
  end(): ((error: unknown) => void)[] {
    const calls = [...this.#calls.values()];
    this.#calls.clear();
    this.deadline.stop();
    return calls.map((call) => (error) => call.failed(error));
  }
}
