/**
 * Calls an observer, whose failure is its own: it surfaces as an uncaught exception, as that of an event
 * listener does, and nothing of the runtime is undone by it.
 */
export function tell<T>(observer: (event: T) => unknown, event: T): void {
  try {
    observer(event);
  } catch (error) {
    process.nextTick(() => {
      throw error;
    });
  }
}
