import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { Worker } from "node:worker_threads";

/** The natives of the pinned Node as a guest's thread finds them. */
export interface Natives {
  /** Types of the members of every binding, by name. */
  bindings: Record<string, Record<string, string>>;
  loadedAtStart: string[];
  /** Sources of the built-in modules. */
  sources: Record<string, string>;
}

/** Every word in the binary that could name a binding: there is no list of them to be had. */
function candidates(): string[] {
  const binary = readFileSync(process.execPath, "latin1");
  const words = binary.match(/(?<![a-zA-Z0-9_])[a-z_][a-z0-9_]{1,30}(?=\0)/g) ?? [];
  // The linker keeps a word that another ends with in that one.
  const endings = words.flatMap((word) => word.split("_").map((_, i, parts) => parts.slice(i).join("_")));
  return [...new Set(endings)];
}

export function readNatives(): Promise<Natives> {
  const file = fileURLToPath(new URL("./natives.worker.cjs", import.meta.url));
  return new Promise((resolve, reject) => {
    const worker = new Worker(file, {
      workerData: candidates(),
      execArgv: ["--expose-internals", "--no-experimental-ffi"],
      env: {},
      argv: [],
    });
    worker.once("message", resolve);
    worker.once("error", reject);
  });
}
