import type { Event } from "./thread.js";

/** One after the other, as a single thread would have it. */
export interface Sequential {
  /** Does a thread's call, and answers as `Event.answer` has it. */
  perform(thread: number, event: Event): string;
  /** What has happened so far, to go back to. */
  save(): () => void;
  /** Whether all is as it was found to be at last. */
  isFinal(): boolean;
}

/**
 * Whether there is an order of all events in which one after the other they answer the same, and in which
 * none comes before another that had ended when it began.
 */
export function hasSerialOrder(runs: readonly (readonly Event[])[], model: Sequential): boolean {
  const next = runs.map(() => 0);
  return search();

  function search(): boolean {
    const pending = runs.map((run, thread) => run[next[thread] ?? 0]);
    if (pending.every((event) => event === undefined)) return model.isFinal();
    const firstEnd = Math.min(...pending.map((event) => event?.ended ?? Infinity));
    const candidates = pending.flatMap((event, thread) =>
      event !== undefined && event.began < firstEnd ? [{ event, thread }] : [],
    );
    const back = candidates.length > 1 ? model.save() : () => {};
    return candidates.some(({ event, thread }) => {
      next[thread] = (next[thread] ?? 0) + 1;
      if (model.perform(thread, event) === event.answer && search()) return true;
      next[thread] = (next[thread] ?? 0) - 1;
      back();
      return false;
    });
  }
}

/** Whether any two events of different threads happened at once. */
export function overlap(runs: readonly (readonly Event[])[]): boolean {
  return runs.some((run, thread) =>
    run.some((event) =>
      runs.some(
        (other, i) => i !== thread && other.some((o) => o.began < event.ended && event.began < o.ended),
      ),
    ),
  );
}
