import { guestScriptName } from "../syscall/guest-script.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "./internals.js";

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
  return (probe as { stack?: string }).stack === "" ? method : undefined;
})();

/** Whether a frame right below the boot's is how the event loop got there: by a message or an immediate. */
function callsBoot(file: string | undefined): boolean {
  return file === "node:internal/per_context/messageport" || file === "node:internal/timers";
}

/** Takes the boot's frames out of a trace, in place, and below them those of the event loop. */
function withoutBootFrames(trace: Internal[]): Internal[] {
  let kept = 0;
  let dropped = false;
  for (let i = 0; i < trace.length; i++) {
    const site = trace[i];
    const file = FunctionPrototypeCall(getFileName, site);
    dropped = file === guestScriptName || (dropped && callsBoot(file));
    if (!dropped) trace[kept++] = site;
  }
  if (kept < trace.length) trace.length = kept;
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

const nativeGetCallSites: (frames: number) => Internal[] = internalBinding("util")["getCallSites"];

/** How many frames of ours there can be in a row of call sites. */
const bootFrames = 8;

/** `getCallSites` of the `util` binding, which asks V8 and not the callback above. */
export function getCallSites(frames: number): Internal[] {
  const sites: Internal[] = nativeGetCallSites(frames + bootFrames);
  let kept = 0;
  let dropped = false;
  // The native leaves out who has called it, which is this function; its own caller comes first.
  for (let i = 1; i < sites.length && kept < frames; i++) {
    const { scriptName: file } = sites[i];
    dropped = file === guestScriptName || (dropped && callsBoot(file));
    if (!dropped) sites[kept++] = sites[i];
  }
  if (kept < sites.length) sites.length = kept;
  return sites;
}
