import { EACCES } from "../../syscall/errno.js";
import type { Internal } from "../internals.js";
import { closedHandleClass } from "./closed-handle.js";
import type { HandleEvents } from "./stream-handle.js";

/** Natives whose callers expect an error number: children. They answer EACCES. */
export function refusingBindings(events: HandleEvents): Record<string, Record<string, Internal>> {
  const ClosedHandle = closedHandleClass(events);

  class Process extends ClosedHandle {
    spawn(): number {
      return -EACCES;
    }
    kill(): number {
      return -EACCES;
    }
  }

  return {
    process_wrap: { Process },
    spawn_sync: { spawn: () => ({ error: -EACCES, status: null, signal: null, output: null, pid: 0 }) },
  };
}
