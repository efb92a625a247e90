import { S_IFIFO, S_IFMT } from "../../disk/modes.js";
import { EBADF, EINVAL } from "../../syscall/errno.js";
import { STDERR_PIPE, STDOUT_PIPE } from "../../syscall/process-page.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";
import { writeStdio } from "../stdio.js";
import { PipeStream } from "./pipe-stream.js";
import { type HandleEvents, PENDING, StreamHandle } from "./stream-handle.js";

const { Float64Array: Doubles, ReflectApply } = primordials;
const stat: Float64Array = new Doubles(18);

const STDERR = 2;

/** Whether an open file of the disk is an end of a pipe. */
export function isPipe({ disk }: GuestEnv, file: number): boolean {
  return disk.fstat(file, stat) === 0 && ((stat[1] as number) & S_IFMT) === S_IFIFO;
}

/** What the `pipe_wrap` binding has in its place: the call's standard streams, and pipes of the disk. */
export function pipeWrap(env: GuestEnv, port: KernelPort, events: HandleEvents): Record<string, Internal> {
  const { constants } = internalBinding("pipe_wrap");

  class Pipe extends StreamHandle {
    #fd = -1;
    #stream: PipeStream | null = null;
    readonly #ipc: boolean;
    #shutdown: Internal = null;

    constructor(type: number) {
      super(port, events, "PIPEWRAP");
      this.#ipc = type === constants.IPC;
    }

    open(fd: number): number {
      const kind = env.fds.get(fd);
      if (kind === -EBADF) return -EBADF;
      if (kind >= 0) {
        if (!isPipe(env, kind)) return -EINVAL;
        this.#stream = new PipeStream(env, events, kind);
      } else if (kind !== STDOUT_PIPE && kind !== STDERR_PIPE) return -EINVAL;
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
      if (this.#stream !== null) this.#stream.start(this);
      // The other end belongs to a child that could not be started.
      else if (this.#fd === -1) events.later(() => this.deliverEnd());
    }

    protected override stopReading(): void {
      this.#stream?.stop();
    }

    protected override send(bytes: Uint8Array, done: (status: number) => void): number {
      if (this.#stream !== null) return this.#sendToPipe(this.#stream, bytes, done);
      const kind = env.fds.get(this.#fd);
      if (kind !== STDOUT_PIPE && kind !== STDERR_PIPE) return -EBADF;
      writeStdio(env, kind === STDOUT_PIPE ? 1 : 2, bytes);
      return 0;
    }

    #sendToPipe(stream: PipeStream, bytes: Uint8Array, done: (status: number) => void): number {
      port.ref();
      const status = stream.write(bytes, (result) => {
        port.unref();
        done(result);
        if (!stream.writing) this.#finishShutdown();
      });
      if (status !== PENDING) port.unref();
      return status;
    }

    override get writeQueueSize(): number {
      return this.#stream?.queued ?? 0;
    }

    /** What is left to write is written first. */
    override shutdown(request?: Internal): number {
      if (this.#stream === null || request === undefined) return 1;
      this.#shutdown = request;
      if (!this.#stream.writing) events.later(() => this.#finishShutdown());
      return 0;
    }

    #finishShutdown(): void {
      const request = this.#shutdown;
      if (request === null) return;
      this.#shutdown = null;
      if (!this.#ipc) this.#release(true);
      ReflectApply(request.oncomplete, request, [0]);
    }

    override close(callback?: () => void): void {
      if (this.#stream !== null) {
        this.#stream.close();
        this.#release(false);
      }
      super.close(callback);
    }

    /** Gives up the descriptor: all of it, or only that more may be written to it. */
    #release(written: boolean): void {
      // A handle leaves the standard streams open, as libuv's do.
      if (this.#fd < 0 || (!written && this.#fd <= STDERR)) return;
      const value = env.fds.get(this.#fd);
      if (written && env.disk.shutdown(value) === 0) return;
      env.fds.free(this.#fd);
      env.disk.close(value);
      this.#fd = -1;
      this.#stream = null;
    }
  }

  return { Pipe };
}
