import { forget, type Internal, requireBuiltin } from "./internals.js";
import { nothing } from "./nothing.js";

const heapUtils = "internal/heap_utils";

/**
 * Collects all garbage of this thread, in some 10 ms: the one way that needs no flag of V8 is to have it
 * count what is alive. Guest programs get no more of it than numbers.
 */
export const collectGarbage = (): void => {
  countObjects({});
};

/** How many objects have this one in their chain of prototypes. */
export const countObjects: (prototype: unknown) => number = captureCounter(requireBuiltin("internal/util"));

function captureCounter(util: Internal): (prototype: unknown) => number {
  const { emitExperimentalWarning } = util;
  util.emitExperimentalWarning = nothing;
  const { queryObjects } = requireBuiltin(heapUtils);
  util.emitExperimentalWarning = emitExperimentalWarning;
  // The next module of that name is made on the bindings as they are then.
  forget(heapUtils);
  return (prototype) => {
    function asked(): void {
      // It is not called: only its prototype counts.
    }
    asked.prototype = prototype;
    return queryObjects(asked, { __proto__: null, format: "count" });
  };
}
