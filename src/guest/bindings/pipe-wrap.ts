import { EBADF, EINVAL } from "../../syscall/errno.js";
import { STDERR_PIPE, STDIN_PIPE, STDOUT_PIPE } from "../../syscall/process-page.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";
import type { Stdin } from "../stdin.js";
import { writeStdio } from "../stdio.js";
import { type HandleEvents, StreamHandle } from "./stream-handle.js";

/** What the `pipe_wrap` binding has in its place: pipes exist as standard streams alone. */
export function pipeWrap(
  env: GuestEnv,
  port: KernelPort,
  events: HandleEvents,
  stdin: Stdin,
): Record<string, Internal> {
  const { constants } = internalBinding("pipe_wrap");

  class Pipe extends StreamHandle {
    #fd = -1;

    constructor(type: number) {
      super(port, events);
      if (type === constants.IPC) this.setDenied();
    }

    open(fd: number): number {
      const kind = env.fds.get(fd);
      if (kind === -EBADF) return -EBADF;
      if (kind !== STDIN_PIPE && kind !== STDOUT_PIPE && kind !== STDERR_PIPE) return -EINVAL;
      this.#fd = fd;
      return 0;
    }

    get fd(): number {
      return this.#fd;
    }

    bind(): number {
      return this.refuse();
    }

    listen(): number {
      return this.refuse();
    }

    connect(): number {
      return this.refuse();
    }

    fchmod(): number {
      return this.refuse();
    }

    protected override startReading(): void {
      if (env.fds.get(this.#fd) === STDIN_PIPE) stdin.start(this);
      // The other end belongs to a child that could not be started.
      else if (this.#fd === -1) events.later(() => this.deliverEnd());
    }

    protected override stopReading(): void {
      stdin.stop(this);
    }

    protected override send(bytes: Uint8Array): number {
      const kind = env.fds.get(this.#fd);
      if (kind !== STDOUT_PIPE && kind !== STDERR_PIPE) return -EBADF;
      writeStdio(env, kind === STDOUT_PIPE ? 1 : 2, bytes);
      return 0;
    }
  }

  return { Pipe };
}
