import { NodeRuntime } from "secure-exec";
import { runPlain } from "../plain-node.ts";
import type { Scenario } from "../scenario.ts";

const COUNT = 5000;

/** Requests one after the other over one connection; prints the microseconds for each. */
const client = `
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
  const ask = () => new Promise((resolve, reject) => {
    http.get({ port, agent, host: "127.0.0.1" }, (response) => response.resume().on("end", resolve)).on("error", reject);
  });
  for (let i = 0; i < 2000; i++) await ask();
  const began = performance.now();
  for (let i = 0; i < ${COUNT}; i++) await ask();
  console.log(((performance.now() - began) * 1000) / ${COUNT});
  process.exit();`;

const alone = `
  import http from "node:http";
  const server = http.createServer((request, response) => response.end("hello")).listen(0);
  await new Promise((resolve) => server.once("listening", resolve));
  const { port } = server.address();
  ${client}`;

const between = `
  import { spawn } from "node:child_process";
  import http from "node:http";
  const serve = 'const server = require("http").createServer((request, response) => response.end("hello"));' +
    'server.listen(0, () => console.log(server.address().port));' +
    'process.stdin.on("end", () => process.exit()).resume();';
  const child = spawn(process.execPath, ["-e", serve], { stdio: ["pipe", "pipe", "inherit"] });
  const port = Number(await new Promise((resolve) => child.stdout.once("data", (text) => resolve(String(text)))));
  ${client}`;

/** A thousand connections at a time, ten requests over each. */
const parallel = `
  import http from "node:http";
  const server = http.createServer((request, response) => response.end("hello"));
  await new Promise((resolve) => server.listen(0, "127.0.0.1", 2048, resolve));
  const { port } = server.address();
  const agent = new http.Agent({ keepAlive: true, maxSockets: 1000, maxFreeSockets: 1000 });
  const ask = () => new Promise((resolve, reject) => {
    http.get({ port, agent, host: "127.0.0.1" }, (response) => response.resume().on("end", resolve)).on("error", reject);
  });
  const began = performance.now();
  await Promise.all(Array.from({ length: 10_000 }, ask));
  console.log(((performance.now() - began) * 1000) / 10_000);
  process.exit();`;

/** HTTP over the loopback of a machine, all in one runtime: what its making has others do would run beside the first figures. */
export async function networkScenarios(): Promise<Scenario[]> {
  const runtime = await NodeRuntime.create({ limits: { openFiles: 4096 } });
  const requests = (name: string, code: string, ratioAtMost: number): Scenario => ({
    name,
    unit: "µs",
    rounds: 5,
    warmup: 1,
    bound: { ratioAtMost },
    async ours() {
      const { stdout, stderr, exitCode } = await runtime.exec(code);
      if (exitCode !== 0) throw new Error(stderr);
      return Number(stdout);
    },
    async plain() {
      return Number((await runPlain(code)).stdout);
    },
  });
  return [
    requests("http request with keep-alive, in one process", alone, 1 / 0.9),
    requests("http request with keep-alive, between two processes", between, 2),
    {
      ...requests("http request of 10,000 over 1,000 connections", parallel, 1 / 0.9),
      close: () => runtime.dispose(),
    },
  ];
}
