// The guest's boot runs under a file name of its own, by which its frames are known in stack traces
// (`src/guest/script-name.ts` says the same). Node gives a worker's script another.
//
// What V8 made of the script in an earlier thread of the same machine comes along as `workerData.cache`;
// the boot gets the script itself, to make that from.
const fileName = "node:internal/secure_exec";

/** Makes the bundle of the guest's boot the source of a worker. */
export function wrapGuest(code) {
  const script = JSON.stringify(`(function (require, exports, script) {${code}\n})`);
  const name = JSON.stringify(fileName);
  return `{
const { cache: cachedData } = require("worker_threads").workerData;
const script = new (require("vm").Script)(${script}, { filename: ${name}, cachedData });
script.runInThisContext()(require, {}, script);
}
`;
}
