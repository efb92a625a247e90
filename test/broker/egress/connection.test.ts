import { once } from "node:events";
import { type AddressInfo, connect, createServer, type Server, type Socket } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { WINDOW_BYTES } from "../../../src/wire/index.js";
import { FakeResolver, OpenConnection, TestMachine } from "./machine.js";

const servers: Server[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) server.close();
});

/** A server on this computer, and its port. */
async function serve(accept: (socket: Socket) => void): Promise<number> {
  const server = createServer({ allowHalfOpen: true }, (socket) => {
    socket.on("error", () => undefined);
    accept(socket);
  });
  servers.push(server);
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  return (server.address() as AddressInfo).port;
}

/** Connects to a server of the test, whatever the address. */
const toServer = (port: number) => () => connect({ port, host: "127.0.0.1", allowHalfOpen: true });

const named = { rules: [{ mode: "allow" as const, patterns: ["a.example"] }] };

describe("a connection", () => {
  test("carries bytes and half-closes both ways", async () => {
    const port = await serve((socket) => {
      socket.on("data", (bytes) => socket.write(`<${bytes}>`));
      socket.on("end", () => socket.end("bye"));
    });
    const machine = new TestMachine({ rules: [{ mode: "allow", patterns: [`127.0.0.1:${port}`] }] });
    const open = await machine.open("127.0.0.1", port);
    open.write("one");
    await open.until("<one>");
    open.up.end();
    await open.ended;
    expect(open.received).toBe("<one>bye");
    expect(open.lost).toBeNull();
    expect(machine.audit).toMatchObject([{ decision: "allow", rule: "network.rules[0]" }]);
  });

  test("reaches the ports of the host's loopback that are lent, and no others", async () => {
    const port = await serve((socket) => socket.end("hello"));
    const machine = new TestMachine("deny", { loopbackPorts: [port] });
    const open = await machine.open("127.0.0.1", port);
    await open.ended;
    expect(open.received).toBe("hello");
    expect(await machine.connect("127.0.0.1", port === 1 ? 2 : port - 1)).toMatchObject({ code: "EACCES" });
    expect(await machine.connect("10.0.0.1", port)).toMatchObject({ code: "EACCES" });
    expect(machine.audit[0]).toMatchObject({ decision: "allow", rule: "loopbackExemptPorts" });
  });

  test("that is broken is told as broken", async () => {
    const port = await serve((socket) => socket.once("data", () => socket.resetAndDestroy()));
    const machine = new TestMachine("deny", { loopbackPorts: [port] });
    const open = await machine.open("127.0.0.1", port);
    open.write("x");
    await open.ended;
    expect(open.lost).toBe("ECONNRESET");
  });

  test("to a port where nobody listens fails as it does on the host", async () => {
    const port = await serve(() => undefined);
    servers.pop()?.close();
    const machine = new TestMachine("deny", { loopbackPorts: [port] });
    expect(await machine.connect("127.0.0.1", port)).toMatchObject({ code: "ECONNREFUSED", reason: null });
  });

  test("takes no more memory than a window, however fast the server writes", async () => {
    let server: Socket | null = null;
    const port = await serve((socket) => {
      server = socket;
      const chunk = Buffer.alloc(1024 * 1024);
      const write = (): void => {
        while (socket.write(chunk));
      };
      socket.on("drain", write);
      write();
    });
    const machine = new TestMachine("deny", { loopbackPorts: [port] });
    const open = await machine.open("127.0.0.1", port);
    open.reading = false;
    // What the sockets of the system hold is full when the server waits and nothing more comes.
    for (let before = -1; before !== open.bytes; ) {
      before = open.bytes;
      await new Promise((resolve) => setTimeout(resolve, 100));
    }
    expect(open.bytes).toBeLessThanOrEqual(WINDOW_BYTES);
    expect((server as unknown as Socket).writableNeedDrain).toBe(true);
    const stalled = open.bytes;
    open.reading = true;
    for (const consumed of open.unread) consumed();
    while (open.bytes <= stalled + 2 * WINDOW_BYTES) await new Promise((resolve) => setImmediate(resolve));
    machine.session.close();
  });

  test("is over when the machine hangs up, and what was sent still leaves", async () => {
    let received = "";
    let closed: Promise<unknown> | null = null;
    const port = await serve((socket) => {
      closed = once(socket, "close");
      socket.on("data", (bytes) => (received += bytes));
      socket.on("end", () => socket.end());
    });
    const machine = new TestMachine("deny", { loopbackPorts: [port], limits: { connections: 1 } });
    const open = await machine.open("127.0.0.1", port);
    expect(await machine.connect("127.0.0.1", port)).toMatchObject({ code: "EMFILE" });
    open.write("last words");
    open.up.end();
    machine.send({ type: "hangUp", id: 1 });
    await open.ended;
    await closed;
    expect(received).toBe("last words");
    while (!((await machine.connect("127.0.0.1", port)) instanceof OpenConnection));
    machine.session.close();
  });

  test("ends with the machine", async () => {
    let closed: Promise<unknown> | null = null;
    const port = await serve((socket) => {
      socket.resume();
      closed = once(socket, "close");
      socket.on("end", () => socket.end());
    });
    const machine = new TestMachine("deny", { loopbackPorts: [port] });
    await machine.open("127.0.0.1", port);
    machine.session.close();
    await closed;
  });

  test("is refused when all bytes have passed that may", async () => {
    const port = await serve((socket) => socket.end(Buffer.alloc(100_000)));
    const machine = new TestMachine("deny", { loopbackPorts: [port], limits: { networkBytes: 1000 } });
    const open = await machine.open("127.0.0.1", port);
    await open.ended;
    expect(open.lost).toBe("EACCES");
    expect(open.bytes).toBe(0);
    expect(await machine.connect("127.0.0.1", port)).toMatchObject({ reason: "limits.networkBytes" });
  });

  test("is as fast as the rate, both ways together", async () => {
    const port = await serve((socket) => socket.pipe(socket));
    const rate = 1024 * 1024;
    const machine = new TestMachine("deny", {
      loopbackPorts: [port],
      limits: { networkBytesPerSecond: rate },
    });
    const open = await machine.open("127.0.0.1", port);
    const begun = performance.now();
    open.write(Buffer.alloc(rate / 2));
    open.up.end();
    await open.ended;
    expect(open.bytes).toBe(rate / 2);
    // A quarter of a second's worth passes at once; being slower is no fault.
    expect(performance.now() - begun).toBeGreaterThan(600);
  });
});

