import { useNativeCopy } from "../../primordials/primordials.js";
import type { GuestEnv } from "../env.js";
import { OpenFiles, type StdinSource } from "../files.js";
import { type Internal, internalBinding } from "../internals.js";
import { fsBinding } from "./fs/index.js";
import { fsDirBinding } from "./fs-dir.js";
import { modulesBinding } from "./modules.js";

/** The bindings that stand on the disk, by name. `stdin` is descriptor 0. */
export function fileBindings(env: GuestEnv, stdin: StdinSource): Record<string, Record<string, Internal>> {
  // The disk copies under its lock, where no code of a guest may run.
  useNativeCopy(internalBinding("buffer")["copy"]);
  const files = new OpenFiles(env, stdin);
  return { fs: fsBinding(env, files), fs_dir: fsDirBinding(env, files), modules: modulesBinding(env) };
}
