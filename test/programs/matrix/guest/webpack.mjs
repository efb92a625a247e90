// needs: webpack
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import webpack from "webpack";

mkdirSync("src");
writeFileSync(
  "src/index.js",
  "import { a } from './a'; import data from './data.json'; console.log(a, data.x); import('./lazy').then((m) => console.log(m.default)); new URL('./asset.txt', import.meta.url);",
);
writeFileSync("src/a.js", "export const a = 1; export const unused = 2;");
writeFileSync("src/lazy.js", "export default 'lazy'");
writeFileSync("src/data.json", '{"x": 5}');
writeFileSync("src/asset.txt", "asset");
writeFileSync(
  "src/loader.cjs",
  "module.exports = function (source) { return source.replace('lazy', this.query.to) }",
);
const run = (config) =>
  new Promise((resolve, reject) =>
    webpack({ context: `${process.cwd()}/src`, ...config }, (error, stats) =>
      error ? reject(error) : resolve(stats),
    ),
  );
for (const mode of ["production", "development"]) {
  const stats = await run({
    mode,
    devtool: false,
    entry: "./index.js",
    output: { path: `${process.cwd()}/dist-${mode}` },
    module: { rules: [{ test: /lazy/, use: { loader: "./loader.cjs", options: { to: "eager" } } }] },
  });
  console.log(
    stats.hasErrors(),
    stats.toString({ timings: false, version: false, colors: false, hash: false }).replace(/ in \d+ ms/, ""),
  );
  for (const name of readdirSync(`dist-${mode}`).sort())
    console.log(name, readFileSync(`dist-${mode}/${name}`, "utf8").replaceAll(process.cwd(), ""));
}
const broken = await run({ mode: "none", entry: "./none.js" });
console.log(broken.toString({ timings: false, version: false, colors: false }).replaceAll(process.cwd(), ""));
