// Creates, uses and disposes of runtimes again and again: `node bench/soak.ts [rounds]`. Fails when the
// host's descriptors, child processes, temporary files or memory have grown.
import { readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { NodeRuntime } from "secure-exec";

const rounds = Number(process.argv[2] ?? 2000);
const warm = Math.min(100, Math.floor(rounds / 4));
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

async function round(index: number) {
  const runtime = await NodeRuntime.create({ files: { "/home/user/in.txt": `${index}` } });
  const { value, exitCode } = await runtime.run<string>(
    "import fs from 'node:fs'; console.log('x'.repeat(1000)); __return(fs.readFileSync('in.txt', 'utf8'))",
  );
  if (exitCode !== 0 || value !== `${index}`) throw new Error(`round ${index}: ${exitCode} ${value}`);
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
