import { createSocket, type Socket } from "node:dgram";
import { once } from "node:events";
import { NodeRuntime } from "secure-exec";
import { afterEach, describe, expect, test } from "vitest";
import type { NetworkRule } from "../../../src/policy/permissions.js";
import type { RunResult } from "../../../src/runtime/result.js";
import { DatagramReader, frameDatagram, WINDOW_BYTES } from "../../../src/wire/index.js";
import { startRuntime } from "./guest.js";
import { FakeResolver, TestMachine } from "./machine.js";

const closers: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closers.splice(0)) await close();
});

/** A server on the loopback that sends back what it gets, and whom it got something from. */
async function echo(): Promise<{ port: number; server: Socket; senders: Set<number> }> {
  const server = createSocket("udp4");
  const senders = new Set<number>();
  server.on("message", (datagram, { port, address }) => {
    senders.add(port);
    server.send(datagram, port, address);
  });
  server.bind(0, "127.0.0.1");
  await once(server, "listening");
  closers.push(() => server.close());
  return { port: server.address().port, server, senders };
}

const allow = (...patterns: string[]): { rules: NetworkRule[] } => ({
  rules: [{ mode: "allow", operations: ["udp", "dns"], patterns }],
});

/** In a guest. */
const helpers = `
  import dgram from "node:dgram";
  import { once } from "node:events";
  const send = (socket, bytes, ...to) => new Promise((done) =>
    socket.send(bytes, ...to, (error, count) => done(error === null ? count : error.message)));
`;

async function run(options: Parameters<typeof NodeRuntime.create>[0], code: string): Promise<unknown> {
  const runtime = await NodeRuntime.create(options);
  closers.push(() => runtime.dispose());
  const { value, stderr } = await runtime.run(`${helpers}\n${code}`);
  expect(stderr).toBe("");
  return value;
}

test("datagrams go to an address that a rule names, and come back", async () => {
  const { port, senders } = await echo();
  const code = `
    const socket = dgram.createSocket("udp4");
    const sizes = [1, 0, 60_000];
    const back = [];
    for (const size of sizes) {
      const answered = once(socket, "message");
      await send(socket, Buffer.alloc(size, "x"), ${port}, "127.0.0.1");
      const [datagram, { address, port, family }] = await answered;
      back.push([datagram.length, address, port, family]);
    }
    socket.close();
    const connected = dgram.createSocket("udp4");
    connected.connect(${port}, "127.0.0.1");
    await once(connected, "connect");
    const answered = once(connected, "message");
    const count = await send(connected, "hello");
    const [text] = await answered;
    connected.close();
    __return([back, count, String(text)]);
  `;
  const from = ["127.0.0.1", port, "IPv4"];
  expect(await run({ permissions: { network: allow(`127.0.0.1:${port}`) } }, code)).toEqual([
    [1, 0, 60_000].map((size) => [size, ...from]),
    5,
    "hello",
  ]);
  // A socket of the guest's is one of the host's for each address.
  expect(senders.size).toBe(2);
});

test("all other addresses are refused at once, with the rule that decided", async () => {
  const { port, senders } = await echo();
  const events: string[] = [];
  const code = `
    const four = dgram.createSocket("udp4");
    const six = dgram.createSocket("udp6");
    const silent = dgram.createSocket("udp4");
    silent.send("x", 53, "203.0.113.1");
    const connected = dgram.createSocket("udp4");
    connected.connect(53, "203.0.113.1");
    await once(connected, "connect");
    __return([
      await send(four, "x", 53, "198.51.100.1"), await send(four, "x", 53, "169.254.169.254"),
      await send(four, "x", 5353, "224.0.0.251"), await send(four, "x", 9, "255.255.255.255"),
      await send(six, "x", 53, "2001:db8::1"), await send(connected, "x"),
      await send(four, "x", ${port}, "127.0.0.1"), await send(four, "x", 53, "denied.example"),
    ]);
    for (const socket of [four, six, silent, connected]) socket.close();
  `;
  const network = {
    rules: [{ mode: "deny" as const, patterns: ["198.51.100.0/24"] }, ...allow("192.0.2.1").rules],
  };
  const onAudit = ({
    operation,
    resource,
    decision,
  }: {
    operation: string;
    resource: string;
    decision: string;
  }) => events.push(`${decision} ${operation} ${resource}`);
  const reserved = "which only a rule that names it allows";
  expect(await run({ permissions: { network }, onAudit }, code)).toEqual([
    "send EACCES 198.51.100.1:53 (denied by network.rules[0])",
    `send EACCES 169.254.169.254:53 (169.254.169.254 is a link-local address, ${reserved})`,
    `send EACCES 224.0.0.251:5353 (224.0.0.251 is a multicast address, ${reserved})`,
    `send EACCES 255.255.255.255:9 (255.255.255.255 is a broadcast address, ${reserved})`,
    `send EACCES 2001:db8::1:53 (2001:db8::1 is a reserved address, ${reserved})`,
    expect.stringMatching(/^send EACCES/u),
    1,
    "getaddrinfo EACCES denied.example (denied by permissions.network)",
  ]);
  expect(events).toContain("deny udp 198.51.100.1:53");
  expect(senders.size).toBe(0);
});

