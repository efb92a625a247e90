/**
 * What becomes of V8's flags on the command line of a guest program. In a machine they are those of a whole
 * operating system process, so that only few of them can be had for one guest process alone.
 */

/** What the flags of a program come to. */
export interface V8Settings {
  /** Gives the program a global `gc`. */
  exposeGc: boolean;
  /** An uncaught exception ends the program by a signal. */
  abortOnUncaught: boolean;
  /** The stack of its thread in KiB; null for the default. */
  stackSize: number | null;
  /** Flags to set for the whole machine while the process is there, without the leading dashes. */
  shared: string[];
}

/** Language features and helpers of tests. The whole machine has them while one of its processes asks. */
const sharedFlags: ReadonlySet<string> = new Set([
  ...["allow-natives-syntax", "expose-externalize-string", "harmony-intl-best-fit-matcher"],
  ...["harmony-shadow-realm", "harmony-struct", "js-decorators", "js-defer-import-eval"],
  ...["js-immutable-arraybuffer", "js-intl-locale-variants", "js-nonextensible-applies-to-private"],
  ...["js-staging", "js-sum-precise"],
]);

/** Language features that are there anyway. */
const alwaysOn: ReadonlySet<string> = new Set([
  ...["harmony-import-attributes", "harmony-shipping", "harmony-temporal", "js-atomics-pause", "js-base-64"],
  ...["js-error-iserror", "js-esm-ns-reexport", "js-explicit-resource-management", "js-iterator-sequencing"],
  ...["js-promise-try", "js-regexp-duplicate-named-groups", "js-regexp-escape", "js-regexp-modifiers"],
  ...["js-shipping", "js-source-phase-imports", "js-upsert"],
]);

/** Flags about the heap, about speed and for debuggers: the machine's own settings stand. */
const withoutEffect: ReadonlySet<string> = new Set([
  ...["concurrent-array-buffer-sweeping", "concurrent-recompilation", "enable-etw-stack-walking"],
  ...["enable-sharedarraybuffer-per-context", "interpreted-frames-native-stack", "jitless"],
  ...["predictable-gc-schedule", "stress-compaction"],
]);

/** Flags that V8 knows only with a number; all but the stack's size are about the heap. */
const numeric: ReadonlySet<string> = new Set([
  ...["gc-interval", "max-heap-size", "max-old-space-size", "max-semi-space-size", "stack-size"],
]);

/** Of the program alone where it is on the command line; shared where a running program asks for it. */
const EXPOSE_GC = "expose-gc";

/** Bounds of a thread's stack, in KiB: it has to hold the boot, and takes memory as it is used. */
const MIN_STACK = 1024;
const MAX_STACK = 64 * 1024;

/** Reads a flag that Node leaves to V8. False for one that a guest can't have. */
export function readV8Flag(flag: string, settings: V8Settings): boolean {
  const match = /^--(no-?)?([^=]+)(?:=(.*))?$/s.exec(flag.replaceAll("_", "-"));
  if (match === null) return false;
  const [, negation, name = "", value] = match;
  if (numeric.has(name)) {
    if (negation !== undefined || !/^\d{1,9}$/.test(value ?? "")) return false;
    if (name === "stack-size") settings.stackSize = Math.min(MAX_STACK, Math.max(MIN_STACK, Number(value)));
    return true;
  }
  if (value !== undefined) return false;
  if (withoutEffect.has(name)) return true;
  if (alwaysOn.has(name)) return negation === undefined;
  if (name === EXPOSE_GC) {
    settings.exposeGc = negation === undefined;
    return true;
  }
  if (name === "abort-on-uncaught-exception") {
    settings.abortOnUncaught = negation === undefined;
    return true;
  }
  if (!sharedFlags.has(name)) return false;
  settings.shared = settings.shared.filter((other) => other !== name);
  if (negation === undefined) settings.shared.push(name);
  return true;
}

/**
 * Reads the flags that a running program wants, beside those that the machine has because of it: what it
 * comes to, or null when it can't have one of them. What gets at V8's insides it can have on its command
 * line alone, where whoever starts it decides.
 */
export function readV8Flags(text: string, has: readonly string[]): string[] | null {
  const exposed = has.includes(EXPOSE_GC);
  const settings: V8Settings = { exposeGc: exposed, abortOnUncaught: false, stackSize: null, shared: [] };
  for (const flag of text.split(/\s+/)) if (flag !== "" && !readV8Flag(flag, settings)) return null;
  if (settings.shared.length > 0) return null;
  const others = has.filter((flag) => flag !== EXPOSE_GC);
  return settings.exposeGc ? [...others, EXPOSE_GC] : others;
}
