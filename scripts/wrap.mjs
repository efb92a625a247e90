/** What the scripts of the image are given by whoever runs them: each is an expression, a function of these. */
const parameters = {
  "kernel.cjs": "require",
  "guest.js": "require, exports, script",
  "commands.cjs": "require, exports",
  "tar.cjs": "require, exports",
};

/** Makes a bundle what its file in the image holds; the rest are scripts of their own. */
export function wrap(file, bundle) {
  return file in parameters ? `(function (${parameters[file]}) {${bundle}\n})` : bundle;
}
