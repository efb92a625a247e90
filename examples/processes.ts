// Runs commands, talks with a process while it runs, and ends one.
import { NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create();

// To its end.
const { stdout } = await rt.command("sh", ["-c", "seq 5 | grep -v 3 | wc -l"]);
console.log("lines:", stdout.trim());

// A conversation: what it writes is read as it comes.
const adder = await rt.spawn(`
  import { createInterface } from "node:readline";
  let sum = 0;
  for await (const line of createInterface({ input: process.stdin })) console.log((sum += Number(line)));
`);
const answers = adder.stdout[Symbol.asyncIterator]();
for (const number of [1, 2, 39]) {
  await adder.writeStdin(`${number}\n`);
  console.log("sum:", (await answers.next()).value?.trim());
}
adder.closeStdin();
console.log("exit code:", (await adder.wait()).exitCode);

// Nobody waits for this one to end by itself.
const endless = await rt.spawn({ command: "yes" }, { timeout: 60_000 });
endless.kill("SIGTERM");
console.log("ended by:", (await endless.wait()).signal);
