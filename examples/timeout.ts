// A program that never ends, one that is called off, and a runtime that takes neither amiss.
import { NodeRuntime } from "secure-exec";

await using rt = await NodeRuntime.create();

const endless = await rt.exec(`console.log("working"); while (true) {}`, {
  timeout: 2000,
});
console.log("output:", endless.stdout.trim());
console.log("exit code:", endless.exitCode);
console.log("because of:", endless.termination?.reason);

const controller = new AbortController();
const calledOff = rt.exec("setInterval(() => {}, 1000)", {
  signal: controller.signal,
});
controller.abort(new Error("nobody waits any more"));
await calledOff.catch((error) => console.log("rejected:", error.message));

const next = await rt.run("__return(6 * 7)");
console.log("and then:", next.value);
