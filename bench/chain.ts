// Starts processes one after another, and evaluates snippets in one that is kept:
// `node bench/chain.ts [processes] [snippets]`. Fails when the machine's memory has grown.
import { readdirSync, readFileSync } from "node:fs";
import { NodeRuntime } from "secure-exec";

const processes = Number(process.argv[2] ?? 10_000);
const snippets = Number(process.argv[3] ?? 100_000);
/** What may come and go, in MiB. */
const TOLERANCE = 64;
process.env["SECURE_EXEC_SPARES"] = "0";

/** Private memory of the machines of this process, in MiB. */
function memory(): number {
  let sum = 0;
  for (const task of readdirSync("/proc/self/task"))
    for (const pid of readFileSync(`/proc/self/task/${task}/children`, "utf8")
      .trim()
      .split(" ")
      .filter(Boolean))
      sum += Number(/RssAnon:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1]) / 1024;
  return sum;
}

/** Does something so often, in ten parts; the memory after the second must not be passed by much at the end. */
async function chain(name: string, count: number, part: (from: number, to: number) => Promise<void>) {
  const began = performance.now();
  let early = 0;
  for (let i = 0; i < 10; i++) {
    await part(Math.floor((i * count) / 10), Math.floor(((i + 1) * count) / 10));
    if (i === 1) early = memory();
  }
  const late = memory();
  const each = (performance.now() - began) / count;
  console.log(
    `${name}: ${count}, ${each.toFixed(2)} ms each, ${early.toFixed(0)} MiB early, ${late.toFixed(0)} MiB late`,
  );
  if (late > early + TOLERANCE) throw new Error(`${name} made the machine grow`);
}

await using rt = await NodeRuntime.create();
await using runner = rt.createResidentRunner();

await chain("processes", processes, async (from, to) => {
  const { stdout, stderr } = await rt.exec(`
    import { spawnSync } from "node:child_process";
    let good = 0;
    for (let i = ${from}; i < ${to}; i++) if (spawnSync("true").status === 0) good++;
    console.log(good);`);
  if (stdout !== `${to - from}\n`) throw new Error(`${stdout} of ${to - from} ended well: ${stderr}`);
});

await chain("snippets", snippets, async (from, to) => {
  for (let i = from; i < to; i++) {
    const { value } = await runner.run<number>(`globalThis.last = ${i}; __return(last)`);
    if (value !== i) throw new Error(`snippet ${i} answered ${value}`);
  }
});
