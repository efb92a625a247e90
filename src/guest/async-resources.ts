import { requireBuiltin } from "./internals.js";
import { isIntercepted } from "./kernel-port.js";

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
