import { once } from "node:events";
import { createServer as createHttpServer } from "node:http";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { NodeRuntime } from "secure-exec";
import { afterEach, expect, test } from "vitest";
import type { RunResult } from "../../../src/runtime/result.js";
import { startRuntime } from "./guest.js";
import { FakeResolver } from "./machine.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

/** A server of HTTP that answers with what it was asked. */
function echoServer(): Promise<number> {
  return listen(
    createHttpServer((request, response) => {
      let bytes = 0;
      request.on("data", (data: Buffer) => {
        bytes += data.length;
      });
      request.on("end", () =>
        response.end(`${request.method} ${request.url} ${request.headers.host} ${bytes}`),
      );
    }),
  );
}

async function run(options: Parameters<typeof NodeRuntime.create>[0], code: string): Promise<unknown> {
  const runtime = await NodeRuntime.create(options);
  closers.push(() => runtime.dispose());
  const { value, stderr } = await runtime.run(code);
  expect(stderr).toBe("");
  return value;
}

test("http, fetch and net reach a port that is lent, by all names of the loopback", async () => {
  const port = await echoServer();
  expect(
    await run(
      { loopbackExemptPorts: [port] },
      `
      import { get } from "node:http";
      import { connect } from "node:net";
      const ask = (url) => fetch(url).then((response) => response.text());
      const posted = await fetch("http://127.0.0.1:${port}/p", { method: "POST", body: new Uint8Array(3_000_000) });
      const got = await new Promise((done) => get({ port: ${port}, path: "/g" }, async (response) => done((await response.toArray()).join(""))));
      const socket = connect(${port}, "127.0.0.1", () => socket.write("GET /n HTTP/1.0\\r\\n\\r\\n"));
      const raw = (await socket.toArray()).join("");
      __return([await ask("http://localhost:${port}/l"), await posted.text(), got, raw.endsWith("GET /n undefined 0"),
        socket.remoteAddress ?? "gone", socket.remotePort ?? "gone"]);
    `,
    ),
  ).toEqual([
    `GET /l localhost:${port} 0`,
    `POST /p 127.0.0.1:${port} 3000000`,
    `GET /g localhost:${port} 0`,
    true,
    "gone",
    "gone",
  ]);
});

test("a rule that names the address of the loopback lends it too", async () => {
  const port = await echoServer();
  const network = { rules: [{ mode: "allow" as const, patterns: [`127.0.0.1:${port}`] }] };
  const code = `__return(await (await fetch("http://127.0.0.1:${port}/")).text())`;
  expect(await run({ permissions: { network } }, code)).toBe(`GET / 127.0.0.1:${port} 0`);
});

test("a server of the guest's own comes first", async () => {
  const port = await echoServer();
  expect(
    await run(
      { loopbackExemptPorts: [port] },
      `
      import { createServer } from "node:http";
      const own = createServer((request, response) => response.end("own"));
      await new Promise((listening) => own.listen(${port}, "127.0.0.1", listening));
      const first = await (await fetch("http://127.0.0.1:${port}/")).text();
      own.closeAllConnections();
      await new Promise((closed) => own.close(closed));
      __return([first, await (await fetch("http://127.0.0.1:${port}/")).text()]);
    `,
    ),
  ).toEqual(["own", `GET / 127.0.0.1:${port} 0`]);
});

test("everything else is refused or not there, at once, with the error that says so", async () => {
  const port = await echoServer();
  const events: string[] = [];
  expect(
    await run(
      {
        permissions: {
          network: { default: "allow", rules: [{ mode: "deny", patterns: ["192.0.2.0/24", "b.example"] }] },
        },
        onAudit: ({ resource, decision, rule }) => events.push(`${decision} ${resource} ${rule}`),
      },
      `
      import { connect } from "node:net";
      const attempt = (port, host) => new Promise((done) =>
        connect(port, host, () => done("connected")).on("error", ({ code, message }) => done(code + ": " + message)));
      __return([
        await attempt(${port}, "127.0.0.1"), await attempt(80, "10.0.0.1"), await attempt(80, "192.0.2.1"),
        await attempt(80, "169.254.169.254"), await attempt(443, "b.example"), await attempt(80, "::ffff:10.0.0.1"),
        await fetch("http://10.0.0.1/").catch(({ cause }) => cause.code),
      ]);
    `,
    ),
  ).toEqual([
    `ECONNREFUSED: connect ECONNREFUSED 127.0.0.1:${port}`,
    "EACCES: connect EACCES 10.0.0.1:80 (10.0.0.1 is a private address, which only a rule that names it allows)",
    "EACCES: connect EACCES 192.0.2.1:80 (denied by network.rules[0])",
    expect.stringMatching(/^EACCES: connect EACCES 169\.254\.169\.254:80/u),
    "EACCES: getaddrinfo EACCES b.example (denied by network.rules[0])",
    expect.stringMatching(/^EACCES: connect EACCES ::ffff:10\.0\.0\.1:80/u),
    "EACCES",
  ]);
  expect(events).toContain("deny 192.0.2.1:80 network.rules[0]");
  expect(events).toContain("deny b.example network.rules[0]");
});

test("an upstream that is lost in the middle of a body is ECONNRESET", async () => {
  const port = await listen(
    createServer((socket) => {
      socket.on("error", () => undefined);
      socket.once("data", () => {
        socket.write("HTTP/1.1 200 OK\r\nContent-Length: 1000\r\n\r\npart", () => socket.resetAndDestroy());
      });
    }),
  );
  expect(
    await run(
      { loopbackExemptPorts: [port] },
      `
      import { get } from "node:http";
      __return(await new Promise((done) => get("http://127.0.0.1:${port}/", (response) => {
        response.resume().on("error", ({ code }) => done(code));
      }).on("error", ({ code }) => done(code))));
    `,
    ),
  ).toBe("ECONNRESET");
});

