/**
 * How a guest thread comes to the script of its boot: shared by the kernel, which starts threads, and by
 * the boot, which has to know itself.
 */

/**
 * The file name that the boot is compiled under; Node gives a worker's own script another. Frames of it
 * never show in a stack trace, and a source line of it never in an error's report.
 */
export const guestScriptName = "node:internal/secure_exec";

/**
 * The script of every guest's worker. The boot comes as `workerData.source`, so that the thread holds it
 * once, and what V8 made of it before as `workerData.cache`.
 */
export const guestLoader = `{
const { source, cache: cachedData } = require("worker_threads").workerData;
const script = new (require("vm").Script)(source, { filename: "${guestScriptName}", cachedData });
script.runInThisContext()(require, {}, script);
}`;

/** Makes the bundle of a boot what the loader runs; the boot gets the script itself, to make a cache of. */
export function guestScript(bundle: string): string {
  return `(function (require, exports, script) {${bundle}\n})`;
}
