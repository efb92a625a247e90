import { type Internal, internalBinding, primordials, requireBuiltin } from "./internals.js";
import { scriptName } from "./script-name.js";

const { FunctionPrototypeCall, ErrorCaptureStackTrace, ObjectGetPrototypeOf } = primordials;
const errors = requireBuiltin("internal/errors");

/** A call site's own `getFileName`, before a guest can lay hands on the prototype. */
const getFileName: (this: unknown) => string | undefined = (() => {
  let method: Internal;
  const probe = {};
  errors.overrideStackTrace.set(probe, (_error: unknown, trace: Internal[]) => {
    method = ObjectGetPrototypeOf(trace[0]).getFileName;
    return "";
  });
  ErrorCaptureStackTrace(probe);
  void (probe as { stack?: string }).stack;
  return method;
})();

/** Takes the boot's frames out of a trace, in place. */
function withoutBootFrames(trace: Internal[]): Internal[] {
  let kept = 0;
  for (let i = 0; i < trace.length; i++) {
    const site = trace[i];
    if (FunctionPrototypeCall(getFileName, site) !== scriptName) trace[kept++] = site;
  }
  trace.length = kept;
  return trace;
}

/** Keeps the boot's frames out of every stack trace of this thread, whoever formats it. */
export function hideBootFrames(): void {
  const { prepareStackTraceCallback } = errors;
  internalBinding("errors")["setPrepareStackTraceCallback"](
    (global: unknown, error: unknown, trace: Internal[]) =>
      prepareStackTraceCallback(global, error, withoutBootFrames(trace)),
  );
}

/** `util.getCallSites` of the binding, which asks V8 and not the callback above. */
export function getCallSites(frames: number): Internal[] {
  // Frames of the boot can only lie between those that were asked for, so ask for a few more.
  const sites: Internal[] = nativeGetCallSites(frames + 8);
  let kept = 0;
  for (let i = 0; i < sites.length && kept < frames; i++) {
    if (sites[i].scriptName !== scriptName) sites[kept++] = sites[i];
  }
  if (kept < sites.length) sites.length = kept;
  return sites;
}

const nativeGetCallSites: (frames: number) => Internal[] = internalBinding("util")["getCallSites"];
