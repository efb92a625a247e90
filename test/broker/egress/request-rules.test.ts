import { once } from "node:events";
import type { IncomingMessage, ServerResponse } from "node:http";
import { createServer as createHttpServer } from "node:http";
import { createServer as createHttpsServer } from "node:https";
import { type AddressInfo, connect, type Server } from "node:net";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { Egress } from "../../../src/broker/egress/index.js";
import { Authority, Secrets } from "../../../src/broker/egress/secrets/index.js";
import { acquireMachine } from "../../../src/machine/index.js";
import type { AuditEvent } from "../../../src/policy/audit.js";
import type { NetworkRule } from "../../../src/policy/permissions.js";
import { checkPermissions } from "../../../src/runtime/options/permissions.js";
import type { RunResult } from "../../../src/runtime/result.js";
import { Runtime } from "../../../src/runtime/runtime.js";
import { FakeResolver, limits, TestMachine } from "./machine.js";

const ADDRESS = "93.184.216.34";
const OTHER = "93.184.216.36";
const addresses = {
  "a.example": [ADDRESS],
  "b.example": [ADDRESS],
  "c.example": ["93.184.216.35"],
  "d.example": [OTHER],
};

/** What servers were asked. */
const asked: string[] = [];
const closers: (() => unknown)[] = [];
let plainPort: number;

function answer(request: IncomingMessage, response: ServerResponse): void {
  asked.push(`${request.method} ${request.headers.host}${request.url}`);
  request.resume();
  request.on("end", () => response.end("answered"));
}

async function listen(server: Server): Promise<number> {
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return (server.address() as AddressInfo).port;
}

