import { type HandleEvents, StreamHandle } from "./bindings/stream-handle.js";
import type { GuestEnv } from "./env.js";
import { builtin, forget, primordials, requireBuiltin } from "./internals.js";
import type { KernelPort } from "./kernel-port.js";

const { ObjectDefineProperty, ObjectGetOwnPropertyDescriptor } = primordials;

/** What nearly every program loads: a thread has it before its program is known. */
const modules = [
  "net",
  "stream",
  "internal/modules/esm/loader",
  "internal/modules/esm/translators",
  "internal/modules/run_main",
  "internal/process/execution",
];

/** What comes with `node:fs`, as soon as a program imports that. */
const fileModules = ["internal/fs/promises", "internal/fs/streams"];

export function preload(): void {
  for (const id of modules) requireBuiltin(id);
}

/**
 * Does once what nearly every program does first, so that V8 has compiled it: prints something, to a
 * socket like those of standard streams, and looks at files.
 */
export function warmUp(env: GuestEnv, port: KernelPort, events: HandleEvents): void {
  // Node's library asks it for its colours; but what it leads to is not known before the program is.
  const stderr = ObjectGetOwnPropertyDescriptor(process, "stderr");
  ObjectDefineProperty(process, "stderr", { __proto__: null, configurable: true, value: undefined });
  try {
    print(env, port, events);
  } finally {
    ObjectDefineProperty(process, "stderr", stderr);
    // As it loads it takes note of the system, which is the program's and not known yet.
    if (builtin("os").loaded) forget("os");
  }
}

function print(env: GuestEnv, port: KernelPort, events: HandleEvents): void {
  for (const id of fileModules) requireBuiltin(id);
  env.setCwd("/");
  env.cwd();

  class Sink extends StreamHandle {
    protected override sendNow(_bytes: Uint8Array, length: number): number {
      return length;
    }
  }
  const { Socket } = requireBuiltin("net");
  const socket = new Socket({ handle: new Sink(port, events, "PIPEWRAP"), readable: false, writable: true });
  const { Console } = requireBuiltin("internal/console/global");
  new Console({ stdout: socket, stderr: socket }).log("%s", "text", { object: ["of", 1] }, new Error("any"));
  socket.destroy();
}
