// Creates, uses and disposes of runtimes again and again: `node bench/soak.ts [rounds] [rough]`. In rough
// rounds programs time out, machines die and come back, and calls are still under way at the end. Fails
// when the host's descriptors, child processes, temporary files or memory have grown.
import { mkdtempSync, readdirSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";

const rounds = Number(process.argv[2] ?? 2000);
const rough = process.argv[3] === "rough";
const warm = Math.min(100, Math.floor(rounds / 4));
/** Temporary files of others don't count. */
const temporary = mkdtempSync(join(tmpdir(), "soak-"));
process.env["TMPDIR"] = temporary;
process.on("exit", () => rmSync(temporary, { recursive: true }));
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

interface Holdings {
  descriptors: number;
  children: number;
  temporary: number;
  rss: number;
}

function holdings(): Holdings {
  const children = readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean),
  );
  return {
    descriptors: readdirSync("/proc/self/fd").length,
    children: children.length,
    temporary: readdirSync(tmpdir()).length,
    rss: process.memoryUsage.rss(),
  };
}

async function use(runtime: NodeRuntime, index: number) {
  const { value, exitCode } = await runtime.run<string>(
    "import fs from 'node:fs'; console.log('x'.repeat(1000)); __return(fs.readFileSync('in.txt', 'utf8'))",
  );
  if (exitCode !== 0 || value !== `${index}`) throw new Error(`round ${index}: ${exitCode} ${value}`);
}

/** Programs that don't end by themselves: the first costs its process, the others their machine. */
const endings: [code: string, exitCode: number][] = [
  ["for (;;);", 124],
  ["require('node:crypto').pbkdf2Sync('a', 'b', 3e7, 64, 'sha512')", 124],
  ["'ab'.repeat(1e8).split('')", 134],
];

async function misuse(runtime: NodeRuntime, index: number) {
  const [code, expected] = endings[index % endings.length] as [string, number];
  const { exitCode } = await runtime.exec(code, { timeout: expected === 124 ? 50 : 5000 });
  if (exitCode !== expected) throw new Error(`round ${index}: ${exitCode} in place of ${expected}`);
  await use(runtime, index);
  // Its end is the runtime's.
  runtime.exec("setInterval(() => console.log('x'.repeat(10000)), 1)").catch(() => {});
  await pause(index % 20);
}

async function round(index: number) {
  const runtime = await NodeRuntime.create({ files: { "/home/user/in.txt": `${index}` } });
  await use(runtime, index);
  if (rough) await misuse(runtime, index);
  await runtime.dispose();
}

let before: Holdings | undefined;
for (let index = 0; index < rounds; index++) {
  await round(index);
  if (index === warm) {
    await pause(1000);
    before = holdings();
  }
  if (index % 200 === 199) console.error(`${index + 1} rounds, ${JSON.stringify(holdings())}`);
}
await pause(1000);
const after = holdings();
console.log(JSON.stringify({ rounds, before, after }));
if (before === undefined) throw new Error("too few rounds");
const grown = [
  after.descriptors > before.descriptors && "descriptors",
  after.children > before.children && "children",
  after.temporary > before.temporary && "temporary files",
  after.rss > before.rss + (64 << 20) && "memory",
].filter(Boolean);
if (grown.length > 0) throw new Error(`grown: ${grown.join(", ")}`);
