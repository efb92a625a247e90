import { EINVAL } from "../../syscall/errno.js";
import type { HandledSignals } from "../../syscall/process-page.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import type { KernelPort } from "../kernel-port.js";
import type { HandleEvents } from "./stream-handle.js";

const { ArrayPrototypeIndexOf, ArrayPrototypePush, ArrayPrototypeSlice, ArrayPrototypeSplice } = primordials;
const { signals } = internalBinding("constants")["os"];
const { newAsyncId, emitBefore, emitAfter } = requireBuiltin("internal/async_hooks");

const highestSignal = 64;

/** Signals that no process can catch. */
const uncatchable = [signals.SIGKILL, signals.SIGSTOP];

/** Signals that do nothing to a process of Node's that does not listen. */
const ignored = [
  ...[signals.SIGCHLD, signals.SIGCONT, signals.SIGURG, signals.SIGWINCH, signals.SIGPIPE, signals.SIGUSR1],
];

/** Signals that stop it. */
const stopping = [signals.SIGTSTP, signals.SIGTTIN, signals.SIGTTOU, signals.SIGSTOP];

/** What a signal does to this process now. */
export type Disposition = "handled" | "ignored" | "stopping" | "fatal";

/** The signals that the process listens to. */
export interface SignalTable {
  disposition(signal: number): Disposition;
  /** Runs the handlers, in a later phase of the loop; `sent` says that the kernel has sent it. */
  raise(signal: number, sent?: boolean): void;
}

/** Whether a number names a signal. */
export function isSignal(signal: number): boolean {
  return signal > 0 && signal <= highestSignal;
}

/** What the `signal_wrap` binding has in its place. */
export function signalWrap(
  handled: HandledSignals,
  port: KernelPort,
  events: HandleEvents,
): { binding: Record<string, Internal>; signals: SignalTable } {
  const listeners: Signal[] = [];

  class Signal {
    onsignal: ((signal: number) => void) | undefined;
    #signal = 0;
    #referenced = true;
    #holding = false;
    #closed = false;
    readonly #asyncId: number = newAsyncId();

    start(signal: number): number {
      if (!isSignal(signal) || ArrayPrototypeIndexOf(uncatchable, signal) !== -1) return -EINVAL;
      this.#listen(signal);
      this.#hold();
      return 0;
    }

    stop(): number {
      this.#listen(0);
      this.#hold();
      return 0;
    }

    close(callback?: () => void): void {
      if (this.#closed) return;
      this.#closed = true;
      this.stop();
      if (typeof callback === "function") events.later(callback);
    }

    ref(): void {
      this.#referenced = true;
      this.#hold();
    }

    unref(): void {
      this.#referenced = false;
      this.#hold();
    }

    hasRef(): boolean {
      return this.#referenced && !this.#closed;
    }

    getAsyncId(): number {
      return this.#asyncId;
    }

    /** To another signal than before, or to none. The kernel learns which ones the process listens to. */
    #listen(signal: number): void {
      const before = this.#signal;
      if (before === signal) return;
      if (before !== 0) ArrayPrototypeSplice(listeners, ArrayPrototypeIndexOf(listeners, this), 1);
      if (before !== 0 && !hasListener(before)) handled.set(before, false);
      if (signal !== 0) handled.set(signal, true);
      this.#signal = signal;
      if (signal !== 0) ArrayPrototypePush(listeners, this);
    }

    #hold(): void {
      const holds = this.#signal !== 0 && this.#referenced;
      if (holds === this.#holding) return;
      this.#holding = holds;
      events.active(this, holds);
      if (holds) port.ref();
      else port.unref();
    }

    static listensTo(listener: Signal, signal: number): boolean {
      return listener.#signal === signal;
    }

    static raise(listener: Signal): void {
      const signal = listener.#signal;
      if (signal === 0 || listener.onsignal === undefined) return;
      // As a native handle calls back: with itself as the resource, not whatever brought the signal.
      emitBefore(listener.#asyncId, 0, listener);
      try {
        listener.onsignal(signal);
      } finally {
        emitAfter(listener.#asyncId);
      }
    }
  }

  const { listensTo, raise } = Signal;

  function hasListener(signal: number): boolean {
    for (let i = 0; i < listeners.length; i++) if (listensTo(listeners[i] as Signal, signal)) return true;
    return false;
  }

  return {
    binding: { Signal },
    signals: {
      disposition(signal) {
        if (hasListener(signal)) return "handled";
        if (ArrayPrototypeIndexOf(stopping, signal) !== -1) return "stopping";
        return ArrayPrototypeIndexOf(ignored, signal) !== -1 ? "ignored" : "fatal";
      },
      raise(signal, sent = false) {
        events.later(() => {
          if (sent) handled.hear();
          const now: Signal[] = ArrayPrototypeSlice(listeners);
          for (let i = 0; i < now.length; i++)
            if (listensTo(now[i] as Signal, signal)) raise(now[i] as Signal);
        });
      },
    },
  };
}
