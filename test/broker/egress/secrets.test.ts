import type { IncomingMessage, ServerResponse } from "node:http";
import { gzipSync } from "node:zlib";
import { afterAll, beforeAll, expect, test } from "vitest";
import { Scrubber } from "../../../src/broker/egress/secrets/scrubber.js";
import { checkSecrets } from "../../../src/runtime/options/secrets.js";
import type { RunResult } from "../../../src/runtime/result.js";
import { type SecretRuntime, startWithSecrets } from "./secret-runtime.js";

const VALUE = "s3cr3t-value-0123456789";
const network = { rules: [{ mode: "allow" as const, patterns: ["api.example", "other.example"] }] };
const secrets = {
  API_KEY: {
    value: VALUE,
    hosts: ["api.example"],
    methods: ["GET", "POST"],
    paths: ["/v1/**"],
    header: "Authorization",
  },
};

/** What the server was asked, with what for a key. */
const asked: string[] = [];
let started: SecretRuntime;

function answer(request: IncomingMessage, response: ServerResponse): void {
  asked.push(`${request.method} ${request.headers.host}${request.url} ${request.headers.authorization}`);
  const body = `you said ${request.headers.authorization} ${request.headers["x-other"]}.`;
  if (request.url === "/v1/gzip") {
    response.writeHead(200, { "content-encoding": "gzip", "x-echo": String(request.headers.authorization) });
    response.end(gzipSync(body));
  } else if (request.url === "/v1/slow") {
    // One byte at a time: every border is one of the value.
    const bytes = [...body];
    const next = (): void => {
      const byte = bytes.shift();
      if (byte === undefined) response.end();
      else response.write(byte, () => setImmediate(next));
    };
    next();
  } else if (request.url === "/v1/redirect") {
    response.writeHead(302, { location: "https://other.example/v1/x" }).end();
  } else if (request.url === "/v1/lost") {
    response.writeHead(200, { "content-length": "1000" });
    response.write("part", () => request.socket.destroy());
  } else response.end(body);
}

beforeAll(async () => {
  const hosts = { "api.example": ["93.184.216.34"], "other.example": ["93.184.216.35"] };
  started = await startWithSecrets(checkSecrets(secrets), network, hosts, answer);
});

afterAll(() => started[Symbol.asyncDispose]());

async function run(code: string): Promise<{ value: unknown; all: string }> {
  asked.length = 0;
  started.audit.length = 0;
  const result = (await started.runtime.call(code, {}, true)) as RunResult<unknown>;
  return { value: result.value, all: JSON.stringify(result) };
}

// biome-ignore lint/suspicious/noTemplateCurlyInString: it is a guest's.
const headers = "{ authorization: `Bearer ${process.env.API_KEY}`, 'x-other': process.env.API_KEY }";

test("the value goes to the host in its header, and comes back from nowhere", async () => {
  const { value, all } = await run(`
    const ask = async (path, method = "GET") => {
      const response = await fetch("https://api.example" + path, { method, headers: ${headers} });
      return [await response.text(), response.headers.get("x-echo")];
    };
    const key = process.env.API_KEY;
    const texts = [await ask("/v1/a"), await ask("/v1/gzip"), await ask("/v1/slow", "POST")];
    __return(texts.map(([text, echo]) => [text.replaceAll(key, "KEY"), echo?.replaceAll(key, "KEY") ?? null]));
  `);
  expect(value).toEqual([
    ["you said Bearer KEY KEY.", null],
    ["you said Bearer KEY KEY.", "Bearer KEY"],
    ["you said Bearer KEY KEY.", null],
  ]);
  expect(asked).toEqual([
    `GET api.example/v1/a Bearer ${VALUE}`,
    `GET api.example/v1/gzip Bearer ${VALUE}`,
    `POST api.example/v1/slow Bearer ${VALUE}`,
  ]);
  expect(all).not.toContain(VALUE);
  expect(JSON.stringify(started.audit)).not.toContain(VALUE);
  expect(started.audit).toContainEqual(
    expect.objectContaining({ resource: "GET https://api.example/v1/a", rule: "secrets.API_KEY" }),
  );
});

