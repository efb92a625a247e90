// needs: esbuild-wasm
import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import * as esbuild from "esbuild-wasm";

console.log(esbuild.version);
const source = "enum A { B }; const x: number = A.B ?? 2; export { x }";
console.log((await esbuild.transform(source, { loader: "ts", target: "es2015" })).code);
mkdirSync("bundle");
writeFileSync("bundle/main.ts", 'import { a } from "./a"; console.log(a)');
writeFileSync("bundle/a.ts", "export const a: string = `a`; export const unused = 1;");
await esbuild.build({
  entryPoints: ["bundle/main.ts"],
  bundle: true,
  outfile: "bundle/out.js",
  format: "esm",
  minify: true,
});
console.log(readFileSync("bundle/out.js", "utf8"));
await esbuild.transform("let = ;").catch((error) => console.log(error.message));
await esbuild.stop();
