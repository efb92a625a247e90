// needs: @babel/core, @babel/preset-env
import { mkdirSync, writeFileSync } from "node:fs";
import {
  parseAsync,
  template,
  transformAsync,
  transformFileAsync,
  transformSync,
  traverse,
} from "@babel/core";
import presetEnv from "@babel/preset-env";

const source = `
class A extends B { #x = 1; static { A.y = 2 } async *f({ a = 1, ...rest }, ...b) { for await (const c of b) yield c?.d ?? rest ** 2; } get x() { return this.#x } }
const t = tag\`a\${1}b\`; let [u, , v = 3] = [...t]; label: for (const x of u) { if (x) continue label; }
export default A; import(t); new.target; /(?<y>\\d{4})/su.exec("2020").groups.y;
`.replace("new.target;", "");
for (const targets of ["ie 11", "node 20", { chrome: "80" }]) {
  const { code } = await transformAsync(source, {
    configFile: false,
    babelrc: false,
    presets: [[presetEnv, { targets, modules: false }]],
  });
  console.log(`--- ${JSON.stringify(targets)}\n${code}`);
}
const commonjs = transformSync(source, {
  configFile: false,
  babelrc: false,
  sourceMaps: true,
  filename: "/a.js",
  presets: [[presetEnv, { targets: "node 12" }]],
});
console.log(commonjs.code, JSON.stringify(commonjs.map));

mkdirSync("built", { recursive: true });
writeFileSync(
  "built/babel.config.json",
  JSON.stringify({ presets: [["@babel/preset-env", { targets: "firefox 60" }]], plugins: ["./plugin.cjs"] }),
);
writeFileSync(
  "built/plugin.cjs",
  "module.exports = ({ types: t }) => ({ visitor: { Identifier(path) { if (path.node.name === 'before') path.node.name = 'after' } } });",
);
writeFileSync("built/in.js", "export const before = (x) => x?.y;");
const file = await transformFileAsync("built/in.js", { cwd: `${process.cwd()}/built` });
console.log(file.code);

const seen = [];
traverse(await parseAsync(source, { configFile: false }), { enter: (path) => void seen.push(path.type) });
console.log(seen.join(" "), template.statement.ast`const x = ${"y"};`.type);
try {
  transformSync("let a = ;", { configFile: false, filename: "/broken.js" });
} catch (error) {
  console.log(error.code, error.message);
}
