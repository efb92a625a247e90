// Kills machines that are at work: `node bench/kills.ts [kills]`. A program and the host write files; what
// the program has said is done, and what `writeFile` has resolved for, must be whole in the next machine.
import { readdirSync, readFileSync } from "node:fs";
import { NodeRuntime } from "secure-exec";

// The only child is then the machine.
process.env["SECURE_EXEC_SPARES"] = "0";
const kills = Number(process.argv[2] ?? 100);
const FILES = 8;
const HOME = "/home/user";
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Text that tells whether it is whole. Its lengths are from less than a block to many. */
const body = (version: number) => `v${version};`.repeat(1 + (version % FILES) ** 4);

const program = (first: number) => `
  import fs from "node:fs";
  const body = ${body.toString().replaceAll("FILES", `${FILES}`)};
  for (let version = ${first}; ; version++) {
    const name = "f" + (version % ${FILES});
    const file = fs.openSync(name + ".new", "w");
    fs.writeSync(file, body(version));
    fs.fsyncSync(file);
    fs.closeSync(file);
    fs.renameSync(name + ".new", name);
    fs.appendFileSync("log", version + "\\n");
    fs.writeSync(1, version + "\\n");
  }`;

function machine(): number {
  const children = readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean),
  );
  if (children.length !== 1) throw new Error(`${children.length} machines`);
  return Number(children[0]);
}

const runtime = await NodeRuntime.create();
/** The last version that the program has said is written. */
let said = 0;
let hostFiles = 0;
let took = 0;

/** Writes files until the machine is gone, and answers how many were written. */
async function writeFromHost(): Promise<number> {
  for (let written = 0; ; written++) {
    try {
      await runtime.writeFile(`${HOME}/h${written}`, body(written));
    } catch {
      return written;
    }
  }
}

async function read(name: string): Promise<string> {
  return Buffer.from(await runtime.readFile(`${HOME}/${name}`)).toString();
}

function fail(kill: number, what: string): never {
  throw new Error(`after kill ${kill}: ${what}`);
}

async function judge(kill: number, written: number): Promise<void> {
  const log = (await read("log")).split("\n").slice(0, -1).map(Number);
  log.forEach((version, i) => {
    if (version !== i + 1) fail(kill, `line ${i} of the log is ${version}`);
  });
  if (log.length < said) fail(kill, `the log ends with ${log.length} of ${said}`);
  // Each line came after its file; the next file may have been there without its line.
  const done = log.length;
  for (let version = Math.max(1, done - FILES + 1); version <= done; version++) {
    const name = `f${version % FILES}`;
    const text = await read(name);
    const next = version === done - FILES + 1 && text === body(done + 1);
    if (text !== body(version) && !next) fail(kill, `${name} is not version ${version}`);
  }
  for (let i = 0; i < written; i++) {
    if ((await read(`h${i}`)) !== body(i)) fail(kill, `the host's file ${i}`);
    await runtime.rm(`${HOME}/h${i}`);
  }
  said = done;
}

for (let kill = 1; kill <= kills; kill++) {
  const before = said;
  let line = "";
  const onStdout = (text: string) => {
    const lines = (line + text).split("\n");
    line = lines.pop() ?? "";
    said = Math.max(said, ...lines.map(Number));
  };
  const ended = runtime.exec(program(said + 1), { onStdout }).catch(() => {});
  while (said === before) await pause(1);
  const pid = machine();
  const host = writeFromHost();
  await pause(Math.random() * 60);
  process.kill(pid, "SIGKILL");
  const [written] = await Promise.all([host, ended]);
  const begun = performance.now();
  await runtime.exists(HOME);
  took += performance.now() - begun;
  await judge(kill, written);
  hostFiles += written;
  if (kill % 20 === 0)
    console.error(`${kill} kills, ${said} versions by the program, ${hostFiles} files by the host`);
}
await runtime.dispose();
console.log(JSON.stringify({ kills, versions: said, hostFiles, meanRevivalMs: Math.round(took / kills) }));