test("connections end with the program that has them, and with the runtime", async () => {
  const closed: Promise<unknown>[] = [];
  const port = await listen(
    createServer((socket: Socket) => {
      socket.on("error", () => undefined);
      closed.push(once(socket, "close"));
      socket.resume();
    }),
  );
  const runtime = await NodeRuntime.create({ loopbackExemptPorts: [port] });
  const open = `
    import { connect } from "node:net";
    await new Promise((done) => connect(${port}, "127.0.0.1", done));
  `;
  await runtime.exec(`${open} process.exit(0);`);
  await closed[0];
  const call = runtime.exec(`${open} console.log("open");`, {
    onStdout: () => {
      void runtime.dispose();
    },
  });
  await expect(call).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
  await closed[1];
});

test("a connection that a program has closed is over, whatever the server does", async () => {
  let closed: Promise<unknown> | null = null;
  const port = await listen(
    // It ends nothing by itself.
    createServer({ allowHalfOpen: true }, (socket: Socket) => {
      socket.on("error", () => undefined);
      closed = once(socket, "close");
      socket.resume();
    }),
  );
  const runtime = await NodeRuntime.create({ loopbackExemptPorts: [port], limits: { connections: 1 } });
  closers.push(() => runtime.dispose());
  const { value } = await runtime.run(`
    import { connect } from "node:net";
    const open = () => new Promise((done) => {
      const socket = connect(${port}, "127.0.0.1", () => { socket.destroy(); done("open"); });
      socket.on("error", ({ code }) => done(code));
    });
    await open();
    let again;
    do again = await open(); while (again === "EMFILE");
    __return(again);
  `);
  expect(value).toBe("open");
  expect(closed).not.toBeNull();
});

test("a host that a rule names is reached by its name and by no other", async () => {
  const port = await echoServer();
  const resolver = new FakeResolver({ "a.example": ["93.184.216.34"] });
  const runtime = await startRuntime(
    { rules: [{ mode: "allow", patterns: ["a.example:80", "a.example:443"] }] },
    { resolver, connector: () => connect({ port, host: "127.0.0.1", allowHalfOpen: true }) },
  );
  closers.push(() => runtime.dispose());
  const { value, stderr } = (await runtime.call(
    `
    import { connect as connectTls } from "node:tls";
    const failure = (promise) => promise.then(() => "no error", ({ code, cause }) => code ?? cause.code);
    const secure = (servername) => new Promise((done, failed) =>
      connectTls({ port: 443, host: "93.184.216.34", servername }, done).on("error", failed));
    __return([
      await (await fetch("http://a.example/")).text(),
      await failure(fetch("http://a.example:8080/")),
      await failure(fetch("http://93.184.216.34/")),
      await failure(secure("b.example")),
      await failure(secure(undefined)),
      await failure(fetch("http://93.184.216.35/")),
      await failure(secure("a.example")),
    ]);
  `,
    {},
    true,
  )) as RunResult<unknown>;
  expect(stderr).toBe("");
  // The server speaks no TLS: that the greeting reached it, its answer tells.
  const [reached, port8080, byAddress, otherName, noName, otherAddress, named] = value as string[];
  expect(reached).toBe("GET / a.example 0");
  expect([port8080, byAddress, otherName, noName, otherAddress]).toEqual(Array(5).fill("EACCES"));
  expect(named).toMatch(/^ERR_SSL|ECONNRESET/u);
});

test("a secret is a placeholder to programs, whose value no host gets without being named", async () => {
  const port = await echoServer();
  const value = "s3cr3t-value-0123456789";
  const code = `
    const { API_KEY } = process.env;
    const response = await fetch("http://127.0.0.1:${port}/" + API_KEY, { headers: { authorization: API_KEY } });
    __return([API_KEY, (await response.text()).includes(API_KEY)]);
  `;
  const secrets = { API_KEY: { value, hosts: ["api.example"], header: "authorization" } };
  expect(await run({ loopbackExemptPorts: [port], secrets }, code)).toEqual([
    expect.stringMatching(/^secret-API_KEY-[0-9a-f]{32}$/u),
    true,
  ]);
});

test("the machine has addresses of its own beside the loopback's, which are nobody else's", async () => {
  const runtime = await NodeRuntime.create();
  closers.push(() => runtime.dispose());
  const { value, stderr } = await runtime.run(`
    import { createServer, get } from "node:http";
    import { networkInterfaces } from "node:os";
    const ask = async (address, family) => {
      const server = createServer(({ socket }, response) => response.end([socket.remoteAddress, socket.localAddress].join()));
      await new Promise((listening) => server.listen(0, address, listening));
      const { port } = server.address();
      const path = { port, host: address, family };
      const text = await new Promise((done, failed) => get(path, async (response) => done((await response.toArray()).join(""))).on("error", failed));
      const elsewhere = await new Promise((done) => get({ port, host: family === 4 ? "127.0.0.1" : "::1" }, done).on("error", ({ code }) => done(code)));
      server.close();
      return [address, text, elsewhere];
    };
    const { eth0 } = networkInterfaces();
    __return(await Promise.all(eth0.map(({ address, family }) => ask(address, family === "IPv4" ? 4 : 6))));
  `);
  expect(stderr).toBe("");
  expect(value).toEqual([
    ["10.0.0.2", "10.0.0.2,10.0.0.2", "ECONNREFUSED"],
    ["fd00::2", "fd00::2,fd00::2", "ECONNREFUSED"],
  ]);
});
