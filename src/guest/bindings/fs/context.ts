import type { Disk } from "../../../disk/disk.js";
import type { GuestEnv } from "../../env.js";
import type { OpenFiles } from "../../files.js";

// biome-ignore lint/suspicious/noExplicitAny: the binding's functions take what Node's JavaScript passes.
export type BindingFunction = (...args: any[]) => unknown;
/** Functions of the binding by name. */
export type BindingFunctions = Record<string, BindingFunction>;

/** What the functions of the fs binding stand on. */
export interface FsContext {
  readonly env: GuestEnv;
  readonly disk: Disk;
  readonly files: OpenFiles;
}
