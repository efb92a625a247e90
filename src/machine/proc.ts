/** Names of the errors for what is not there, or no longer. */
const gone: ReadonlySet<unknown> = new Set(["ENOENT", "ENOTDIR", "ESRCH"]);
/** Names of the errors for what may not be looked at. */
const hidden: ReadonlySet<unknown> = new Set(["EACCES", "EPERM"]);

/** Something in /proc is no longer there, or never was. */
export const GONE = Symbol("gone");
/** Something in /proc may not be looked at. */
export const HIDDEN = Symbol("hidden");

/**
 * Looks at something in /proc. Tells where it can't be seen by the nature of things, and throws for
 * anything else, a host that is out of descriptors say: not to have looked proves nothing.
 */
export function look<T>(read: () => T): T | typeof GONE | typeof HIDDEN {
  try {
    return read();
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (gone.has(code)) return GONE;
    if (hidden.has(code)) return HIDDEN;
    throw error;
  }
}
