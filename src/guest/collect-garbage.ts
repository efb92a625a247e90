import { forget, type Internal, requireBuiltin } from "./internals.js";
import { nothing } from "./nothing.js";

const heapUtils = "internal/heap_utils";

type Find = (prototype: unknown, format: "count" | "summary") => Internal;

/** `v8.queryObjects` without a warning, and with the objects themselves in place of texts about them. */
const find: Find = captureFinder(requireBuiltin("internal/util"), requireBuiltin("internal/util/inspect"));

/**
 * Collects all garbage of this thread, in some 10 ms: the one way that needs no flag of V8 is to have it
 * count what is alive.
 */
export function collectGarbage(): void {
  find({}, "count");
}

/** All objects that have this one in their chain of prototypes: for nobody's eyes but the boot's. */
export function findObjects(prototype: unknown): object[] {
  return find(prototype, "summary");
}

function captureFinder(util: Internal, inspection: Internal): Find {
  const { emitExperimentalWarning } = util;
  const { inspect } = inspection;
  util.emitExperimentalWarning = nothing;
  inspection.inspect = (object: object) => object;
  const { queryObjects } = requireBuiltin(heapUtils);
  util.emitExperimentalWarning = emitExperimentalWarning;
  inspection.inspect = inspect;
  // The next module of that name is made on the bindings as they are then.
  forget(heapUtils);
  return (prototype, format) => {
    function asked(): void {
      // It is not called: only its prototype counts.
    }
    asked.prototype = prototype;
    return queryObjects(asked, { __proto__: null, format });
  };
}
