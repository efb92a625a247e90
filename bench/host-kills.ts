// Kills hosts that are at work on a disk in a file: `node bench/host-kills.ts [kills]`. A program and the host
// itself write files; what either has said is done must be whole for the next host.
import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { NodeRuntime } from "secure-exec";

// A host that dies leaves nobody behind whom the next would have to wait for.
process.env["SECURE_EXEC_SPARES"] = "0";
const FILES = 8;
const HOME = "/home/user";
const limits = { diskBytes: 16 * 1024 * 1024 };
const pause = (ms: number) => new Promise((resolve) => setTimeout(resolve, ms));

/** Text that tells whether it is whole. Its lengths are from less than a block to many. */
const body = (version: number) => `v${version};`.repeat(1 + (version % FILES) ** 4);

const program = (first: number) => `
  import fs from "node:fs";
  const body = ${body.toString().replaceAll("FILES", `${FILES}`)};
  for (let version = ${first}; ; version++) {
    const name = "f" + (version % ${FILES});
    fs.writeFileSync(name + ".new", body(version));
    fs.renameSync(name + ".new", name);
    fs.appendFileSync("log", version + "\\n");
    fs.writeSync(1, version + "\\n");
  }`;

/** The host that is killed: says `p<version>` of what its program and `h<number>` of what itself has written. */
async function work(persist: string, first: number): Promise<never> {
  const runtime = await NodeRuntime.create({ persist, limits });
  void runtime.exec(program(first), {
    onStdout: (text) => void process.stdout.write(text.replace(/^(?=\d)/gm, "p")),
  });
  for (let i = 0; ; i++) {
    await runtime.writeFile(`${HOME}/h${i % 200}`, body(i));
    process.stdout.write(`h${i}\n`);
  }
}

/** What a host has said. */
interface Said {
  program: number;
  host: number;
}

function listen(host: ChildProcess, said: Said): void {
  let rest = "";
  host.stdout?.on("data", (bytes: Buffer) => {
    const lines = (rest + bytes.toString()).split("\n");
    rest = lines.pop() ?? "";
    for (const line of lines) {
      if (line.startsWith("p")) said.program = Math.max(said.program, Number(line.slice(1)));
      if (line.startsWith("h")) said.host = Number(line.slice(1));
    }
  });
}

function fail(kill: number, what: string): never {
  throw new Error(`after kill ${kill}: ${what}`);
}

/** Answers the version that the program has come to. */
async function judge(kill: number, persist: string, said: Said): Promise<number> {
  await using runtime = await NodeRuntime.create({ persist, limits });
  const read = async (name: string) => Buffer.from(await runtime.readFile(`${HOME}/${name}`)).toString();
  const log = (await read("log")).split("\n").slice(0, -1).map(Number);
  log.forEach((version, i) => {
    if (version !== i + 1) fail(kill, `line ${i} of the log is ${version}`);
  });
  const done = log.length;
  if (done < said.program) fail(kill, `the log ends with ${done} of ${said.program}`);
  for (let version = Math.max(1, done - FILES + 1); version <= done; version++) {
    const text = await read(`f${version % FILES}`);
    const next = version === done - FILES + 1 && text === body(done + 1);
    if (text !== body(version) && !next) fail(kill, `f${version % FILES} is not version ${version}`);
  }
  for (let i = Math.max(0, said.host - 20); i <= said.host; i++) {
    // The next write had begun, which was to a file of before.
    if ((await read(`h${i % 200}`)) !== body(i)) fail(kill, `the host's file ${i}`);
  }
  await runtime.exec(
    `for (const name of require("fs").readdirSync(".")) if (name[0] === "h") require("fs").rmSync(name)`,
  );
  return done;
}

async function killAll(kills: number): Promise<void> {
  const folder = mkdtempSync(join(tmpdir(), "secure-exec-kills-"));
  const persist = join(folder, "disk");
  let done = 0;
  let hostFiles = 0;
  for (let kill = 1; kill <= kills; kill++) {
    const said: Said = { program: done, host: -1 };
    const host = spawn(
      process.execPath,
      [fileURLToPath(import.meta.url), "work", persist, String(done + 1)],
      {
        stdio: ["ignore", "pipe", "inherit"],
      },
    );
    listen(host, said);
    while (said.program === done || said.host < 0) {
      if (host.exitCode !== null) fail(kill, `the host ended with ${host.exitCode}`);
      await pause(1);
    }
    await pause(Math.random() * 60);
    host.kill("SIGKILL");
    await once(host, "close");
    done = await judge(kill, persist, said);
    hostFiles += said.host + 1;
    if (kill % 20 === 0)
      console.error(`${kill} kills, ${done} versions by programs, ${hostFiles} files by hosts`);
  }
  rmSync(folder, { recursive: true });
  console.log(JSON.stringify({ kills, versions: done, hostFiles }));
}

if (process.argv[2] === "work") await work(process.argv[3] as string, Number(process.argv[4]));
else await killAll(Number(process.argv[2] ?? 200));
