import process from "node:process";
import { compileBuiltin, type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { optionValue } from "../options.js";

const execution = "internal/process/execution";

/**
 * Node's functions that evaluate a script. They were loaded before the options of the program were known,
 * and look at one of those: a program that has it set gets them once more.
 */
export function evaluation(): Internal {
  const loaded = requireBuiltin(execution);
  if (optionValue("--input-type") === "") return loaded;
  const again: Internal = { exports: {} };
  compileBuiltin(execution)(again.exports, requireBuiltin, again, process, internalBinding, primordials);
  const { evalScript, evalTypeScript, parseAndEvalCommonjsTypeScript } = again.exports;
  return { __proto__: null, ...loaded, evalScript, evalTypeScript, parseAndEvalCommonjsTypeScript };
}
