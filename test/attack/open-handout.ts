import { workerData } from "node:worker_threads";
import { type Internal, internalBinding } from "../../src/guest/internals.js";

/** Bindings whose natives make system calls. */
const names = [
  "cares_wrap",
  "credentials",
  "fs",
  "fs_dir",
  "fs_event_wrap",
  "os",
  "pipe_wrap",
  "process_methods",
  "process_wrap",
  "spawn_sync",
  "tcp_wrap",
  "udp_wrap",
  "worker",
];

const natives: Record<string, Internal> = {};
for (const name of names) natives[name] = { ...internalBinding(name) };

// What no guest gets: the natives before they are replaced, and the machine's shared memory.
Object.defineProperty(globalThis, "__opened", { value: { natives, workerData } });
