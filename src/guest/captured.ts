import { internalBinding, primordials, reinstantiate, requireBuiltin } from "./internals.js";
import type { ProcessState } from "./process-state.js";

const { ArrayPrototypeIndexOf, ObjectGetOwnPropertySymbols, ReflectConstruct, SymbolPrototypeToString } =
  primordials;

/**
 * Modules that take changed natives out of their bindings when they are loaded, and that a worker has
 * loaded before our boot begins. They run a second time, on the bindings as they are by then.
 */
export const reinstantiated: readonly string[] = [
  "fs",
  "internal/net",
  "internal/perf/utils",
  "internal/modules/typescript",
  "internal/worker/messaging",
  "internal/worker",
  "worker_threads",
];

/**
 * Modules where a second run would make a second class of what programs compare, or lose state that
 * others hold. Per module: the natives that it keeps, and why nobody gets at them.
 */
export const kept: Readonly<Record<string, { natives: string; why: string }>> = {
  "internal/util": {
    natives: "util.guessHandleType",
    why: "its only user is the export that is replaced below",
  },
  "internal/blob": {
    natives: "blob.createBlobFromFilePath",
    why: "its only user is the export that is replaced below",
  },
  "internal/modules/helpers": {
    natives: "modules.enableCompileCache modules.getCompileCacheDir modules.flushCompileCache",
    why: "their only users are the exports that are replaced below",
  },
  "internal/worker/io": {
    natives: "messaging.broadcastChannel worker.getEnvMessagePort",
    why: "the class that uses the one is wrapped below; the other serves a worker's stdio, which is gone",
  },
};

/** Bindings that modules loaded before the boot fetch later on, past our loader of bindings. */
export const fetchedLate: readonly string[] = ["signal_wrap", "cares_wrap", "profiler"];

/** Takes changed natives away from the modules that have captured them. */
export function releaseCaptured(
  state: ProcessState,
  handleType: (fd: number) => number,
  denyBlob: () => never,
): void {
  const types = ["TCP", "TTY", "UDP", "FILE", "PIPE", "UNKNOWN"];
  requireBuiltin("internal/util").guessHandleType = (fd: number) => types[handleType(fd)];
  requireBuiltin("internal/blob").createBlobFromFilePath = denyBlob;

  const helpers = requireBuiltin("internal/modules/helpers");
  const { compileCacheStatus } = internalBinding("modules");
  const disabled: number = ArrayPrototypeIndexOf(compileCacheStatus, "DISABLED");
  helpers.enableCompileCache = function enableCompileCache() {
    return { status: disabled };
  };
  helpers.getCompileCacheDir = function getCompileCacheDir() {};
  helpers.flushCompileCache = function flushCompileCache() {};

  wrapBroadcastChannel(state);
  for (let i = 0; i < reinstantiated.length; i++) reinstantiate(reinstantiated[i] as string);
}

/** Channels of one name in two guest processes are two channels: the pid is part of the native name. */
function wrapBroadcastChannel(state: ProcessState): void {
  const io = requireBuiltin("internal/worker/io");
  const Native = io.BroadcastChannel;

  function BroadcastChannel(this: unknown, name: unknown): object {
    if (new.target === undefined)
      throw new TypeError("Class constructor BroadcastChannel cannot be invoked without 'new'");
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
  io.BroadcastChannel = BroadcastChannel;
}
