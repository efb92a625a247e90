import { afterAll, beforeAll, test } from "vitest";
import { acquireMachine } from "../../dist/machine/index.js";
import { Runtime } from "../../dist/runtime/runtime.js";
import { packageFiles } from "./packages.ts";
import { PlainHome } from "./plain-home.ts";
import { expectSame } from "./same-as-plain.ts";

/** A small project; what a tool should object to is on purpose. */
const project: Record<string, string> = {
  "package.json": `{ "name": "project", "version": "1.0.0" }`,
  "eslint.config.mjs": `
    import js from "@eslint/js";
    export default [js.configs.recommended, { rules: { "prefer-const": "warn" } }];`,
  "rollup.config.mjs": `
    export default {
      input: "main.js",
      output: [{ file: "out/main.mjs", format: "es" }, { file: "out/main.cjs", format: "cjs", exports: "named" }],
    };`,
  "tsconfig.json": `{
    "compilerOptions": {
      "target": "es2022", "module": "nodenext", "strict": true, "types": [],
      "rootDir": "ts", "outDir": "out", "declaration": true, "sourceMap": true,
    },
    "include": ["ts"],
  }`,
  "ugly.ts": "type  A={a:string,b?:number};export   const f=(x:A)=>x.b??x . a",
  "ugly.css": "a{b:c;d:e}",
  "main.js": `import { used } from "./lib/a.js"; export const two = used(1); console.log(two);`,
  "lib/a.js": "export const used = (x) => x * 2; export const unused = 1;",
  "src/bad.js": "let x = 1;\nexport const y = x + z;\n",
  "src/fixable.js": "export let a = 1; if (a == 2) { }\n",
  "ts/a.ts": `import { b } from "./b.js"; export const a: number = b("x"); const wrong: string = 1;`,
  "ts/b.ts": "export function b(x) { return x.length as number }",
};

const acorn = "node_modules/acorn/bin/acorn";
const eslint = "node_modules/eslint/bin/eslint.js";
const prettier = "node_modules/prettier/bin/prettier.cjs";
const rollup = "node_modules/@rollup/wasm-node/dist/bin/rollup";
const tsc = "node_modules/typescript/bin/tsc";

/** In this order: some work on what others made. */
const commands = [
  [acorn, "--module", "main.js"],
  [acorn, "ugly.ts"],
  [eslint, "src"],
  [eslint, "--format", "json", "src"],
  [eslint, "--fix", "src/fixable.js"],
  [eslint, "--print-config", "src/bad.js"],
  [eslint, "--nonsense"],
  [eslint, "missing.js"],
  [prettier, "ugly.ts"],
  [prettier, "--check", "."],
  [prettier, "--log-level", "silent", "--write", "ugly.css"],
  [prettier, "missing.ts"],
  [rollup, "-c", "--silent"],
  [rollup, "main.js", "--silent", "-f", "iife", "-n", "named"],
  [rollup, "missing.js"],
  ["out/main.cjs"],
  ["out/main.mjs"],
  [tsc, "-p", "."],
  [tsc, "--help"],
  [tsc, "--showConfig"],
  ["-e", "for (const file of fs.globSync('{out,src,ugly*}/**').sort()) console.log(file)"],
  [
    "-p",
    "fs.readFileSync('out/a.js', 'utf8') + fs.readFileSync('src/fixable.js') + fs.readFileSync('ugly.css')",
  ],
];

let plain: PlainHome;
let runtime: Runtime;
beforeAll(async () => {
  const files: Record<string, string | Uint8Array> = packageFiles([
    "acorn",
    "eslint",
    "@eslint/js",
    "prettier",
    "@rollup/wasm-node",
    "typescript",
  ]);
  for (const [path, text] of Object.entries(project)) files[`/home/user/${path}`] = text;
  plain = new PlainHome(files);
  runtime = await Runtime.start({ files, limits: { memoryBytes: 1 << 30 } }, acquireMachine);
});
afterAll(async () => {
  plain[Symbol.dispose]();
  await runtime.dispose();
});

for (const args of commands) {
  test(`node ${args.join(" ")}`, async () => {
    const [ours, theirs] = await Promise.all([runtime.node(args, { timeout: 50_000 }), plain.node(args)]);
    expectSame(ours, theirs);
  });
}
