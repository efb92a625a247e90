import { forgotten, reinstantiated } from "./classification.js";
import { forget, internalBinding, primordials, reinstantiate, requireBuiltin } from "./internals.js";
import type { ProcessState } from "./process-state.js";
import { sendInspectorCommand } from "./repl-session.js";

const {
  ArrayPrototypeIndexOf,
  ObjectGetOwnPropertySymbols,
  ObjectGetPrototypeOf,
  ObjectSetPrototypeOf,
  ReflectConstruct,
  SymbolPrototypeToString,
} = primordials;

/** Takes changed natives away from the modules that have captured them. */
export function releaseCaptured(state: ProcessState, handleType: (fd: number) => number): void {
  const types = ["TCP", "TTY", "UDP", "FILE", "PIPE", "UNKNOWN"];
  requireBuiltin("internal/util").guessHandleType = (fd: number) => types[handleType(fd)];

  requireBuiltin("internal/util/inspector").sendInspectorCommand = sendInspectorCommand;

  const helpers = requireBuiltin("internal/modules/helpers");
  const { compileCacheStatus } = internalBinding("modules");
  const disabled: number = ArrayPrototypeIndexOf(compileCacheStatus, "DISABLED");
  helpers.enableCompileCache = function enableCompileCache() {
    return { status: disabled };
  };
  helpers.getCompileCacheDir = function getCompileCacheDir() {
    return undefined;
  };
  helpers.flushCompileCache = function flushCompileCache() {
    // There is none.
  };

  // What Node has seen running is the script of the boot.
  helpers.hasStartedUserCJSExecution = () => false;

  wrapBroadcastChannel(state);
  for (let i = 0; i < reinstantiated.length; i++) reinstantiate(reinstantiated[i] as string);
  for (let i = 0; i < forgotten.length; i++) forget(forgotten[i] as string);
}

/** Channels of one name in two guest processes are two channels: the pid is part of the native name. */
function wrapBroadcastChannel(state: ProcessState): void {
  const io = requireBuiltin("internal/worker/io");
  const Native = io.BroadcastChannel;

  function BroadcastChannel(this: unknown, name: unknown): object {
    if (new.target === undefined)
      throw new primordials.TypeError("Class constructor BroadcastChannel cannot be invoked without 'new'");
    // biome-ignore lint/complexity/noArguments: an absent name is an error of its own.
    if (arguments.length === 0) return ReflectConstruct(Native, [], new.target);
    const shown = `${name}`;
    const channel = ReflectConstruct(Native, [`${state.pid}:${shown}`], new.target);
    const symbols = ObjectGetOwnPropertySymbols(channel);
    for (let i = 0; i < symbols.length; i++)
      if (SymbolPrototypeToString(symbols[i]) === "Symbol(kName)") channel[symbols[i]] = shown;
    return channel;
  }
  BroadcastChannel.prototype = Native.prototype;
  BroadcastChannel.prototype.constructor = BroadcastChannel;
  // Node tells an EventTarget by what its constructor inherits.
  ObjectSetPrototypeOf(BroadcastChannel, ObjectGetPrototypeOf(Native));
  io.BroadcastChannel = BroadcastChannel;
}