test("other methods, paths, hosts and headers get the placeholder, also after a redirect", async () => {
  const { all } = await run(`
    const options = { headers: ${headers} };
    await fetch("https://api.example/v1/x", { method: "DELETE", ...options });
    await fetch("https://api.example/v2/x", options);
    await fetch("https://api.example/v1/..%2fv2/x", options);
    await fetch("https://api.example/v1/redirect", options).catch(() => 0);
    await fetch("https://other.example/v1/x", options).catch(() => 0);
    __return(1);
  `);
  expect(asked.filter((line) => line.includes(VALUE))).toEqual([
    `GET api.example/v1/redirect Bearer ${VALUE}`,
  ]);
  expect(asked.slice(0, 3).every((line) => line.includes("Bearer secret-API_KEY-"))).toBe(true);
  expect(all).not.toContain(VALUE);
});

test("a request for another host over the connection is refused, and TLS elsewhere is end to end", async () => {
  const { value } = await run(`
    import { request } from "node:https";
    import { connect } from "node:tls";
    const other = await new Promise((done) => request("https://api.example/v1/x", { servername: "api.example", headers: { host: "other.example", authorization: process.env.API_KEY } },
      (response) => done(response.resume().statusCode)).end());
    const direct = await new Promise((done) => connect({ port: 443, host: "other.example", servername: "other.example" }, () => done("trusted"))
      .on("error", ({ code }) => done(code)));
    __return([other, direct]);
  `);
  expect(value).toEqual([421, "UNABLE_TO_VERIFY_LEAF_SIGNATURE"]);
  expect(asked).toEqual([]);
});

test("an upstream that is lost breaks the connection", async () => {
  const { value } = await run(`
    const response = await fetch("https://api.example/v1/lost", { headers: ${headers} });
    __return(await response.text().catch(({ cause }) => cause?.code ?? "error"));
  `);
  expect(value).toMatch(/^(?:UND_ERR_SOCKET|ECONNRESET|error)$/u);
});

test("threads and children of a program use the secret too", async () => {
  const { value } = await run(`
    import { execFileSync } from "node:child_process";
    import { Worker } from "node:worker_threads";
    const code = \`fetch("https://api.example/v1/t", { headers: { authorization: process.env.API_KEY } }).then((response) => response.text()).then(() => console.log("done"))\`;
    const child = execFileSync("node", ["-e", code]).toString();
    const worker = new Worker(code, { eval: true, stdout: true });
    __return([child, (await worker.stdout.toArray()).join("")]);
  `);
  expect(value).toEqual(["done\n", "done\n"]);
  expect(asked).toEqual(Array(2).fill(`GET api.example/v1/t ${VALUE}`));
});

test("values are taken out wherever the pieces are cut", async () => {
  const text = `a${VALUE}b${VALUE.slice(0, 9)}${VALUE}${VALUE}s3`;
  for (let size = 1; size <= text.length; size++) {
    const scrubber = new Scrubber([{ value: VALUE, placeholder: "*" }]);
    for (let at = 0; at < text.length; at += size) scrubber.write(text.slice(at, at + size));
    scrubber.end();
    expect(Buffer.concat(await scrubber.toArray()).toString()).toBe(`a*b${VALUE.slice(0, 9)}**s3`);
  }
});

test.each<[string, unknown, string]>([
  ["a short value", { ...secrets.API_KEY, value: "short" }, "secrets.X.value"],
  ["a value that is no header", { ...secrets.API_KEY, value: "12345678\r\nX: y" }, "secrets.X.value"],
  ["no hosts", { ...secrets.API_KEY, hosts: [] }, "secrets.X.hosts"],
  ["every host", { ...secrets.API_KEY, hosts: ["*"] }, "secrets.X.hosts[0]"],
  ["an address", { ...secrets.API_KEY, hosts: ["10.0.0.1"] }, "secrets.X.hosts[0]"],
  ["a header of the connection", { ...secrets.API_KEY, header: "Host" }, "secrets.X.header"],
  ["a misspelt option", { ...secrets.API_KEY, host: ["a.example"] }, "secrets.X.host"],
])("%s is refused, without a word of the value", (_, secret, key) => {
  let error: Error | null = null;
  try {
    checkSecrets({ X: secret });
  } catch (thrown) {
    error = thrown as Error;
  }
  expect(error?.message).toContain(key);
  expect(error?.message).not.toContain(VALUE);
  expect(error?.message).not.toContain("12345678");
});
