/** As long as a timer may be. */
const LONGEST = 2 ** 31 - 1;

/**
 * Keeps the event loop alive until a promise has settled. All handles of a machine are unref'd, so
 * that an idle one doesn't keep its host alive; who waits for one uses this.
 */
export async function holdLoop<T>(promise: Promise<T>): Promise<T> {
  const timer = setInterval(() => undefined, LONGEST);
  try {
    return await promise;
  } finally {
    clearInterval(timer);
  }
}
