import { NodeRuntime } from "secure-exec";
import { expect, test } from "vitest";
import { packageFiles, packagesFolder } from "./packages.ts";
import { runPlain } from "./plain-node.ts";

const programs: Record<string, { packages: string[]; code: string }> = {
  "lodash-es": {
    packages: ["lodash-es"],
    code: `
      import { chunk, groupBy, merge, template } from "lodash-es";
      console.log(chunk([1, 2, 3, 4, 5], 2), groupBy([1.2, 1.8, 2.1], Math.floor));
      console.log(merge({ a: { b: 1 } }, { a: { c: 2 } }), template("hi <%= name %>")({ name: "you" }));`,
  },
  zod: {
    packages: ["zod"],
    code: `
      import { z } from "zod";
      const user = z.object({ name: z.string().min(2), age: z.number().int().optional(), mail: z.email() });
      console.log(user.parse({ name: "Ada", mail: "ada@example.com" }));
      console.log(JSON.stringify(user.safeParse({ name: "A", age: 1.5, mail: "x" }).error.issues, null, 1));
      console.log(z.toJSONSchema(user));`,
  },
  typescript: {
    packages: ["typescript"],
    code: `
      import ts from "typescript";
      const source = "enum Color { Red, Green }\\nclass P { constructor(private x: number) {} }\\nexport const c: Color = Color.Green;";
      const { outputText } = ts.transpileModule(source, { compilerOptions: { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 } });
      console.log(outputText, ts.version);`,
  },
  prettier: {
    packages: ["prettier"],
    code: `
      import * as prettier from "prettier";
      console.log(await prettier.format("const a={b:1,c:[1,2,3]};function f( x ){return x}", { parser: "babel" }));
      console.log(await prettier.format("# a\\n* b\\n* c", { parser: "markdown" }));
      console.log(await prettier.format("a{b:c;d:e}", { parser: "css" }));`,
  },
  acorn: {
    packages: ["acorn"],
    code: `
      import * as acorn from "acorn";
      console.log(JSON.stringify(acorn.parse("export default async (x) => (await x) ** 2", { ecmaVersion: 2023, sourceType: "module" })));
      try { acorn.parse("let let", { ecmaVersion: 2023 }) } catch (e) { console.log(e.message) }`,
  },
};

for (const [name, { packages, code }] of Object.entries(programs)) {
  test(`${name} runs from files on the disk as on plain Node`, async () => {
    await using runtime = await NodeRuntime.create({ files: packageFiles(...packages) });
    const ours = await runtime.exec(code, { timeout: 30_000 });
    const plain = await runPlain(code, packagesFolder);
    expect(ours.stderr).toBe(plain.stderr);
    expect(ours.stdout).toBe(plain.stdout);
    expect(ours.exitCode).toBe(0);
    expect(plain.stdout).not.toBe("");
  });
}
