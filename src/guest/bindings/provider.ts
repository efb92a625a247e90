import { type Internal, internalBinding, requireBuiltin } from "../internals.js";

/*
 * Our streams are native ones of another kind underneath. Async hooks are told of what they stand for.
 */

const { async_hook_fields, constants } = internalBinding("async_wrap");
const { kInit } = constants;
const { emitInit, getDefaultTriggerAsyncId } = requireBuiltin("internal/async_hooks");

let silenced = 0;

/** From here to `announce` no hook is told of a native object that is made. */
export function silence(): void {
  silenced = async_hook_fields[kInit];
  async_hook_fields[kInit] = 0;
}

/** Tells hooks of the object by the name that its kind has in Node. */
export function announce(handle: Internal, type: string): void {
  async_hook_fields[kInit] = silenced;
  if (silenced > 0) emitInit(handle.getAsyncId(), type, getDefaultTriggerAsyncId(), handle);
}
