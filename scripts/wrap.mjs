/** What the scripts of the image are given by whoever runs them: each is an expression, a function of these. */
const parameters = {
  "kernel.cjs": "require",
  "guest.js": "require, exports, script",
  "commands.cjs": "require, exports",
  "tar.cjs": "require, exports",
};

/** Makes a bundle what its file in the image holds; the rest are scripts of their own. */
export function wrap(file, bundle) {
  const code = toAscii(bundle);
  return file in parameters ? `(function (${parameters[file]}) {${code}\n})` : code;
}

/** Threads read a byte a character, and V8 keeps two as soon as one character of a script needs them. */
function toAscii(code) {
  return code.replaceAll(/[^\0-\x7f]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`);
}
