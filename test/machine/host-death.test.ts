import { type ChildProcess, spawn } from "node:child_process";
import { once } from "node:events";
import { cpSync, mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { createInterface } from "node:readline";
import { setTimeout as sleep } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { afterAll, afterEach, beforeAll, describe, expect, test } from "vitest";
import { descendants, type Identity, isAlive, left, withCommand } from "./processes.ts";

/*
 * Hosts of their own that end in every way. The library is a copy with a name that nobody else has, so
 * that its machines can be told from others' by their command lines, from stage 0 on.
 */

const root = fileURLToPath(new URL("../../", import.meta.url));
const nodes = new Set([process.execPath, process.env["npm_node_execpath"] ?? process.execPath]);
/** How long anything may live on, in milliseconds. */
const GRACE = 2000;

let copy: string;
const hosts: ChildProcess[] = [];

beforeAll(() => {
  const cache = join(root, "node_modules/.cache");
  mkdirSync(cache, { recursive: true });
  copy = mkdtempSync(join(cache, "secure-exec-hosts-"));
  cpSync(join(root, "dist"), join(copy, "dist"), { recursive: true });
  writeFileSync(join(copy, "host.mjs"), hostProgram);
  writeFileSync(join(copy, "starting.mjs"), startingProgram);
});
afterEach(async () => {
  for (const host of hosts.splice(0)) host.kill("SIGKILL");
  for (const { pid } of await left(() => withCommand(copy), GRACE)) process.kill(pid, "SIGKILL");
});
afterAll(() => rmSync(copy, { recursive: true }));

/** Has a runtime with a guest that runs, in its main thread or in a worker, and ends as it is told to. */
const hostProgram = `
import { closeSync, readdirSync, readlinkSync } from "node:fs";
import { createInterface } from "node:readline";
import { isMainThread, parentPort, Worker } from "node:worker_threads";
const sockets = () => readdirSync("/proc/self/fd").filter((fd) => {
  try { return readlinkSync("/proc/self/fd/" + fd).startsWith("socket:"); } catch { return false; }
});
const ways = {
  "process.exit()": () => process.exit(3),
  "an uncaught exception": () => setImmediate(() => { throw new Error("uncaught"); }),
  "an unhandled rejection": () => void Promise.reject(new Error("unhandled")),
  "abort()": () => process.abort(),
  "its worker's process.exit()": () => process.exit(3),
  "its worker's uncaught exception": () => setImmediate(() => { throw new Error("uncaught"); }),
};
async function own(done, before) {
  const { NodeRuntime } = await import("./dist/index.js");
  const runtime = await NodeRuntime.create();
  ways["closing the wires"] = () => {
    for (const fd of sockets()) if (!before.includes(fd)) closeSync(Number(fd));
  };
  runtime.exec("console.log(1); for (;;);", { onStdout: done }).catch(() => {});
}
if (isMainThread) {
  const before = sockets();
  const lines = createInterface({ input: process.stdin });
  const up = () => console.log("up");
  if (process.argv[2] !== "worker") {
    lines.on("line", (way) => ways[way]());
    await own(up, before);
  } else {
    const worker = new Worker(new URL(import.meta.url));
    worker.on("message", up);
    worker.on("error", () => {});
    lines.on("line", (way) => way === "worker.terminate()" ? worker.terminate() : worker.postMessage(way));
  }
} else {
  parentPort.on("message", (way) => ways[way]());
  await own(() => parentPort.postMessage("up"), sockets());
}
`;

/** Says so right before it starts a machine. */
const startingProgram = `
import { NodeRuntime } from "./dist/index.js";
console.log("up");
for (;;) await NodeRuntime.create();
`;

async function startHost(node: string, program: string, ...args: string[]): Promise<ChildProcess> {
  const host = spawn(node, [join(copy, program), ...args], { stdio: ["pipe", "pipe", "ignore"] });
  hosts.push(host);
  const lines = createInterface({ input: host.stdout as NodeJS.ReadableStream });
  await once(lines, "line");
  return host;
}

/** The host's machines once the one in use and the spare one are both there, and the guest is running. */
async function machinesOf(host: ChildProcess): Promise<Identity[]> {
  for (let round = 0; round < 500; round++) {
    const machines = descendants(host.pid as number);
    if (machines.length === 2 && round > 10) return machines;
    await sleep(20);
  }
  throw new Error("the spare machine did not come");
}

for (const node of nodes) {
  describe(`a host on ${node}`, () => {
    const told = ["process.exit()", "an uncaught exception", "an unhandled rejection", "abort()"];
    const signals = ["SIGKILL", "SIGTERM", "SIGINT", "SIGSEGV"] as const;
    for (const way of [...told, ...signals]) {
      test(`that ends by ${way} takes its machines with it`, async () => {
        const host = await startHost(node, "host.mjs");
        const machines = await machinesOf(host);
        const exited = once(host, "exit");
        if (told.includes(way)) host.stdin?.write(`${way}\n`);
        else host.kill(way as NodeJS.Signals);
        await exited;
        expect(await left(() => machines.filter(isAlive), GRACE)).toEqual([]);
        expect(withCommand(copy)).toEqual([]);
      });
    }

    const workers = ["worker.terminate()", "its worker's process.exit()", "its worker's uncaught exception"];
    for (const way of workers) {
      test(`that lives on after ${way} loses that worker's machines`, async () => {
        const host = await startHost(node, "host.mjs", "worker");
        const machines = await machinesOf(host);
        host.stdin?.write(`${way}\n`);
        expect(await left(() => machines.filter(isAlive), GRACE)).toEqual([]);
        expect(host.exitCode).toBe(null);
      });
    }

    test("that lives on after closing the wires loses its machines", async () => {
      const host = await startHost(node, "host.mjs");
      const machines = await machinesOf(host);
      host.stdin?.write("closing the wires\n");
      expect(await left(() => machines.filter(isAlive), GRACE)).toEqual([]);
      expect(host.exitCode).toBe(null);
    });
  });
}

test("a host that is killed at any moment of a launch leaves neither machine nor stage 0", async () => {
  const [node = process.execPath] = nodes;
  for (let round = 0; round < 30; round++) {
    const host = await startHost(node, "starting.mjs");
    await sleep(Math.random() * 100);
    const exited = once(host, "exit");
    // A host that stands still starts nothing between the look at its machines and its end.
    if (round % 2 === 0) host.kill("SIGSTOP");
    const machines = descendants(host.pid as number);
    host.kill("SIGKILL");
    await exited;
    expect(await left(() => [...machines.filter(isAlive), ...withCommand(copy)], GRACE)).toEqual([]);
  }
}, 120_000);
