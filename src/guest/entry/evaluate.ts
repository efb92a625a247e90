import { compileBuiltin, type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { nothing } from "../nothing.js";

/** The program of a guest process: an ES module without a file. */
export interface Entry {
  code: string;
  /** The path that the module goes by; without one it is `[eval1]` in the working directory. */
  filePath?: string | null | undefined;
}

/**
 * Runs the program as `node --input-type=module --eval` does: by Node's own script for that, which sees
 * these options and no preparation of a main thread, since that is done.
 */
export function evaluateEntry(process: NodeJS.Process, entry: Entry): void {
  const { getOptionValue } = requireBuiltin("internal/options");
  const options: Internal = {
    __proto__: null,
    "--eval": entry.code,
    "--print": false,
    "--import": [],
    "--experimental-loader": [],
    "--input-type": "module",
  };
  const instead: Internal = {
    __proto__: null,
    "internal/process/pre_execution": {
      prepareMainThreadExecution: nothing,
      markBootstrapComplete: nothing,
    },
    "internal/options": {
      getOptionValue: (name: string) => options[name] ?? getOptionValue(name),
    },
  };
  const { filePath } = entry;
  if (filePath !== null && filePath !== undefined)
    instead["internal/process/execution"] = executionUnder(filePath);
  compileBuiltin("internal/main/eval_string")(
    process,
    (id: string) => instead[id] ?? requireBuiltin(id),
    internalBinding,
    primordials,
  );
}

/** Node's evaluation of modules, under the name of a file that need not exist. */
function executionUnder(filePath: string): Internal {
  const execution = requireBuiltin("internal/process/execution");
  const { runEntryPointWithESMLoader } = requireBuiltin("internal/modules/run_main");
  const url: string = requireBuiltin("internal/url").pathToFileURL(filePath).href;
  return {
    __proto__: null,
    ...execution,
    evalModuleEntryPoint: (code: string) =>
      runEntryPointWithESMLoader((loader: Internal) => loader.eval(code, url, true)),
  };
}
