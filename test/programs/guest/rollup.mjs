// needs: @rollup/wasm-node
import { mkdirSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { rollup, VERSION } from "@rollup/wasm-node";

mkdirSync("bundled/lib", { recursive: true });
writeFileSync(
  "bundled/main.js",
  `import { used } from "./lib/a.js"; import data from "virtual:data"; console.log(used(data)); export const lazy = () => import("./lib/lazy.js");`,
);
writeFileSync(
  "bundled/lib/a.js",
  `import { b } from "./b.js"; export const used = (x) => b(x); export const unused = () => "shaken away"; class Gone { static x = 1 }`,
);
writeFileSync("bundled/lib/b.js", `export function b(x) { return x?.y ?? "none"; }`);
writeFileSync(
  "bundled/lib/lazy.js",
  `export { b as default } from "./b.js"; export const lots = [1, 2, 3].map((x) => x * 2);`,
);
const warnings = [];
const bundle = await rollup({
  input: "bundled/main.js",
  onwarn: (warning) => warnings.push(warning.code),
  plugins: [
    {
      name: "virtual",
      resolveId: (id) => (id.startsWith("virtual:") ? `\0${id}` : null),
      load: (id) =>
        id.startsWith("\0virtual:") ? `export default ${JSON.stringify({ y: "virtual" })}` : null,
      transform: (code, id) => (id.endsWith("b.js") ? { code: `/* b */ ${code}`, map: null } : null),
    },
  ],
});
for (const format of ["es", "cjs", "system", "amd"]) {
  const { output } = await bundle.generate({ format, sourcemap: format === "es", hashCharacters: "hex" });
  for (const chunk of output) console.log(format, chunk.type, chunk.fileName, chunk.code ?? chunk.source);
}
await bundle.write({ dir: "bundled/out", format: "es", chunkFileNames: "[name]-[hash].js" });
await bundle.close();
for (const name of readdirSync("bundled/out").sort())
  console.log(name, readFileSync(`bundled/out/${name}`, "utf8"));
console.log(VERSION, warnings, bundle.watchFiles.map((file) => file.replace(process.cwd(), "")).sort());
writeFileSync("bundled/broken.js", "export const = 1");
for (const input of ["bundled/broken.js", "bundled/missing.js"]) {
  await rollup({ input }).catch((error) =>
    console.log(error.code, error.message.replaceAll(process.cwd(), ""), error.frame, error.loc?.line),
  );
}
