import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { NodeRuntime } from "secure-exec";
import { plainNode, runPlain } from "../plain-node.ts";
import type { Scenario } from "../scenario.ts";

const MiB = 1024 * 1024;
const BYTES = 64 * MiB;
const REQUESTS = 2000;

/** A server of its own process: what it costs is nobody's who asks it. */
const server = `
  import { createServer } from "node:http";
  const piece = Buffer.alloc(65536);
  createServer((request, response) => {
    if (request.method === "POST") return request.resume().on("end", () => response.end());
    if (request.url !== "/large") return response.end("hello");
    let left = ${BYTES / 65_536};
    const write = () => { while (left-- > 0) if (!response.write(piece)) return response.once("drain", write); response.end(); };
    write();
  }).listen(0, "127.0.0.1", function () { console.log(this.address().port); });
`;

/** Milliseconds, printed. */
const requests = (port: number) => `
  import { Agent, get } from "node:http";
  const agent = new Agent({ keepAlive: true });
  const ask = () => new Promise((done, failed) =>
    get({ host: "127.0.0.1", port: ${port}, agent }, (response) => response.resume().on("end", done)).on("error", failed));
  for (let i = 0; i < 200; i++) await ask();
  const began = performance.now();
  let left = ${REQUESTS};
  await Promise.all(Array.from({ length: 16 }, async () => { while (left-- > 0) await ask(); }));
  console.log((performance.now() - began) / ${REQUESTS});
  agent.destroy();
`;

/** Each measures its second transfer: the first finds all that a program needs to be compiled. */
const twice = (transfer: string) => `
  import { request } from "node:http";
  ${transfer}
  await transfer();
  const began = performance.now();
  await transfer();
  console.log((performance.now() - began) / ${BYTES / MiB});
`;

const download = (port: number) =>
  twice(`
  const transfer = () => new Promise((done, failed) =>
    request({ host: "127.0.0.1", port: ${port}, path: "/large" }, (response) => response.resume().on("end", done))
      .on("error", failed).end());
`);

const upload = (port: number) =>
  twice(`
  const piece = Buffer.alloc(65536);
  const transfer = () => new Promise((done, failed) => {
    const sent = request({ host: "127.0.0.1", port: ${port}, method: "POST" }, (response) => response.resume().on("end", done));
    let left = ${BYTES / 65_536};
    const write = () => { while (left-- > 0) if (!sent.write(piece)) return sent.once("drain", write); sent.end(); };
    sent.on("error", failed);
    write();
  });
`);

/** What leaves a machine, over the host, to a server on the host's loopback. */
export async function egressScenarios(): Promise<Scenario[]> {
  const child = spawn(plainNode, ["--input-type=module", "--eval", server], {
    stdio: ["ignore", "pipe", "inherit"],
  });
  const [line] = (await once(createInterface(child.stdout), "line")) as [string];
  const port = Number(line);
  const runtime = await NodeRuntime.create({ loopbackExemptPorts: [port] });
  const scenario = (name: string, code: string): Scenario => ({
    name,
    unit: "ms",
    rounds: 7,
    warmup: 1,
    // 70 % of plain Node's throughput.
    bound: { ratioAtMost: 1 / 0.7 },
    ours: async () => Number((await runtime.exec(code)).stdout),
    plain: async () => Number((await runPlain(code)).stdout),
  });
  return [
    scenario("out: a request of 16 at a time", requests(port)),
    scenario("out: a MiB of a download", download(port)),
    {
      ...scenario("out: a MiB of an upload", upload(port)),
      async close() {
        await runtime.dispose();
        child.kill();
      },
    },
  ];
}
