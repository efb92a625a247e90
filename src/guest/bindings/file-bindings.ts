import { useNativeCopy } from "../../primordials/primordials.js";
import type { GuestEnv } from "../env.js";
import { OpenFiles } from "../files.js";
import { internalBinding } from "../internals.js";
import type { Replacement } from "../swap.js";
import { blobBinding } from "./blob.js";
import { fsBinding } from "./fs/index.js";
import { fsDirBinding } from "./fs-dir.js";
import { fsEventBinding } from "./fs-event-wrap.js";
import type { Loop } from "./loop-handle.js";
import { modulesBinding } from "./modules.js";
import { wasiBinding } from "./wasi/binding.js";
import type { ProcessCalls } from "./wasi/context.js";

/** The bindings that stand on the disk, by name. */
export function fileBindings(env: GuestEnv, loop: Loop, system: ProcessCalls): Record<string, Replacement> {
  // The disk copies under its lock, where no code of a guest may run.
  useNativeCopy(internalBinding("buffer")["copy"]);
  const files = new OpenFiles(env, loop.port);
  return {
    blob: () => blobBinding(env),
    fs: fsBinding(env, files, loop),
    fs_dir: fsDirBinding(env, files),
    fs_event_wrap: () => fsEventBinding(env, loop),
    modules: modulesBinding(env),
    wasi: () => wasiBinding(env, files, system),
  };
}
