import { internalBinding, requireBuiltin } from "./internals.js";
import { isIntercepted } from "./kernel-port.js";

const { clearAsyncIdStack, pushAsyncContext, popAsyncContext } = requireBuiltin("internal/async_hooks");

/** The asynchronous context in which Node runs a main script. */
const MAIN_SCRIPT = 1;

/** Where the loop notes that immediates are left to run. */
const { immediateInfo } = internalBinding("timers");
const HAS_OUTSTANDING = 2;

/** Runs a main script from an immediate, in the context that Node gives to such a script. */
export function runMainScript(run: () => void): void {
  // After an exception that the program handles, its own immediates are not to come before all else.
  immediateInfo[HAS_OUTSTANDING] = 0;
  clearAsyncIdStack();
  pushAsyncContext(MAIN_SCRIPT, 0, {});
  run();
  // After an exception Node empties the whole stack.
  popAsyncContext(MAIN_SCRIPT);
}

/**
 * Keeps our ports from being the resource that a program is told it runs in: async hooks are called
 * around each message, before the message has become an event of the program's.
 */
export function hideBootResources(): void {
  const internal = requireBuiltin("internal/async_hooks");
  const { executionAsyncResource: original } = internal;
  const outside = {};

  function executionAsyncResource(): object {
    const resource: object = original();
    return isIntercepted(resource) ? outside : resource;
  }

  internal.executionAsyncResource = executionAsyncResource;
  requireBuiltin("async_hooks").executionAsyncResource = executionAsyncResource;
}
