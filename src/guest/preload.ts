import { requireBuiltin } from "./internals.js";

/** What nearly every program loads: a spare thread has it before its program is known. */
const modules = [
  "net",
  "stream",
  "internal/fs/promises",
  "internal/fs/streams",
  "internal/fs/sync_write_stream",
  "internal/modules/esm/loader",
  "internal/modules/esm/translators",
  "internal/modules/run_main",
  "internal/console/global",
  "internal/process/execution",
];

export function preload(): void {
  for (const id of modules) requireBuiltin(id);
}
