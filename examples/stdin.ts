// Gives a program standard input, arguments and variables, and hears its output while it runs.
import { NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create({ env: { GREETING: "Hello" } });

const code = `
  import { createInterface } from "node:readline";

  const mark = process.argv[2];
  for await (const name of createInterface({ input: process.stdin })) {
    console.log(\`\${process.env.GREETING}, \${name}\${mark}\`);
  }
  console.error("no more names");
`;

const result = await rt.exec(code, {
  stdin: "Ada\nGrace\n",
  args: ["!"],
  env: { GREETING: "Good morning" },
  onStdout: (text) => process.stdout.write(text),
  onStderr: (text) => process.stdout.write(`(${text.trim()})\n`),
});
console.log("exit code:", result.exitCode);
