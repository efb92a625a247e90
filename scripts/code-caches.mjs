// Makes the code caches of the image in dist/image, for this architecture: the host of the library itself has a
// machine do what nearly every call needs, and the machine keeps what V8 has made of its scripts.
import { setTimeout } from "node:timers/promises";
import { resolveImage } from "../dist/machine/image.js";
import { Machine } from "../dist/machine/machine.js";
import { Runtime } from "../dist/runtime/runtime.js";

/** Until a spare thread has warmed up, in milliseconds. */
const WARM = 500;

const program = `
import { readFileSync } from "node:fs";
readFileSync("/etc/hostname", "utf8");
console.log("a %s", "b");
console.error("c");
__return({ d: 1 });
`;

const shell = `
import { execFileSync } from "node:child_process";
execFileSync("sh", ["-c", "echo a"]);
`;

const image = await resolveImage();
const machines = [];
const runtime = await Runtime.start({ jail: "unsafe-none" }, async (options) => {
  if (machines.length > 0) throw new Error("The machine that makes the code caches has died");
  const machine = await Machine.launch(options, {
    ...image,
    kernel: image.kernel.replace("machine", "code-cache"),
  });
  machines.push(machine);
  return machine;
});
await setTimeout(WARM);
for (const code of [program, shell, program]) {
  const { exitCode, stderr } = await runtime.call(code, {}, true);
  if (exitCode !== 0) throw new Error(`A program failed while the code caches were made: ${stderr}`);
}
await runtime.files.writeFile("/tmp/a", "b");
await runtime.files.readFile("/tmp/a");
const [machine] = machines;
// A machine that has nothing to do does not keep this process.
const hold = setInterval(() => {}, 1000);
process.kill(machine.pid, "SIGTERM");
const { exitCode, stderr } = await machine.exited;
clearInterval(hold);
await runtime.dispose();
if (exitCode !== 0) throw new Error(`No code caches were made: ${stderr}`);
