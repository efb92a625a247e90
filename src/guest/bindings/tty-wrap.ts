import { EBADF, EINVAL, ERESTARTSYS } from "../../syscall/errno.js";
import { TERMINAL } from "../../syscall/process-page.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";
import { writeStdio } from "../stdio.js";
import { type HandleEvents, StreamHandle } from "./stream-handle.js";

const { Number: NumberOf, TypedArrayPrototypeSlice, Uint8Array: ByteView } = primordials;
const { getErrorMessage, errname } = internalBinding("uv");

const SCRATCH = 64 * 1024;
const STDERR = 2;

/** What the `tty_wrap` binding has in its place: the terminal of the session. */
export function ttyWrap(env: GuestEnv, port: KernelPort, events: HandleEvents): Record<string, Internal> {
  const { terminal } = env;
  const scratch: Uint8Array = new ByteView(SCRATCH);

  class TTY extends StreamHandle {
    #fd = -1;
    /** Something will call `#pull`. */
    #pulling = false;

    /** Where `fd` is no terminal, `context` is told what is wrong. */
    constructor(fd: number, context: Internal) {
      super(port, events, "TTYWRAP");
      const value = env.fds.get(fd);
      if (value === TERMINAL) {
        this.#fd = fd;
        return;
      }
      const error = value === -EBADF ? -EBADF : -EINVAL;
      context.code = errname(error);
      context.message = getErrorMessage(error);
      context.syscall = "uv_tty_init";
    }

    get fd(): number {
      return this.#fd;
    }

    getWindowSize(size: number[]): number {
      const found = terminal.size();
      if (typeof found === "number") return found;
      size[0] = found[0];
      size[1] = found[1];
      return 0;
    }

    setRawMode(raw: unknown): number {
      return terminal.setRaw(!!raw);
    }

    /** `tcsetpgrp`, for shells: Node has no name for it. */
    setForeground(group: unknown): number {
      return terminal.giveTo(NumberOf(group));
    }

    protected override startReading(): void {
      if (this.#pulling) return;
      this.#pulling = true;
      events.later(this.#pull);
    }

    readonly #pull = (): void => {
      this.#pulling = false;
      // A piece at a time, so that who stops reading leaves the rest to others.
      if (!this.isReading) return;
      const count = terminal.read(scratch, 0, SCRATCH);
      if (count > 0) this.deliver(TypedArrayPrototypeSlice(scratch, 0, count));
      else if (count === 0) this.deliverEnd();
      else if (count !== -ERESTARTSYS) this.deliverError(count);
      if (this.#pulling || !this.isReading) return;
      this.#pulling = true;
      terminal.waitLater(this.#pull);
    };

    protected override sendNow(bytes: Uint8Array, length: number): number {
      if (env.fds.get(this.#fd) !== TERMINAL) return -EBADF;
      writeStdio(env, 0, bytes, length);
      return length;
    }

    override close(callback?: () => void): void {
      // A handle leaves the standard streams open, as libuv's do.
      if (this.#fd > STDERR) env.fds.free(this.#fd);
      super.close(callback);
    }
  }

  return { TTY, isTTY: (fd: number) => env.fds.get(fd) === TERMINAL };
}