describe("a connection that a name was allowed for", () => {
  async function open(accept: (socket: Socket) => void, remotePort = 80) {
    const port = await serve(accept);
    const resolver = new FakeResolver({ "a.example": ["93.184.216.34"] });
    const machine = new TestMachine(named, { resolver, connector: toServer(port) });
    await machine.resolve("a.example");
    return { machine, connection: await machine.open("93.184.216.34", remotePort) };
  }
  const echo = (socket: Socket): void => {
    let all = "";
    socket.on("data", (bytes) => (all += bytes));
    socket.on("end", () => socket.end(all));
  };

  test("shows the name in each of its requests", async () => {
    const { connection, machine } = await open(echo);
    const requests =
      "POST /x HTTP/1.1\r\nhost: A.example:80\r\nContent-Length: 5\r\n\r\nhello" +
      "PUT / HTTP/1.1\r\nHost: a.example\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\n\r\n";
    for (const byte of requests) connection.write(byte);
    connection.up.end();
    await connection.ended;
    expect(connection.received).toBe(requests);
    expect(machine.audit.filter(({ decision }) => decision === "deny")).toEqual([]);
  });

  test.each([
    ["another host", "GET / HTTP/1.1\r\nHost: b.example\r\n\r\n", "another host"],
    ["no host", "GET / HTTP/1.1\r\n\r\n", "no header Host"],
    ["two hosts", "GET / HTTP/1.1\r\nHost: a.example\r\nHost: b.example\r\n\r\n", "several"],
    ["another host in its target", "GET http://b.example/ HTTP/1.1\r\nHost: a.example\r\n\r\n", "two hosts"],
    ["another port", "GET / HTTP/1.1\r\nHost: a.example:22\r\n\r\n", "another port"],
    ["a wish for a tunnel", "CONNECT a.example:22 HTTP/1.1\r\nHost: a.example\r\n\r\n", "proxy"],
    ["a folded header", "GET / HTTP/1.1\r\nHost: a.example\r\n b.example\r\n\r\n", "malformed header"],
    ["a space before a colon", "GET / HTTP/1.1\r\nHost : a.example\r\n\r\n", "malformed header"],
    ["a bare line feed", "GET / HTTP/1.1\r\nX: y\nHost: b\r\nHost: a.example\r\n\r\n", "malformed header"],
    [
      "two lengths",
      "GET / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n",
      "how long",
    ],
    [
      "a length and chunks",
      "GET / HTTP/1.1\r\nHost: a.example\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
      "how long",
    ],
    ["HTTP/2", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n", "request line"],
    ["an upgrade to HTTP/2", "GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: h2c\r\n\r\n", "HTTP/2"],
    ["something else", "\0\0\0\bhello\r\n", "neither TLS nor HTTP"],
    ["old HTTP", "GET /\r\n", "neither TLS nor HTTP"],
  ])("is broken for %s", async (_, text, reason) => {
    const { connection, machine } = await open(echo);
    connection.write(text);
    await connection.ended;
    expect(connection.lost).toBe("EACCES");
    expect(machine.audit.at(-1)).toMatchObject({ decision: "deny", rule: "network.rules[0]" });
    expect(machine.audit.at(-1)?.resource).toContain(reason);
  });

  test("carries other protocols on ports that are not those of HTTP", async () => {
    const { connection } = await open(echo, 5432);
    connection.write("\0\0\0\bHTTP");
    connection.write("EHLO x\r\nGET / HTTP/1.1\r\n\r\n");
    connection.up.end();
    await connection.ended;
    expect(connection.received).toBe("\0\0\0\bHTTPEHLO x\r\nGET / HTTP/1.1\r\n\r\n");
  });

  test("is free after an upgrade, if the server agrees", async () => {
    const request = "GET / HTTP/1.1\r\nHost: a.example\r\nUpgrade: websocket\r\n\r\n";
    const agrees = await open((socket) => {
      socket.once("data", () => {
        socket.write("HTTP/1.1 101 Switching Protocols\r\n\r\n");
        socket.on("data", (bytes) => socket.end(`<${bytes}>`));
      });
    });
    agrees.connection.write(`${request}frames`);
    await agrees.connection.ended;
    expect(agrees.connection.received).toContain("<frames>");

    const declines = await open((socket) => {
      socket.once("data", () => socket.write("HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"));
    });
    declines.connection.write(request);
    await declines.connection.until("\r\n\r\n");
    declines.connection.write("GET / HTTP/1.1\r\nHost: b.example\r\n\r\n");
    await declines.connection.ended;
    expect(declines.connection.lost).toBe("EACCES");
  });
});

describe("a hostile machine", () => {
  const machine = () => new TestMachine("allow", { resolver: new FakeResolver({}) });

  test.each<[string, object[], string]>([
    [
      "a number twice",
      [
        { type: "connect", id: 1, address: "10.0.0.1", port: 1 },
        { type: "connect", id: 1, address: "10.0.0.1", port: 1 },
      ],
      "number of another",
    ],
    [
      "a question twice",
      [
        { type: "resolve", id: 2, kind: "A", name: "a", family: 0 },
        { type: "resolve", id: 1, kind: "A", name: "a", family: 0 },
      ],
      "number of another",
    ],
    ["the end of what it never asked for", [{ type: "hangUp", id: 1 }], "never asked for"],
    ["port 0", [{ type: "connect", id: 1, address: "10.0.0.1", port: 0 }], "port"],
    ["a long address", [{ type: "connect", id: 1, address: "1".repeat(46), port: 1 }], "address"],
    ["an unknown kind", [{ type: "resolve", id: 1, kind: "AXFR", name: "a", family: 0 }], "kind"],
    ["a long name", [{ type: "resolve", id: 1, kind: "A", name: "a".repeat(255), family: 0 }], "name"],
    [
      "a datagram's socket with the number of a connection",
      [
        { type: "connect", id: 2, address: "10.0.0.1", port: 1 },
        { type: "associate", id: 2, address: "10.0.0.1", port: 1 },
      ],
      "number of another",
    ],
    ["datagrams to port 0", [{ type: "associate", id: 1, address: "10.0.0.1", port: 0 }], "port"],
    [
      "more than there is to say",
      [{ type: "connect", id: 1, address: "10.0.0.1", port: 1, sni: "x" }],
      "sni",
    ],
  ])("is ended for %s", async (_, messages, reason) => {
    const hostile = machine();
    for (const message of messages) hostile.send(message);
    while (hostile.breach === null) await new Promise((resolve) => setImmediate(resolve));
    expect(hostile.breach).toContain(reason);
  });

  test("may hang up twice, and while it is connected", async () => {
    const port = await serve((socket) => socket.resume());
    const hasty = new TestMachine("deny", { loopbackPorts: [port], limits: { connections: 1 } });
    const attempt = hasty.connect("127.0.0.1", port);
    hasty.hangUp();
    hasty.hangUp();
    await hasty.resolve("a");
    expect(hasty.breach).toBeNull();
    hasty.session.close();
    void attempt;
  });

  test("asks no more questions than it may", async () => {
    const resolver = new FakeResolver({ "a.example": ["93.184.216.34"] });
    const curious = new TestMachine("allow", { resolver, limits: { dnsPerSecond: 5 } });
    const answers = await Promise.all(Array.from({ length: 50 }, () => curious.resolve("a.example")));
    expect(answers.filter(({ error }) => error === "EAI_AGAIN").length).toBeGreaterThan(40);
    expect(resolver.asked.length).toBeLessThan(10);
  });
});