beforeAll(async () => {
  const server = createHttpServer(answer);
  server.on("upgrade", (_, socket) => socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n"));
  plainPort = await listen(server);
});

afterAll(async () => {
  for (const close of closers.toReversed()) await close();
});

const allow = (...patterns: string[]): NetworkRule => ({ mode: "allow", patterns });
const deny = (...patterns: string[]): NetworkRule => ({ mode: "deny", patterns });

/** What comes of bytes that are sent to a name: what the server was asked, and how the connection is lost. */
async function say(
  rules: NetworkRule[],
  text: string | string[],
  { name = "a.example", port = 80, until = "answered" } = {},
): Promise<{ asked: string[]; lost: string | null; audit: AuditEvent[] }> {
  asked.length = 0;
  const machine = new TestMachine(
    { rules },
    {
      resolver: new FakeResolver(addresses),
      connector: () => connect({ port: plainPort, host: "127.0.0.1", allowHalfOpen: true }),
    },
  );
  const { records } = await machine.resolve(name);
  const open = await machine.open((records as string[])[0] as string, port);
  for (const part of [text].flat()) {
    open.write(part);
    await Promise.race([open.until(until), open.ended]);
  }
  machine.session.close();
  return { asked: [...asked], lost: open.lost, audit: machine.audit };
}

const get = (path: string, host = "a.example", more = ""): string =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\n${more}\r\n`;

describe("plain http", () => {
  const rules = [allow("GET http://a.example/v1/**")];

  test("a request that a rule allows goes out, and is told", async () => {
    const { asked, lost, audit } = await say(rules, get("/v1/x?y"));
    expect(asked).toEqual(["GET a.example/v1/x?y"]);
    expect(lost).toBeNull();
    expect(audit).toContainEqual(
      expect.objectContaining({
        resource: "GET http://a.example/v1/x",
        decision: "allow",
        rule: "network.rules[0]",
      }),
    );
  });

  test.each<[string, string]>([
    ["another method", "POST /v1/x HTTP/1.1\r\nHost: a.example\r\nContent-Length: 0\r\n\r\n"],
    ["another path", get("/v2/x")],
    ["a path that leads out", get("/v1/../v2")],
    ["an escaped one", get("/v1/%2e%2e/v2")],
    ["an escaped slash", get("/v1%2f..%2fv2")],
    ["a whole URL of another path", get("http://a.example/v2")],
    ["a whole URL of another host", get("http://b.example/v1/x")],
    ["another host", get("/v1/x", "b.example")],
    ["another port", get("/v1/x", "a.example:8080")],
    ["its address", get("/v1/x", ADDRESS)],
    ["a method for a proxy", "CONNECT a.example:80 HTTP/1.1\r\nHost: a.example\r\n\r\n"],
    ["all of the server", "OPTIONS * HTTP/1.1\r\nHost: a.example\r\n\r\n"],
    ["two lengths", get("/v1/x", "a.example", "Content-Length: 1\r\nTransfer-Encoding: chunked\r\n")],
    ["a line that is folded", get("/v1/x", "a.example", "X: y\r\n z: GET /v2 HTTP/1.1\r\n")],
    ["a line that ends otherwise", "GET /v1/x HTTP/1.1\nHost: a.example\n\r\n\r\n"],
    ["no HTTP", "SSH-2.0-x\r\n"],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"],
  ])("%s is refused, and nothing of it goes out", async (_, text) => {
    const { asked, lost, audit } = await say(rules, text);
    expect(asked).toEqual([]);
    expect(lost).toBe("EACCES");
    expect(audit.at(-1)).toMatchObject({ decision: "deny", scope: "network", operation: "connect" });
  });

  test("each request of a connection is judged, also those that are sent at once", async () => {
    const { asked, lost, audit } = await say(rules, get("/v1/a") + get("/v1/b") + get("/v2/c"), {
      until: "never",
    });
    expect(asked).not.toContain("GET a.example/v2/c");
    expect(lost).toBe("EACCES");
    expect(audit.at(-1)).toMatchObject({ decision: "deny", rule: null });
  });

  test("a request in the body of another one stays there", async () => {
    const inner = get("/v2/hidden");
    const outer = `GET /v1/x HTTP/1.1\r\nHost: a.example\r\nContent-Length: ${inner.length}\r\n\r\n${inner}`;
    const { asked, lost } = await say(rules, outer);
    expect(asked).toEqual(["GET a.example/v1/x"]);
    expect(lost).toBeNull();
  });

  test("an upgrade is a request as others are", async () => {
    const upgrade = "Connection: upgrade\r\nUpgrade: websocket\r\n";
    const options = { until: "101" };
    expect((await say(rules, get("/v1/ws", "a.example", upgrade), options)).lost).toBeNull();
    expect((await say(rules, get("/v2/ws", "a.example", upgrade), options)).lost).toBe("EACCES");
  });

  test("the rule that denies is told", async () => {
    const most = [deny("http://a.example/admin"), allow("a.example")];
    expect(await say(most, get("/x"))).toMatchObject({ asked: ["GET a.example/x"], lost: null });
    const { lost, audit } = await say(most, get("/%61dmin"));
    expect(lost).toBe("EACCES");
    expect(audit.at(-1)).toMatchObject({ decision: "deny", rule: "network.rules[0]" });
    expect(audit.at(-1)?.resource).toContain("GET http://a.example/%61dmin denied by network.rules[0]");
  });

  test("a denial holds where another rule allows the address", async () => {
    const most = [deny("http://a.example/admin"), allow("*")];
    expect((await say(most, get("/admin"))).lost).toBe("EACCES");
    expect((await say(most, get("/x"))).asked).toEqual(["GET a.example/x"]);
  });

  test("other protocols need a rule that is about no requests", async () => {
    const options = { port: 5432, until: "HTTP/1.1 400" };
    expect((await say([allow("http://a.example:5432/v1")], "\0\0\0\x08", options)).lost).toBe("EACCES");
    const both = [allow("http://a.example:5432/v1"), allow("a.example:5432")];
    expect((await say(both, "\0\0\0\x08\r\n\r\n", options)).lost).not.toBe("EACCES");
  });
});

describe("https", () => {
  let runtime: Runtime;
  const audit: AuditEvent[] = [];
  const network = {
    rules: [
      deny("https://b.example/admin"),
      allow("GET https://a.example/v1/**", "https://b.example/**", "GET https://*:444/pub", "c.example"),
    ],
  };

  beforeAll(async () => {
    const outside = await Authority.make();
    const port = await listen(
      createHttpsServer({ SNICallback: (name, done) => done(null, outside.contextFor(name)) }, answer),
    );
    const authority = await Authority.make();
    const egress = new Egress({
      network: checkPermissions({ network }).network,
      loopbackPorts: [],
      limits,
      onAudit: (event) => audit.push(event),
      resolver: new FakeResolver(addresses),
      connector: () => connect({ port, host: "127.0.0.1", allowHalfOpen: true }),
      secrets: new Secrets([], authority, { ca: outside.certificate }),
    });
    runtime = await Runtime.start({ permissions: { network } }, async (options) => {
      const machine = await acquireMachine(options);
      const configure = machine.configure.bind(machine);
      machine.configure = (configuration) =>
        configure({ ...configuration, egress, certificate: authority.certificate });
      return machine;
    });
    closers.push(() => runtime.dispose());
  });

  async function run(code: string): Promise<unknown> {
    asked.length = 0;
    const result = (await runtime.call(code, {}, true)) as RunResult<unknown>;
    expect(result.stderr).toBe("");
    return result.value;
  }

  test("requests are judged one by one, and a refusal says which rule decided", async () => {
    const value = await run(`
      const ask = async (url, method = "GET") => {
        const response = await fetch(url, { method });
        return [response.status, (await response.text()).trim()];
      };
      __return([
        await ask("https://a.example/v1/x"),
        await ask("https://a.example/v1/x", "POST"),
        await ask("https://a.example/v2/x"),
        await ask("https://a.example/v1/..%2fv2"),
        await ask("https://b.example/x", "PUT"),
        await ask("https://b.example/%61dmin"),
      ]);
    `);
    expect(value).toEqual([
      [200, "answered"],
      [403, "POST https://a.example/v1/x denied by permissions.network"],
      [403, "GET https://a.example/v2/x denied by permissions.network"],
      [403, "GET https://a.example/v1/..%2fv2 denied by permissions.network"],
      [200, "answered"],
      [403, "GET https://b.example/%61dmin denied by network.rules[0]"],
    ]);
    expect(asked).toEqual(["GET a.example/v1/x", "PUT b.example/x"]);
    expect(audit).toContainEqual(
      expect.objectContaining({ decision: "deny", rule: "network.rules[0]", operation: "connect" }),
    );
    expect(audit).toContainEqual(
      expect.objectContaining({
        resource: "a.example: GET https://a.example/v2/x denied by permissions.network",
        decision: "deny",
        rule: null,
      }),
    );
  });

  test("a host that is allowed whole is spoken to end to end", async () => {
    const code = await run(`
      const error = await fetch("https://c.example/x").catch((error) => error.cause.code);
      __return(error);
    `);
    // The authority of the test is known to the broker alone.
    expect(code).toBe("UNABLE_TO_VERIFY_LEAF_SIGNATURE");
    expect(asked).toEqual([]);
  });

  test("a name that the address was not told for is not believed", async () => {
    const codes = await run(`
      import { connect } from "node:tls";
      import { lookup } from "node:dns/promises";
      const attempt = (servername) => new Promise((done) => {
        const socket = connect({ host: "${OTHER}", port: 444, servername });
        socket.on("error", (error) => done(error.code));
        socket.on("secureConnect", () => (done("open"), socket.destroy()));
      });
      const before = await attempt("d.example");
      await lookup("d.example");
      __return([before, await attempt("d.example"), await attempt("c.example")]);
    `);
    expect(codes).toEqual(["EACCES", "open", "EACCES"]);
  });
});
