/** What a machine runs: brings in the kernel by way of V8's code cache, which Node's own loader can't. */
import { dirname } from "node:path";
import { readCache } from "./image-files.js";
import { kernelScript } from "./kernel-script.js";

declare const require: NodeJS.Require;

const directory = dirname(process.argv[1] as string);
kernelScript(directory, readCache(directory, "kernel.cjs")).runInThisContext()(require);
