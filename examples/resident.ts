// One process for many snippets: what one leaves behind the next one finds.
import { NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create();
await using runner = rt.createResidentRunner();

await runner.exec("globalThis.sum = 0");
for (const number of [1, 2, 39]) await runner.exec(`sum += ${number}`);
console.log("sum:", (await runner.run<number>("__return(sum)")).value);

// An error is a result, and the process lives on.
const failed = await runner.exec("sum.nothing.more");
console.log("exit code:", failed.exitCode, "ended:", failed.ended);

// What doesn't end costs the process.
const endless = await runner.exec("for (;;);", { timeout: 100 });
console.log("exit code:", endless.exitCode, "ended:", endless.ended);
const { value, fresh } = await runner.run<string>("__return(typeof sum)");
console.log("sum is", value, "fresh:", fresh);