test("a name allows the addresses that it has, but not where a protocol would show it", async () => {
  const { port } = await echo();
  const remotes: string[] = [];
  const resolver = new FakeResolver({ "a.example": ["93.184.216.34"] });
  const runtime = await startRuntime(allow("a.example"), {
    resolver,
    datagramConnector: (remote) => {
      remotes.push(`${remote.address}:${remote.port}`);
      const socket = createSocket("udp4").unref();
      socket.connect(port, "127.0.0.1");
      return socket;
    },
  });
  closers.push(() => runtime.dispose());
  const code = `${helpers}
    const socket = dgram.createSocket("udp4");
    const before = await send(socket, "x", 53, "93.184.216.34");
    const answered = once(socket, "message");
    const byName = await send(socket, "x", 53, "a.example");
    const [, { address, port }] = await answered;
    const after = [await send(socket, "x", 443, "a.example"), await send(socket, "x", 80, "93.184.216.34")];
    socket.close();
    __return([before, byName, address, port, ...after]);
  `;
  const { value } = (await runtime.call(code, {}, true)) as RunResult<unknown>;
  expect(value).toEqual([
    "send EACCES 93.184.216.34:53 (denied by permissions.network)",
    1,
    "93.184.216.34",
    53,
    "send EACCES a.example:443 (datagrams to port 443 show no name)",
    "send EACCES 93.184.216.34:80 (datagrams to port 80 show no name)",
  ]);
  expect(remotes).toEqual(["93.184.216.34:53"]);
});

test("only the address that was sent to is heard, and nobody after the socket is closed", async () => {
  const { port, senders } = await echo();
  const stranger = createSocket("udp4").bind(0, "127.0.0.1");
  await once(stranger, "listening");
  closers.push(() => stranger.close());
  const runtime = await NodeRuntime.create({
    permissions: { network: allow(`127.0.0.1:${port}`) },
    limits: { connections: 1 },
  });
  closers.push(() => runtime.dispose());
  const guest = await runtime.spawn(`${helpers}
    const socket = dgram.createSocket("udp4").on("message", (datagram) => console.log("heard " + datagram));
    await send(socket, "first", ${port}, "127.0.0.1");
    await once(process.stdin, "data");
    await send(socket, "second", ${port}, "127.0.0.1");
    await once(process.stdin, "data");
    socket.close();
    const next = dgram.createSocket("udp4");
    // There is one place for all: it is free when the host has heard of the end.
    while ((await send(next, "third", ${port}, "127.0.0.1")) !== 5);
    next.close();
    process.stdin.destroy();
  `);
  let output = "";
  for await (const text of guest.stdout) {
    output += text;
    if (output === "heard first\n") {
      const [own] = senders;
      await new Promise((sent) => stranger.send("stranger", own as number, "127.0.0.1", sent));
      await guest.writeStdin("go");
    } else if (output.endsWith("second\n")) await guest.writeStdin("go");
  }
  expect(output).toBe("heard first\nheard second\n");
  expect((await guest.wait()).exitCode).toBe(0);
});

describe("limits", () => {
  test("of bytes hold for datagrams, also for empty ones", async () => {
    const { port } = await echo();
    const machine = new TestMachine(allow(`127.0.0.1:${port}`), { limits: { networkBytes: 1000 } });
    closers.push(() => machine.session.close());
    const open = await machine.associate("127.0.0.1", port);
    for (let i = 0; i < 40; i++) open.write(frameDatagram(new Uint8Array(0)));
    await open.ended;
    expect(machine.audit.at(-1)).toMatchObject({ operation: "udp", decision: "deny" });
    expect(await machine.associate("127.0.0.1", port).catch(String)).toContain("limits.networkBytes");
  });

  test("of connections hold for associations", async () => {
    const { port } = await echo();
    const machine = new TestMachine(allow(`127.0.0.1:${port}`), { limits: { connections: 2 } });
    closers.push(() => machine.session.close());
    await machine.associate("127.0.0.1", port);
    await machine.associate("127.0.0.1", port);
    expect(await machine.associate("127.0.0.1", port).catch(String)).toContain("EMFILE");
    machine.hangUp(2);
    const third = await machine.associate("127.0.0.1", port);
    third.write(frameDatagram(Buffer.from("x")));
    await third.until("x");
  });

  test("of what waits: datagrams that the machine doesn't read are lost", async () => {
    const { port } = await echo();
    const sockets: Socket[] = [];
    const machine = new TestMachine(allow(`127.0.0.1:${port}`), {
      datagramConnector: () => {
        const socket = createSocket("udp4").unref();
        socket.connect(port, "127.0.0.1");
        sockets.push(socket);
        return socket;
      },
    });
    const open = await machine.associate("127.0.0.1", port);
    open.reading = false;
    const flood = (count: number) => {
      for (let i = 0; i < count; i++) sockets[0]?.emit("message", Buffer.alloc(60_000));
    };
    // All that may come without being read, and not a byte more, however much there is.
    while (open.bytes < WINDOW_BYTES) {
      flood(1);
      await new Promise((resolve) => setImmediate(resolve));
    }
    flood(100);
    for (const read of open.unread) read();
    open.reading = true;
    while (!open.received.includes("last")) {
      sockets[0]?.emit("message", Buffer.from("last"));
      await new Promise((resolve) => setImmediate(resolve));
    }
    expect(open.bytes).toBeLessThan(2 * WINDOW_BYTES + 70_000);
  });
});

test.each([1, 2, 3, 1000])("datagrams are whole, in pieces of %i too", (size) => {
  const datagrams = [Buffer.from("abc"), Buffer.alloc(0), Buffer.alloc(700, "x"), Buffer.from("z")];
  const stream = Buffer.concat(datagrams.map((datagram) => frameDatagram(datagram)));
  const reader = new DatagramReader();
  const found: Uint8Array[] = [];
  for (let at = 0; at < stream.length; at += size) found.push(...reader.push(stream.subarray(at, at + size)));
  expect(found.map((datagram) => Buffer.from(datagram).toString())).toEqual(datagrams.map(String));
});
