// The guest's boot runs under a file name of its own, by which its frames are known in stack traces
// (`src/guest/script-name.ts` says the same). Node gives a worker's script another.
const fileName = "node:internal/secure_exec";

/** Makes the bundle of the guest's boot the source of a worker. */
export function wrapGuest(code) {
  const parameters = JSON.stringify(["require", "exports"]);
  const options = JSON.stringify({ filename: fileName });
  return `require("vm").compileFunction(${JSON.stringify(code)}, ${parameters}, ${options})(require, {});\n`;
}
