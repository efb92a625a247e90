/** Tells, as a line of JSON on fd 3, what stage 0 has left this process. */
import { readdirSync, readFileSync, readlinkSync, writeSync } from "node:fs";
import { createServer } from "node:net";
import { allocate, syscall } from "../../../src/jail/native.js";
import { getResourceLimit } from "../../../src/jail/resource-limits.js";
import { syscallNumber } from "../../../src/jail/seccomp/architecture.js";

const PR_GET_PDEATHSIG = 2;

function attempt(action: () => unknown): unknown {
  try {
    return action();
  } catch (error) {
    return (error as NodeJS.ErrnoException).code;
  }
}

/** Lines of /proc/self/status; only with /proc among the paths that may be read. */
function status(): Record<string, string> {
  const lines = readFileSync("/proc/self/status", "latin1").split("\n");
  return Object.fromEntries(lines.map((line) => line.split(":\t")));
}

function descriptors(): string[] {
  return readdirSync("/proc/self/fd").flatMap((fd) => {
    const target = attempt(() => readlinkSync(`/proc/self/fd/${fd}`));
    // The listing's own is closed by now.
    return target === "ENOENT" ? [] : [`${fd} ${String(target).replace(/:?\[?\d+\]?$/, "")}`];
  });
}

function listen(): Promise<unknown> {
  return new Promise((resolve) => {
    const server = createServer();
    server.on("error", (error: NodeJS.ErrnoException) => resolve(error.code));
    server.listen(0, "127.0.0.1", () => {
      server.close();
      resolve("listening");
    });
  });
}

async function main(): Promise<void> {
  const { NSpid, NSsid, NSpgid, ...all } = status();
  const marks = Object.entries(all).filter(([key]) => /^(Cap\w+|NoNewPrivs|Seccomp\w*|Umask|Uid)$/.test(key));
  const limits = [0, 1, 2, 3, 4, 7, 8, 9, 12].map((resource): [number, string] => {
    const { soft, hard } = getResourceLimit(resource);
    return [resource, `${soft} ${hard}`];
  });
  const report = {
    marks: Object.fromEntries(marks),
    ownSession: NSpid === NSsid && NSpid === NSpgid,
    descriptors: descriptors(),
    limits: Object.fromEntries(limits),
    env: process.env,
    argv: process.argv.slice(2),
    execArgv: process.execArgv,
    deathSignal: deathSignal(),
    oomScoreAdj: attempt(() => readFileSync("/proc/self/oom_score_adj", "latin1").trim()),
    passwd: attempt(() => readFileSync("/etc/passwd", "latin1").length > 0),
    list: attempt(() => readdirSync("/").length > 0),
    signalHost: attempt(() => process.kill(process.ppid, 0)),
    listen: await listen(),
    ring: [
      syscall(syscallNumber("io_uring_setup"), 1, 0),
      syscall(syscallNumber("io_uring_enter"), -1, 0, 0, 0, 0, 0),
      syscall(syscallNumber("io_uring_register"), -1, 0, 0, 0),
    ],
  };
  writeSync(3, `${JSON.stringify(report)}\n`);
}

function deathSignal(): number {
  const memory = allocate(4);
  syscall(syscallNumber("prctl"), PR_GET_PDEATHSIG, memory.address, 0, 0, 0);
  return memory.view.getInt32(0, true);
}

main();
