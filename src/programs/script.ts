/** The script of all commands as an expression: a function that takes `require` and fills `exports`. */
export function commandScript(source: string): string {
  return `(function (require, exports) {${source}\n})`;
}
