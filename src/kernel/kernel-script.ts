import { Script } from "node:vm";
import { readBundle } from "./image-files.js";

/** The kernel as a script that takes `require`. */
export function kernelScript(directory: string, cachedData?: Buffer): Script {
  const source = `(function (require) {${readBundle(directory, "kernel.cjs")}\n})`;
  return new Script(source, { filename: "kernel", cachedData });
}
