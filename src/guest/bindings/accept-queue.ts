import { ERESTARTSYS } from "../../syscall/errno.js";
import type { GuestEnv } from "../env.js";
import { primordials } from "../internals.js";
import { later } from "./completions.js";

const { ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSplice, Int32Array: Words } = primordials;

/** Bytes of a connection that waits: the number of its open file. */
const RECORD = 4;
const record: Int32Array = new Words(1);
const recordBytes = new primordials.Uint8Array(primordials.TypedArrayPrototypeGetBuffer(record));

/** The queues that this thread takes connections from. */
const queues: AcceptQueue[] = [];

/** Has all queues of this thread be looked at, before anything that is called for later from now on. */
export function lookForConnections(): void {
  for (let i = 0; i < queues.length; i++) (queues[i] as AcceptQueue).look();
}

/** Takes the connections that come to a socket, each on a turn of its own. */
export class AcceptQueue {
  readonly #env: GuestEnv;
  readonly #file: number;
  readonly #taken: (fd: number, file: number) => void;
  /** `#changed` will be called. */
  #awaited = false;
  #closed = false;

  /** `file` is the open file of the socket. */
  constructor(env: GuestEnv, file: number, taken: (fd: number, file: number) => void) {
    this.#env = env;
    this.#file = file;
    this.#taken = taken;
    ArrayPrototypePush(queues, this);
    this.look();
  }

  /** Looks for one more connection, on a turn of its own. */
  look(): void {
    later(this.#accept);
  }

  close(): void {
    if (this.#closed) return;
    this.#closed = true;
    ArrayPrototypeSplice(queues, ArrayPrototypeIndexOf(queues, this), 1);
  }

  readonly #accept = (): void => {
    const { disk, fds } = this.#env;
    while (!this.#closed) {
      const count = disk.read(this.#file, recordBytes, 0, RECORD, -1);
      if (count === RECORD) {
        const file = record[0] as number;
        const fd = fds.alloc(file);
        this.look();
        if (fd >= 0) this.#taken(fd, file);
        else disk.sockets.reset(file);
        return;
      }
      if (count !== -ERESTARTSYS || this.#awaited) return;
      this.#awaited = disk.waitLater(this.#changed);
      if (this.#awaited) return;
    }
  };

  readonly #changed = (): void => {
    this.#awaited = false;
    this.look();
  };
}
