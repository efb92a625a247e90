/** The calls that a signal ends. */
interface Listeners {
  readonly calls: Set<() => void>;
  readonly heard: () => void;
}

/**
 * Listens to the signals of calls: once to each, however many calls it has been given to. Node warns of
 * a leak when an eleventh listener is added.
 */
export class AbortListeners {
  readonly #listeners = new WeakMap<AbortSignal, Listeners>();

  /** `call` has to remove itself when it is called. */
  add(signal: AbortSignal, call: () => void): void {
    const known = this.#listeners.get(signal);
    if (known !== undefined) {
      known.calls.add(call);
      return;
    }
    const calls = new Set([call]);
    const heard = () => {
      for (const each of [...calls]) each();
    };
    this.#listeners.set(signal, { calls, heard });
    signal.addEventListener("abort", heard);
  }

  /** Leaves nothing on a signal that no other call has. */
  remove(signal: AbortSignal, call: () => void): void {
    const known = this.#listeners.get(signal);
    if (known === undefined || !known.calls.delete(call) || known.calls.size > 0) return;
    this.#listeners.delete(signal);
    signal.removeEventListener("abort", known.heard);
  }
}
