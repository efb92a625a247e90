/**
 * How a guest thread comes to the script of its boot: shared by the kernel, which starts threads, and by
 * the boot, which has to know itself.
 */

/**
 * The file name that the boot is compiled under; Node gives a worker's own script another. Frames of it
 * never show in a stack trace, and a source line of it never in an error's report.
 */
export const guestScriptName = "node:internal/secure_exec";

function loader(before: string): string {
  return `{
const { workerData } = require("worker_threads");
const { source, cache: cachedData } = workerData;
const text = Buffer.from(source.buffer, source.byteOffset, source.length).latin1Slice();
const script = new (require("vm").Script)(text, { filename: "${guestScriptName}", cachedData });${before}
script.runInThisContext()(require, {}, script);
}`;
}

/**
 * The script of every guest's worker. The boot comes as `workerData.source`, bytes that all threads share, and
 * what V8 made of it before as `workerData.cache`.
 */
export const guestLoader = loader("");

/** The same for the build: at its end the thread tells the port `workerData.kept` what V8 has made of the boot. */
export const keepingLoader = loader(
  '\nprocess.once("exit", () => workerData.kept.postMessage(script.createCachedData()));',
);
