import { Script } from "node:vm";
import { readBundle } from "./image-files.js";

/** The kernel as a script that takes `require`. */
export function kernelScript(directory: string, cachedData?: Buffer): Script {
  return new Script(readBundle(directory, "kernel.cjs"), { filename: "kernel", cachedData });
}
