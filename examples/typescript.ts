// Checks TypeScript before it runs, and tells an agent what is wrong with it.
import { NodeRuntime } from "secure-exec";
import { TypeScriptCompiler } from "secure-exec/typescript";

await using rt = await NodeRuntime.create();
await using compiler = await TypeScriptCompiler.create({ runtime: rt });

const drafts = [
  `enum Unit { Celsius = "C", Fahrenheit = "F" }
function convert(degrees: number, to: Unit): number {
  return to === Unit.Celsius ? (degrees - 32) / 1.8 : degrees * 1.8 + 32;
}
__return(convert("100", Unit.Fahrenheit));`,
];
drafts.push(drafts[0].replace('"100"', "100"));

for (const code of drafts) {
  const { success, diagnostics } = await compiler.check(code);
  for (const { file, line, column, message } of diagnostics)
    console.log(`${file}:${line}:${column} ${message}`);
  if (!success) continue;
  const { value } = await rt.run(code, { language: "ts", timeout: 5000 });
  console.log("value:", value);
}
