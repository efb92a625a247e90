import { text } from "node:stream/consumers";
import { describe, expect, test } from "vitest";
import type { GuestSocket } from "../../src/machine/guest-socket.js";
import { Inbound } from "../../src/machine/inbound.js";
import { Connection } from "../../src/wire/index.js";
import type { ConnectInMessage, HostMessage, MachineMessage } from "../../src/wire/messages.js";
import { Collected, duplexPair, type Message, Recorder, settle } from "../wire/pair.js";

const WINDOW = 256 * 1024;

/** The host's part, and a machine that says what a test has it say. */
function create() {
  const [left, right] = duplexPair();
  const machine = new Recorder(right);
  const breaches: string[] = [];
  const host = new Connection<HostMessage, MachineMessage>(left, {
    parse: (value) => value as MachineMessage,
    control: (message) => {
      const breach = inbound.hear(message as never);
      if (breach !== null) breaches.push(breach);
    },
    protocolError: (reason) => breaches.push(reason),
    closed: () => undefined,
  });
  let last = 0;
  const inbound = new Inbound(host, { call: () => ++last, stream: () => ++last });
  const say = async (message: Message) => {
    machine.connection.send(message);
    await settle();
  };
  return { inbound, machine, breaches, say };
}

async function connected() {
  const made = create();
  const { inbound, machine, say } = made;
  const sent = new Collected();
  machine.onControl = (message) => {
    if (message["type"] !== "connectIn") return;
    machine.connection.onIncoming((message as unknown as ConnectInMessage).streams.sent, sent);
  };
  const connecting = inbound.connect(3000);
  await settle();
  const { call, streams } = machine.control[0] as unknown as ConnectInMessage;
  const received = machine.connection.openOutgoing(streams.received);
  await say({ type: "connectedIn", call, error: null });
  return { ...made, call, sent, received, socket: (await connecting) as GuestSocket };
}

describe("a connection", () => {
  test("carries bytes both ways, each to its own end", async () => {
    const { socket, sent, received, inbound, say, call, breaches } = await connected();
    socket.end("to the server");
    received.write(Buffer.from("from "));
    received.write(Buffer.from("it"));
    received.end();
    expect(await text(socket)).toBe("from it");
    await sent.ended;
    expect(sent.bytes().toString()).toBe("to the server");
    await say({ type: "closedIn", call, error: null });
    expect({ size: inbound.size, breaches }).toEqual({ size: 0, breaches: [] });
  });

  test("that there isn't is a name", async () => {
    const { inbound, machine, say } = create();
    const connecting = inbound.connect(1);
    await settle();
    await say({ type: "connectedIn", call: machine.control[0]?.["call"], error: "ECONNREFUSED" });
    expect(await connecting).toBe("ECONNREFUSED");
    expect(inbound.size).toBe(0);
  });

  test("that isn't read stalls the machine at a window", async () => {
    const { received } = await connected();
    received.write(Buffer.alloc(4 * WINDOW));
    await settle();
    expect(received.queued).toBeGreaterThanOrEqual(2 * WINDOW);
  });

  test("that the host gives up is dropped, and the machine told once", async () => {
    const { socket, machine, received, breaches } = await connected();
    socket.destroy();
    received.write(Buffer.alloc(1000));
    await settle();
    socket.destroy();
    await settle();
    expect(machine.control.filter(({ type }) => type === "closeIn")).toHaveLength(1);
    expect(breaches).toEqual([]);
  });

  test("that ends with an error fails its reader", async () => {
    const { socket, received, say, call } = await connected();
    const failed = text(socket).catch((error: unknown) => error);
    received.end();
    await settle(2);
    await say({ type: "closedIn", call, error: "ECONNRESET" });
    expect(await failed).toSatisfy(
      (outcome) => outcome === "" || (outcome as { code?: string }).code === "ECONNRESET",
    );
    expect(socket.destroyed).toBe(true);
  });

  test("ends with the machine", async () => {
    const { socket, inbound } = await connected();
    const failed = text(socket).catch((error: unknown) => error);
    const pending = inbound.connect(2).catch((error: unknown) => error);
    const list = inbound.list(99).catch((error: unknown) => error);
    inbound.end({ reason: "crashed", signal: null, exitCode: 1, stderr: "", breach: null });
    const code = "ERR_SECURE_EXEC_MACHINE_EXITED";
    for (const outcome of [failed, pending, list]) expect(await outcome).toMatchObject({ code });
    expect(inbound.size).toBe(0);
  });
});

describe("a machine breaks the protocol that", () => {
  test.each([
    ["connects what nobody asked for", { type: "connectedIn", call: 77, error: null }],
    ["closes what nobody asked for", { type: "closedIn", call: 77, error: null }],
    ["lists what nobody asked for", { type: "listeners", call: 77, listeners: [] }],
  ])("%s", async (_, message) => {
    const { say, breaches } = create();
    await say(message);
    expect(breaches).toHaveLength(1);
  });

  test("connects twice", async () => {
    const { say, breaches, call } = await connected();
    await say({ type: "connectedIn", call, error: null });
    expect(breaches).toEqual([`call ${call} connected twice`]);
  });

  test("closes before it has connected", async () => {
    const { inbound, machine, say, breaches } = create();
    inbound.connect(1).catch(() => undefined);
    await settle();
    await say({ type: "closedIn", call: machine.control[0]?.["call"], error: null });
    expect(breaches).toHaveLength(1);
  });

  test("closes before the end of its stream", async () => {
    const { say, breaches, call } = await connected();
    await say({ type: "closedIn", call, error: null });
    expect(breaches).toEqual([`call ${call} closed before the end of its stream`]);
  });

  test("sends more than it was granted", async () => {
    const { machine, received, breaches } = await connected();
    const { id } = received;
    // Another writer of the same stream knows nothing of the first one's credit.
    machine.connection.openOutgoing(id).write(Buffer.alloc(WINDOW));
    machine.connection.openOutgoing(id).write(Buffer.alloc(WINDOW));
    await settle();
    expect(breaches).toEqual([`data on stream ${id} without credit`]);
  });
});
