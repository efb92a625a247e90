// needs: typescript
import { writeFileSync } from "node:fs";
import ts from "typescript";

const source = `enum Color { Red, Green }
class P { constructor(private x: number) {} }
export const c: Color = Color.Green;`;
const compilerOptions = { module: ts.ModuleKind.ESNext, target: ts.ScriptTarget.ES2022 };
console.log(ts.transpileModule(source, { compilerOptions }).outputText, ts.version);

writeFileSync("checked.ts", 'const n: number = "text"; export function f(x) { return [1].at(x)!.toFixed() }');
const program = ts.createProgram(["checked.ts"], {
  ...compilerOptions,
  strict: true,
  declaration: true,
  types: [],
});
const diagnostics = [...ts.getPreEmitDiagnostics(program), ...program.emit().diagnostics];
const host = {
  getCanonicalFileName: (name) => name,
  getCurrentDirectory: () => process.cwd(),
  getNewLine: () => "\n",
};
console.log(
  ts.formatDiagnostics(diagnostics, host),
  ts.sys.readFile("checked.d.ts"),
  ts.sys.readDirectory(".", [".ts"], ["node_modules"]),
);
