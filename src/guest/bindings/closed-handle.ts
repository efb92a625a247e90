import type { HandleEvents } from "./stream-handle.js";

/** Makes the base of handles that never open: they can be closed, and the event loop waits for none. */
export function closedHandleClass(events: HandleEvents) {
  return class ClosedHandle {
    close(callback?: () => void): void {
      if (typeof callback === "function") events.later(callback);
    }
    ref(): this {
      return this;
    }
    unref(): this {
      return this;
    }
    hasRef(): boolean {
      return false;
    }
    getAsyncId(): number {
      return 0;
    }
  };
}
