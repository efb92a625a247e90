import { forget, type Internal, requireBuiltin } from "./internals.js";
import { nothing } from "./nothing.js";

const heapUtils = "internal/heap_utils";

/**
 * Collects all garbage of this thread, in some 10 ms: the one way that needs no flag of V8 is to have it
 * count what is alive. Nobody else gets hold of it: guest programs are denied it.
 */
export const collectGarbage: () => void = captureCollector(requireBuiltin("internal/util"));

function captureCollector(util: Internal): () => void {
  const { emitExperimentalWarning } = util;
  util.emitExperimentalWarning = nothing;
  const { queryObjects } = requireBuiltin(heapUtils);
  util.emitExperimentalWarning = emitExperimentalWarning;
  // The next module of that name is made on the bindings as they are then.
  forget(heapUtils);
  return () => queryObjects(class {}, { format: "count" });
}
