import { guestScriptName } from "../../syscall/guest-script.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { optionValue } from "../options.js";
import { writeStdioText } from "../stdio.js";
import type { ProcessEnd } from "./end.js";

const {
  ErrorCaptureStackTrace,
  ObjectDefineProperty,
  ObjectGetPrototypeOf,
  ReflectApply,
  RegExpPrototypeSymbolReplace,
  String: toText,
  StringPrototypeSlice,
  StringPrototypeStartsWith,
} = primordials;
const binding = internalBinding("errors");
const { getErrorSourcePositions } = binding;
const setEnhanceStack = binding["setEnhanceStackForFatalException"];
const {
  shouldAbortOnUncaughtToggle,
  privateSymbols: { arrow_message_private_symbol: arrow, decorated_private_symbol: decorated },
} = internalBinding("util");
const { SIGTRAP } = internalBinding("constants")["os"].signals;
const { isNativeError } = internalBinding("types");
const { fatalExceptionStackEnhancers } = requireBuiltin("internal/errors");
const { onGlobalUncaughtException } = requireBuiltin("internal/process/execution");

const trailer = `\nNode.js ${process.version}\n`;
const hint = "(Use `node --trace-uncaught ...` to show where the exception was thrown)\n";
const notTabs = /[^\t]/g;
const frameStart = /^ {4}at /gm;
const aboveFrames = /^(?! {4}at ).*\n?/gm;

const abortOption = "--abort-on-uncaught-exception";

/** What C++ is left to print to its own stderr, which is the machine's. */
const silence = " ";

/** A place in a source as Node shows it above an error, with a caret below the line. */
function sourceArrow(place: Internal): string | undefined {
  const { sourceLine, scriptResourceName, lineNumber, startColumn } = place;
  if (typeof sourceLine !== "string" || typeof scriptResourceName !== "string") return undefined;
  if (scriptResourceName === guestScriptName) return undefined;
  const indent = RegExpPrototypeSymbolReplace(notTabs, StringPrototypeSlice(sourceLine, 0, startColumn), " ");
  return `${scriptResourceName}:${lineNumber}\n${sourceLine}\n${indent}^\n`;
}

/**
 * Node sets the arrow of an error that is thrown from where it was thrown. That is a line of ours when a
 * replaced native has thrown; the error's stack, though, begins at the native's caller.
 */
function arrowOf(error: Internal): string | undefined {
  const own: unknown = error[arrow];
  if (typeof own !== "string") return undefined;
  return StringPrototypeStartsWith(own, guestScriptName) ? sourceArrow(getErrorSourcePositions(error)) : own;
}

/** What Node prints for an error or another object, below the arrow. */
function describe(error: Internal): string {
  fatalExceptionStackEnhancers.beforeInspector(error);
  return fatalExceptionStackEnhancers.afterInspector(error);
}

function withArrow(error: Internal): string {
  // Read before the description, which may run code of the guest.
  const shown = error[decorated] === true ? undefined : arrowOf(error);
  const trace = describe(error);
  return shown === undefined ? `${trace}\n` : `${shown}\n${trace}\n`;
}

/** What was thrown when it is no error: an object is inspected, anything else is made a string. */
function withoutArrow(thrown: unknown): string {
  if ((typeof thrown === "object" || typeof thrown === "function") && thrown !== null)
    return `${describe(thrown)}\n`;
  return `${toText(thrown)}\n${hint}`;
}

/** All that Node prints of an error that nobody has caught. */
export function uncaughtText(thrown: Internal): string {
  if (!isNativeError(thrown)) return `\n${withoutArrow(thrown)}${trailer}`;
  const own: unknown = thrown[arrow];
  if (typeof own !== "string") thrown[arrow] = sourceArrow(getErrorSourcePositions(thrown));
  return `${withArrow(thrown)}${trailer}`;
}

/** Writes a diagnostic report of what ends the process, where the program has asked for one. */
function writeReport(thrown: unknown): void {
  const report: Internal = internalBinding("report");
  if (report["shouldReportOnUncaughtException"]() === true)
    report["writeReport"]("Exception", "Exception", "", thrown);
}

/** What V8 does when it is to abort on uncaught exceptions, before anybody could handle one. */
function trap(env: GuestEnv, end: ProcessEnd, thrown: Internal): void {
  const stack: unknown = isNativeError(thrown) ? thrown.stack : undefined;
  const frames = typeof stack === "string" ? RegExpPrototypeSymbolReplace(aboveFrames, stack, "") : "";
  writeStdioText(
    env,
    2,
    `Uncaught ${toText(thrown)}\n\nFROM\n${RegExpPrototypeSymbolReplace(frameStart, frames, "")}\n`,
  );
  end.die(SIGTRAP);
}

/**
 * Makes uncaught exceptions end the process as in Node's main thread, with the same text.
 *
 * C++ knows where an exception was thrown and JavaScript doesn't. It hands that over on its way to
 * printing the error, in the two hooks by which Node formats the stack: there we print ourselves, to the
 * guest's stderr. What isn't an error has no such hook: it is printed without its source line, unless it
 * was the entry module that threw it.
 */
export function installFatalHandler(env: GuestEnv, end: ProcessEnd, process: NodeJS.Process): void {
  function print(text: string, thrown: unknown): void {
    writeStdioText(env, 2, text);
    writeReport(thrown);
    writeStdioText(env, 2, trailer);
  }

  setEnhanceStack(
    () => undefined,
    (error: Internal) => {
      print(withArrow(error), error);
      if (optionValue(abortOption) === true) end.abort();
      error[arrow] = undefined;
      return silence;
    },
  );

  // V8 names a method in a stack trace by the enumerable property that it finds it under, here further up.
  ObjectDefineProperty(ObjectGetPrototypeOf(process), "_fatalException", {
    __proto__: null,
    configurable: true,
    enumerable: true,
    writable: true,
    value: onGlobalUncaughtException,
  });
  (process as Internal)._fatalException = function fatalException(
    thrown: unknown,
    fromPromise: boolean,
  ): boolean {
    if (!fromPromise && shouldAbortOnUncaughtToggle[0] !== 0 && optionValue(abortOption) === true)
      trap(env, end, thrown);
    if (ReflectApply(onGlobalUncaughtException, process, [thrown, fromPromise])) return true;
    if (isNativeError(thrown)) return false;
    let place: string | undefined;
    if (fromPromise) {
      const here = {};
      ErrorCaptureStackTrace(here, fatalException);
      place = sourceArrow(getErrorSourcePositions(here));
    }
    print(`\n${place ?? ""}${withoutArrow(thrown)}`, thrown);
    const { exitCode } = process;
    end.exit(typeof exitCode === "number" ? exitCode : 1);
    return true;
  };
}
