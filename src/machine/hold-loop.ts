/** As long as a timer may be. */
const LONGEST = 2 ** 31 - 1;

/*
 * All handles of a machine are unref'd, so that an idle one doesn't keep its host alive. Who waits for
 * one uses these: the handles themselves go one after the other when a machine ends.
 */

/** Keeps the event loop alive while it is told to. */
export class Hold {
  #timer: NodeJS.Timeout | undefined;

  set(held: boolean): void {
    clearInterval(this.#timer);
    this.#timer = held ? setInterval(() => undefined, LONGEST) : undefined;
  }
}

/** Keeps the event loop alive until a promise has settled. */
export async function holdLoop<T>(promise: Promise<T>): Promise<T> {
  const hold = new Hold();
  hold.set(true);
  try {
    return await promise;
  } finally {
    hold.set(false);
  }
}
