// needs: eslint, @eslint/js
import { mkdirSync, writeFileSync } from "node:fs";
import js from "@eslint/js";
import { ESLint, Linter } from "eslint";

const source = `
var unused = 1;
export function f(a, b) {
  if (a == b) { debugger }
  for (;;) { break; console.log(missing) }
  return a ? true : false
}
`;
const linter = new Linter();
console.log(
  linter.verify(
    source,
    [
      js.configs.recommended,
      { rules: { eqeqeq: "error", "no-unneeded-ternary": "warn", "no-var": "error" } },
    ],
    "a.js",
  ),
);
console.log(
  linter.verifyAndFix(source, { rules: { "no-var": "error", "no-unneeded-ternary": "warn" } }).output,
);

mkdirSync("linted/src", { recursive: true });
writeFileSync(
  "linted/eslint.config.mjs",
  `
import js from "@eslint/js";
export default [js.configs.recommended, { ignores: ["src/ignored.js"] }, { files: ["**/*.js"], rules: { "prefer-const": "warn" } }];
`,
);
writeFileSync("linted/src/bad.js", "let x = 1;\nexport const y = x + z;\n");
writeFileSync("linted/src/good.js", "export const one = 1;\n");
writeFileSync("linted/src/broken.js", "export const = 1;\n");
writeFileSync("linted/src/ignored.js", "debugger\n");
const eslint = new ESLint({ cwd: `${process.cwd()}/linted` });
const results = await eslint.lintFiles(["src"]);
for (const { filePath, messages } of results) console.log(filePath.replace(process.cwd(), ""), messages);
for (const name of ["json", "html", "stylish"]) {
  const formatter = await eslint.loadFormatter(name);
  const text = await formatter.format(results);
  console.log(text.replaceAll(/\w{3} \w{3} \d\d 20.*\)/g, "(now)").replaceAll(process.cwd(), ""));
}
