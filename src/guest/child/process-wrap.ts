import { EINVAL, ENOMEM, ESRCH } from "../../syscall/errno.js";
import { SYS_KILL } from "../../syscall/numbers.js";
import type { Loop } from "../bindings/loop-handle.js";
import { LoopHandle } from "../bindings/loop-handle.js";
import { lookAtPipes } from "../bindings/pipe-stream.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials } from "../internals.js";
import type { KernelMessage } from "../kernel-port.js";
import { startProcess } from "./request.js";
import { closeAll, openStdio } from "./stdio.js";

const { FunctionPrototypeCall, String: toText } = primordials;

/** The children of this thread. */
export interface ChildProcesses {
  /** What the `process_wrap` binding has in place of its `Process`. */
  readonly binding: () => Record<string, Internal>;
  /** Takes the message that tells of a child's end, or that it has been stopped or goes on. */
  receive(message: KernelMessage): void;
}

/** In what order the standard streams go, as the parent sees them. */
function direction(index: number, entry: Internal): "in" | "out" | "both" {
  if (entry.ipc || index > 2) return "both";
  return index === 0 ? "out" : "in";
}

export function createChildProcesses(env: GuestEnv, loop: Loop): ChildProcesses {
  const running: Record<string | number, Process> = { __proto__: null as never };
  let last = 0;
  const { kProcessFlagDetached } = internalBinding("process_wrap")["constants"] ?? {};

  class Process {
    readonly #handle = new LoopHandle(loop, this, "PROCESSWRAP");
    #pid = 0;
    pid: number | undefined;
    onexit: unknown;
    /** Called with the signal that has stopped the child, and with null when it goes on: for shells. */
    onstop: unknown;

    spawn(
      file: unknown,
      args: unknown,
      cwd: unknown,
      envPairs: unknown,
      stdio: Internal[],
      flags: number,
      uid: unknown,
      gid: unknown,
    ): number {
      const opened = openStdio(env, stdio, direction);
      if (typeof opened === "number") return opened;
      const id = ++last;
      const detached = (flags & kProcessFlagDetached) !== 0;
      const options = { file: toText(file), args, cwd, envPairs, detached, uid, gid };
      running[id] = this;
      const pid = startProcess(env, id, options, opened.given);
      closeAll(env, opened.temporary);
      if (pid < 0) {
        running[id] = undefined as never;
        closeAll(env, opened.kept);
        return pid === -EINVAL ? -ENOMEM : pid;
      }
      for (let i = 0; i < stdio.length; i++)
        if ((opened.kept[i] as number) >= 0) stdio[i].handle.open(opened.kept[i]);
      this.#pid = pid;
      this.pid = pid;
      this.#handle.open();
      return 0;
    }

    kill(signal: number): number {
      if (this.#pid === 0) return -ESRCH;
      return env.channel.call(SYS_KILL, this.#pid, signal);
    }

    ended(exitCode: number, signal: string): void {
      this.#pid = 0;
      const { onexit } = this;
      if (typeof onexit === "function") FunctionPrototypeCall(onexit, this, exitCode, signal);
    }

    stopped(signal: number | null): void {
      const { onstop } = this;
      if (typeof onstop === "function") FunctionPrototypeCall(onstop, this, signal);
    }

    close(callback?: unknown): void {
      this.#handle.close(callback);
    }
    ref(): void {
      this.#handle.reference(true);
    }
    unref(): void {
      this.#handle.reference(false);
    }
    hasRef(): boolean {
      return this.#handle.hasReference();
    }
    getAsyncId(): number {
      return this.#handle.operation.asyncId;
    }
  }

  return {
    binding: () => ({ Process }),
    receive({ t, id, exitCode, signal }) {
      if (t === "childStopped") {
        loop.events.later(() => running[id as number]?.stopped(signal as number | null));
        return;
      }
      const child = running[id as number];
      running[id as number] = undefined as never;
      if (child === undefined) return;
      // What its pipes say, and that they have ended, was there before, and is to be told first.
      lookAtPipes(loop.events);
      loop.events.later(() => {
        if (signal === null) child.ended(exitCode as number, "");
        else child.ended(0, signal as string);
      });
    },
  };
}
