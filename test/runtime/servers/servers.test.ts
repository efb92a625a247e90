import { once } from "node:events";
import { createConnection, createServer } from "node:net";
import { text } from "node:stream/consumers";
import { type GuestProcess, GuestServerError, NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** A server that does what its path says, at port 3000, and others at further ports that don't speak HTTP. */
const program = `
  import http from "node:http"; import net from "node:net"; import { createHash } from "node:crypto";
  const server = http.createServer(async (request, response) => {
    response.on("error", () => {});
    const { pathname } = new URL(request.url, "http://x");
    if (pathname === "/echo") { response.writeHead(201, { "x-method": request.method, "set-cookie": ["a=1", "b=2"] }); request.pipe(response); }
    else if (pathname === "/headers") response.end(JSON.stringify(request.headers));
    else if (pathname === "/length") response.end(Buffer.alloc(Number(new URL(request.url, "http://x").searchParams.get("n")), "x"));
    else if (pathname === "/none") response.writeHead(204).end();
    else if (pathname === "/moved") response.writeHead(302, { location: "/echo" }).end();
    else if (pathname === "/half") { response.writeHead(200, { "content-length": 100 }); response.write("half"); response.socket.end(); }
    else if (pathname === "/exit") { response.writeHead(200, { "content-length": 100 }); response.write("half", () => process.exit()); }
    else if (pathname === "/silent") {}
    else if (pathname === "/busy") for (;;);
    else response.end(request.method + " " + request.url);
  });
  server.on("upgrade", (request, socket) => {
    const accept = createHash("sha1").update(request.headers["sec-websocket-key"] + "258EAFA5-E914-47DA-95CA-C5AB0DC85B11").digest("base64");
    socket.write("HTTP/1.1 101 Switching Protocols\\r\\nUpgrade: websocket\\r\\nConnection: Upgrade\\r\\nSec-WebSocket-Accept: " + accept + "\\r\\n\\r\\n");
    // Says what a client said, whose frames are masked.
    socket.on("data", (frame) => {
      if ((frame[0] & 15) !== 1) return socket.end();
      const length = frame[1] & 127, mask = frame.subarray(2, 6);
      const said = frame.subarray(6, 6 + length).map((byte, i) => byte ^ mask[i % 4]);
      socket.write(Buffer.concat([Buffer.from([129, length]), said]));
    });
    socket.on("error", () => {});
  });
  const say = (words) => (socket) => { socket.on("error", () => {}); socket.on("data", () => {}); words(socket); };
  const endless = (socket) => { const more = () => { while (!socket.destroyed && socket.write("x: " + "y".repeat(1000) + "\\r\\n")); }; socket.on("drain", more); socket.write("HTTP/1.1 200 OK\\r\\n"); more(); };
  const listen = (server, port, host) => new Promise((done) => server.listen(port, host, done));
  await listen(net.createServer({ allowHalfOpen: true }, (socket) => { socket.on("error", () => {}); socket.pipe(socket); }), 4000);
  await listen(net.createServer(say((socket) => socket.write("no such protocol\\r\\n\\r\\n"))), 4001);
  await listen(net.createServer(say(endless)), 4002);
  await listen(net.createServer(say((socket) => socket.end("HTTP/1.1 999 What\\r\\ncontent-length: 0\\r\\n\\r\\n"))), 4003);
  await listen(net.createServer(say((socket) => socket.end("HTTP/1.1 101 Yes\\r\\nupgrade: x\\r\\nconnection: upgrade\\r\\n\\r\\n"))), 4004);
  await listen(net.createServer(say((socket) => socket.write("six"))), 4006, "::1");
  await listen(server, 3000);
`;

let rt: NodeRuntime;
let server: GuestProcess;
beforeAll(async () => {
  // What leaves the machine is denied, as it is by default; and programs may not even talk to themselves.
  rt = await NodeRuntime.create({
    limits: { responseBytes: 100_000 },
    permissions: { network: { rules: [{ mode: "allow", operations: ["listen"] }] } },
  });
  server = await rt.spawn(program);
  await rt.waitForListener(3000, { timeout: 60_000 });
});
afterAll(() => rt.dispose());

const patience = { timeout: 60_000 };
const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

describe("fetch()", () => {
  test("has a whole answer", async () => {
    expect(await rt.fetch(3000, { ...patience, path: "/a?b=c" })).toMatchObject({
      status: 200,
      body: "GET /a?b=c",
    });
    const body = "a body, with ümläüts";
    const answer = await rt.fetch(3000, { ...patience, method: "POST", path: "/echo", body });
    expect(answer).toMatchObject({
      status: 201,
      body,
      headers: { "x-method": "POST", "set-cookie": "a=1, b=2" },
    });
  });

  test("sends the headers that it is given, and the host", async () => {
    const { body } = await rt.fetch(3000, {
      ...patience,
      path: "/headers",
      headers: { "X-One": "1", Accept: "*/*" },
    });
    expect(JSON.parse(body)).toEqual({
      host: "localhost:3000",
      "x-one": "1",
      accept: "*/*",
      connection: "close",
    });
  });

  test("follows no redirect", async () => {
    const { status, headers } = await rt.fetch(3000, { ...patience, path: "/moved" });
    expect({ status, to: headers["location"] }).toEqual({ status: 302, to: "/echo" });
  });

  test("names who listens where nobody does", async () => {
    const error = await failure(rt.fetch(5000));
    expect(error).toBeInstanceOf(GuestServerError);
    expect(error).toMatchObject({
      ...{ code: "ERR_SECURE_EXEC_GUEST_SERVER", reason: "refused", port: 5000 },
      message:
        "Nobody listens to port 5000. There are listeners at 3000, 4000, 4001, 4002, 4003, 4004, 4006.",
    });
  });

  test("bounds the body", async () => {
    expect((await rt.fetch(3000, { ...patience, path: "/length?n=100000" })).body).toHaveLength(100_000);
    expect(await failure(rt.fetch(3000, { ...patience, path: "/length?n=100001" }))).toMatchObject({
      reason: "size",
    });
  });

  test.each([
    [4001, "malformed", "is no HTTP"],
    [4002, "malformed", "headers"],
    [4004, "malformed", "another protocol"],
  ])("takes nothing but HTTP: port %i", async (port, reason, words) => {
    const error = await failure(rt.fetch(port, patience));
    expect(error).toMatchObject({ reason, port, message: expect.stringContaining(words) });
  });

  test("fails with an answer that is cut off", async () => {
    expect(await failure(rt.fetch(3000, { ...patience, path: "/half" }))).toMatchObject({
      reason: "reset",
      port: 3000,
    });
  });

  test("gives up in time and when it is aborted", async () => {
    const late = await failure(rt.fetch(3000, { path: "/silent", timeout: 50 }));
    expect(late).toMatchObject({
      reason: "timeout",
      message: "The server at port 3000 did not answer within 50 ms.",
    });
    const controller = new AbortController();
    const reason = new Error("enough");
    const aborted = failure(rt.fetch(3000, { path: "/silent", signal: controller.signal }));
    controller.abort(reason);
    expect(await aborted).toBe(reason);
    expect(await failure(rt.fetch(3000, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });

  test("refuses options that can't be used", async () => {
    expect(await failure(rt.fetch(0))).toMatchObject({ key: "port" });
    expect(await failure(rt.fetch(3000, { path: "x" }))).toMatchObject({ key: "path" });
    expect(await failure(rt.fetch(3000, { header: {} } as never))).toMatchObject({
      key: "header",
      nearest: "headers",
    });
    expect(await failure(rt.fetch(3000, { headers: { "a b": "c" } }))).toMatchObject({
      code: "ERR_INVALID_HTTP_TOKEN",
    });
    expect(await failure(rt.fetch(3000, { headers: { a: "b\r\nc: d" } }))).toMatchObject({
      code: "ERR_INVALID_CHAR",
    });
    expect(await failure(rt.fetch(3000, { path: "/a b" }))).toMatchObject({
      code: "ERR_UNESCAPED_CHARACTERS",
    });
  });
});

describe("fetchHandler()", () => {
  test("is a fetch whose bodies stream both ways", async () => {
    const fetch = rt.fetchHandler(3000);
    const { readable, writable } = new TransformStream<Uint8Array, Uint8Array>();
    const writer = writable.getWriter();
    // The answer begins before the question has ended.
    const asked = fetch("/echo", { method: "POST", body: readable, duplex: "half" } as RequestInit);
    void writer.write(Buffer.from("one"));
    const answer = await asked;
    expect({ status: answer.status, cookies: answer.headers.getSetCookie() }).toEqual({
      status: 201,
      cookies: ["a=1", "b=2"],
    });
    const reader = (answer.body as ReadableStream<Uint8Array>).getReader();
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe("one");
    void writer.write(Buffer.from("two"));
    expect(Buffer.from((await reader.read()).value as Uint8Array).toString()).toBe("two");
    await writer.close();
    expect((await reader.read()).done).toBe(true);
  });

  test("takes URLs and Requests, whatever their host", async () => {
    const fetch = rt.fetchHandler(3000);
    expect(await (await fetch(new URL("http://example.com/x"))).text()).toBe("GET /x");
    expect(await (await fetch(new Request("http://example.com/y", { method: "DELETE" }))).text()).toBe(
      "DELETE /y",
    );
    expect((await fetch("/length?n=3000000")).body).not.toBeNull();
    expect((await (await fetch("/length?n=3000000")).arrayBuffer()).byteLength).toBe(3_000_000);
    expect(await fetch("/none")).toMatchObject({ status: 204, body: null });
    expect((await fetch("/", { method: "HEAD" })).body).toBeNull();
  });

  test("fails as fetch() does, and the reader of a body that is cut off", async () => {
    expect(await failure(rt.fetchHandler(5000)("/"))).toMatchObject({ reason: "refused" });
    expect(await failure(rt.fetchHandler(4003)("/"))).toMatchObject({ reason: "malformed" });
    const answer = await rt.fetchHandler(3000)("/half");
    expect(await failure(answer.text())).toMatchObject({ reason: "reset" });
    const reason = new Error("enough");
    const controller = new AbortController();
    const aborted = failure(rt.fetchHandler(3000)("/silent", { signal: controller.signal }));
    controller.abort(reason);
    expect(await aborted).toBe(reason);
  });
});

describe("connect()", () => {
  test("has bytes both ways, and each end by itself", async () => {
    const connection = await rt.connect(4000);
    connection.end(Buffer.alloc(1_000_000, "z"));
    expect(await text(connection)).toBe("z".repeat(1_000_000));
  });

  test("reaches a server of IPv6 alone", async () => {
    const connection = await rt.connect(4006);
    expect(String((await once(connection, "data"))[0])).toBe("six");
    connection.destroy();
  });
});

describe("listeners", () => {
  test("are found by what is known of them", async () => {
    expect(await rt.findListener(3000)).toEqual({ port: 3000, address: "::", pid: server.pid });
    expect(await rt.findListener({ address: "::1" })).toMatchObject({ port: 4006 });
    expect(await rt.findListener({ pid: server.pid, port: 4000 })).toMatchObject({ port: 4000 });
    expect(await rt.findListener({ port: 3000, address: "::1" })).toBeUndefined();
    expect(await failure(rt.findListener({ prot: 1 } as never))).toMatchObject({
      key: "query.prot",
      nearest: "query.port",
    });
    expect(await failure(rt.findListener({ address: "localhost" }))).toMatchObject({ key: "query.address" });
  });

  test("are waited for", async () => {
    const waiting = rt.waitForListener(6000, patience);
    const other = await rt.spawn("import net from 'node:net'; net.createServer().listen(6000, '127.0.0.1')");
    expect(await waiting).toEqual({ port: 6000, address: "127.0.0.1", pid: other.pid });
    other.kill("SIGKILL");
    await other.wait();
    expect(await rt.findListener(6000)).toBeUndefined();
    expect(await failure(rt.waitForListener({ port: 6000 }, { timeout: 30 }))).toMatchObject({
      reason: "timeout",
      message: expect.stringContaining(
        "No server at port 6000 listened within 30 ms. There are listeners at 3000",
      ),
    });
    const reason = new Error("enough");
    expect(await failure(rt.waitForListener(6000, { signal: AbortSignal.abort(reason) }))).toBe(reason);
  });
});

describe("expose()", () => {
  test("leads from a port of the host to one of the guest", async () => {
    await using exposed = await rt.expose(3000);
    expect(exposed).toMatchObject({ host: "127.0.0.1", url: `http://127.0.0.1:${exposed.port}` });
    expect(await (await fetch(`${exposed.url}/page`)).text()).toBe("GET /page");
    const socket = createConnection(exposed.port, exposed.host);
    socket.end("GET /raw HTTP/1.1\r\nhost: x\r\nconnection: close\r\n\r\n");
    expect(await text(socket)).toContain("GET /raw");
  });

  test.runIf("WebSocket" in globalThis)("carries WebSockets", async () => {
    await using exposed = await rt.expose(3000);
    const socket = new WebSocket(exposed.url.replace("http", "ws"));
    await once(socket, "open");
    socket.send("hello");
    const [{ data }] = (await once(socket, "message")) as [MessageEvent];
    expect(data).toBe("hello");
    socket.close();
  });

  test("ends its connections as it closes, and those that nobody takes", async () => {
    const exposed = await rt.expose(4000);
    const socket = createConnection(exposed.port, exposed.host);
    socket.on("error", () => undefined);
    socket.write("x");
    await once(socket, "data");
    await exposed.close();
    await exposed.close();
    if (!socket.closed) await once(socket, "close");
    await using nobody = await rt.expose(5000);
    const refused = createConnection(nobody.port, nobody.host);
    refused.on("error", () => undefined).resume();
    await once(refused, "close");
  });

  test("says what the host says of its own ports", async () => {
    const taken = createServer().listen(0, "127.0.0.1");
    await once(taken, "listening");
    const { port } = taken.address() as { port: number };
    expect(await failure(rt.expose(3000, { port }))).toMatchObject({ code: "EADDRINUSE" });
    taken.close();
    expect(await failure(rt.expose(3000, { prot: 1 } as never))).toMatchObject({
      key: "prot",
      nearest: "port",
    });
  });
});

describe("a server that fails", () => {
  test("in the middle of its answer, or is busy, has its caller told", async () => {
    await using other = await NodeRuntime.create();
    const start = async () => {
      const process = await other.spawn(program);
      await other.waitForListener(3000, patience);
      return process;
    };
    const first = await start();
    expect(await failure(other.fetch(3000, { ...patience, path: "/exit" }))).toMatchObject({
      reason: "reset",
    });
    await first.wait();
    expect(await failure(other.fetch(3000))).toMatchObject({ reason: "refused" });
    await start();
    expect(await failure(other.fetch(3000, { path: "/busy", timeout: 100 }))).toMatchObject({
      reason: "timeout",
    });
    expect(await failure(other.fetch(3000, { timeout: 100 }))).toMatchObject({ reason: "timeout" });
  });

  test("with its machine, or its runtime", async () => {
    const other = await NodeRuntime.create();
    await other.spawn(program).then((process) => void process.wait().catch(() => undefined));
    await other.waitForListener(3000, patience);
    const exposed = await other.expose(3000);
    const pending = failure(other.fetch(3000, { ...patience, path: "/silent" }));
    const connection = await other.connect(4000);
    await other.dispose();
    expect(await pending).toBeInstanceOf(Error);
    if (!connection.closed) await once(connection, "close");
    expect(await failure(fetch(exposed.url))).toBeInstanceOf(Error);
    for (const call of [other.fetch(3000), other.connect(3000), other.findListener(3000), other.expose(3000)])
      expect(await failure(call)).toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
  });
});
