import { EINVAL } from "../../syscall/errno.js";
import { SYS_KILL } from "../../syscall/numbers.js";
import { isSignal, type SignalTable } from "../bindings/signal-wrap.js";
import type { GuestEnv } from "../env.js";
import type { ProcessState } from "../process-state.js";
import type { ProcessEnd } from "./end.js";

/** `process._kill`: 0 or a negative errno. A signal to the process itself never leaves it. */
export function createKill(env: GuestEnv, state: ProcessState, signals: SignalTable, end: ProcessEnd) {
  return function kill(pid: number, signal: number): number {
    // Signals are the main thread's.
    if (state.threadId !== 0 || (pid !== state.pid && pid !== 0))
      return env.channel.call(SYS_KILL, pid, signal);
    if (signal === 0) return 0;
    if (!isSignal(signal)) return -EINVAL;
    switch (signals.disposition(signal)) {
      case "handled":
        signals.raise(signal);
        break;
      case "fatal":
        end.die(signal);
        break;
      case "stopping":
        return env.channel.call(SYS_KILL, pid, signal);
    }
    return 0;
  };
}
