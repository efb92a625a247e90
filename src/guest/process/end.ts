import { SYS_EXIT, SYS_KILL } from "../../syscall/numbers.js";
import type { GuestEnv } from "../env.js";
import { type Internal, internalBinding, primordials, requireBuiltin } from "../internals.js";
import { nothing } from "../nothing.js";
import type { ProcessState } from "../process-state.js";

const { FunctionPrototypeCall, ObjectDefineProperty, ObjectGetPrototypeOf, ReflectApply } = primordials;
const { reallyExit } = internalBinding("process_methods");
const { signals } = internalBinding("constants")["os"];
const {
  privateSymbols: { exit_info_private_symbol },
  constants: { kExiting },
} = internalBinding("util");
const { EventEmitter } = requireBuiltin("events");

/** How a process ends. */
export interface ProcessEnd {
  /** `process.reallyExit`: at once. */
  exit(code?: number): void;
  abort(): void;
  /** Ends as the default action of a signal does. */
  die(signal: number): void;
  /** Calls back when the process has come to its end by itself, before the listeners of "exit". */
  onNaturalEnd(callback: (code: number) => void): void;
  /** Calls back when the loop has nothing more to wait for, behind the listeners of "beforeExit". */
  onIdle(callback: () => void): void;
}

export function createEnd(env: GuestEnv, state: ProcessState, process: NodeJS.Process): ProcessEnd {
  let whenDone: (code: number) => void = nothing;
  let whenIdle: () => void = nothing;
  // Set while C++ or `process.exit` runs the listeners of "exit".
  const info: Int32Array = (process as Internal)[exit_info_private_symbol];

  function exit(code?: number): void {
    const status = (code as number) | 0;
    // Another thread's exit is its own.
    if (state.threadId === 0) env.channel.post(SYS_EXIT, status, 0);
    FunctionPrototypeCall(reallyExit, process, status);
  }

  function die(signal: number): void {
    env.channel.call(SYS_KILL, state.pid, signal);
    FunctionPrototypeCall(reallyExit, process, 128 + signal);
  }

  // A thread that ends by itself emits its last events from C++, through this method of an object
  // between `process` and EventEmitter's prototype that is `process`'s alone.
  const { prototype } = EventEmitter;
  ObjectDefineProperty(ObjectGetPrototypeOf(process), "emit", {
    __proto__: null,
    configurable: true,
    enumerable: true,
    writable: true,
    value: function emit(this: unknown, event: unknown): boolean {
      // biome-ignore lint/complexity/noArguments: a rest parameter is an array with the guest's iterator.
      const given = arguments;
      if (event === "exit" && this === process && info[kExiting] === 1) whenDone(given[1]);
      const heard = ReflectApply(prototype.emit, this, given);
      if (event === "beforeExit" && this === process) whenIdle();
      return heard;
    },
  });

  return {
    exit,
    die,
    abort: () => die(signals.SIGABRT),
    onNaturalEnd(callback) {
      whenDone = callback;
    },
    onIdle(callback) {
      whenIdle = callback;
    },
  };
}
