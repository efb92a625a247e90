// What a program may use is bounded, and reaching a bound is an ordinary result.
import { NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create({
  limits: {
    memoryBytes: 64 * 1024 * 1024,
    diskBytes: 4 * 1024 * 1024,
    outputBytes: 1024,
  },
});

const hungry = await rt.exec("const all = []; for (;;) all.push({ all })");
console.log("memory:", hungry.exitCode, hungry.termination?.reason);

const greedy = await rt.exec(`
  import { writeFileSync } from "node:fs";
  writeFileSync("large.bin", Buffer.alloc(8 * 1024 * 1024));
`);
console.log("disk:", greedy.exitCode, greedy.stderr.includes("ENOSPC"));

const chatty = await rt.exec(`console.log("x".repeat(5000))`);
console.log("output:", chatty.exitCode, chatty.stdoutTruncated);
console.log(chatty.stdout.split("\n")[1]);

// A misspelt option is an error, not a limit that does nothing.
await NodeRuntime.create({
  // @ts-expect-error: there is no such limit
  limits: { memory: 64 * 1024 * 1024 },
}).catch((error) => console.log(error.message));
