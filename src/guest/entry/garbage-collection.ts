import { internalBinding, primordials, requireBuiltin } from "../internals.js";

const { ObjectDefineProperty } = primordials;

/** Taken before programs are denied it. */
const setFlagsFromString: (flag: string) => void = internalBinding("v8")["setFlagsFromString"];

/**
 * Gives the program V8's `gc`, as `--expose-gc` does. The flag counts for global objects that are made
 * while it is set, in the whole machine: it is set for as long as it takes to make one.
 */
export function exposeGc(): void {
  setFlagsFromString("--expose-gc");
  const value = requireBuiltin("vm").runInNewContext("gc");
  setFlagsFromString("--no-expose-gc");
  ObjectDefineProperty(globalThis, "gc", {
    __proto__: null,
    configurable: false,
    enumerable: true,
    writable: true,
    value,
  });
}
