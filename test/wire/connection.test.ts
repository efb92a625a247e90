import { createConnection, createServer, type Socket } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Duplex } from "node:stream";
import { afterEach, describe, expect, test } from "vitest";
import { MAX_CONTROL_BYTES, WINDOW_BYTES } from "../../src/wire/index.js";
import { KIND_CREDIT, KIND_DATA } from "../../src/wire/limits.js";
import { Collected, duplexPair, frame, Recorder, settle } from "./pair.js";

function connected(cut?: (bytes: Buffer) => Buffer[]): [Recorder, Recorder] {
  const [left, right] = duplexPair(cut);
  return [new Recorder(left), new Recorder(right)];
}

const sockets: Socket[] = [];
afterEach(() => {
  for (const socket of sockets.splice(0)) socket.destroy();
});

/** Two ends of a real socket. */
async function socketPair(): Promise<[Socket, Socket]> {
  const path = join(tmpdir(), `secure-exec-wire-${process.pid}-${Math.random().toString(36).slice(2)}`);
  const server = createServer();
  const accepted = new Promise<Socket>((resolve) => server.once("connection", resolve));
  await new Promise<void>((resolve) => server.listen(path, resolve));
  const left = createConnection(path);
  const right = await accepted;
  server.close();
  sockets.push(left, right);
  return [left, right];
}

describe("control", () => {
  test("comes in order, whole, whatever its size", async () => {
    const [left, right] = connected((bytes) => [bytes.subarray(0, 7), bytes.subarray(7)]);
    const text = "é".repeat(200_000);
    left.connection.send({ n: 1 });
    left.connection.send({ n: 2, text });
    left.connection.send({ n: 3 });
    await settle();
    expect(right.control).toEqual([{ n: 1 }, { n: 2, text }, { n: 3 }]);
    expect(right.breaches).toEqual([]);
  });

  test("that is too large throws at the sender and leaves the wire usable", async () => {
    const [left, right] = connected();
    expect(() => left.connection.send({ text: "x".repeat(MAX_CONTROL_BYTES) })).toThrow(RangeError);
    left.connection.send({ n: 1 });
    await settle();
    expect(right.control).toEqual([{ n: 1 }]);
  });

  test("that the owner refuses closes the connection, said once", async () => {
    const [left, right] = connected();
    left.connection.send([1] as never);
    const strict = right.connection;
    left.connection.send("text" as never);
    left.connection.send({ n: 1 });
    await settle();
    expect(right.breaches).toEqual(["not an object"]);
    expect(right.closed).toEqual([null]);
    expect(strict.closed).toBe(true);
    expect(left.closed.length).toBe(1);
  });
});

describe("streams", () => {
  test("carry bytes both ways and end", async () => {
    const [left, right] = connected((bytes) => [bytes.subarray(0, 20), bytes.subarray(20)]);
    const [there, back] = [new Collected(), new Collected()];
    right.connection.onIncoming(1, there);
    left.connection.onIncoming(2, back);
    const bytes = Buffer.alloc(1_000_000, "abc");
    const outgoing = left.connection.openOutgoing(1);
    expect(outgoing.write(bytes)).toBe(false);
    outgoing.end();
    right.connection.openOutgoing(2).end();
    await Promise.all([there.ended, back.ended]);
    expect(there.bytes().equals(bytes)).toBe(true);
    expect(back.length).toBe(0);
    expect(await outgoing.flushed()).toBe(true);
  });

  test("stop at the window until the reader consumes", async () => {
    const [left, right] = connected();
    const slow = new Collected(false);
    right.connection.onIncoming(1, slow);
    const outgoing = left.connection.openOutgoing(1);
    let drained = 0;
    outgoing.onDrain = () => drained++;
    outgoing.write(Buffer.alloc(WINDOW_BYTES + 10));
    outgoing.write(Buffer.alloc(10));
    const flushed = outgoing.flushed();
    await settle();
    expect(slow.length).toBe(WINDOW_BYTES);
    expect(outgoing.queued).toBe(20);
    expect(outgoing.credit).toBe(0);
    slow.release();
    expect(await flushed).toBe(true);
    await settle();
    expect(slow.length).toBe(WINDOW_BYTES + 20);
    expect(drained).toBe(1);
  });

  test("of which one is stuck don't hold back the others", async () => {
    const [left, right] = connected();
    const [stuck, free] = [new Collected(false), new Collected()];
    right.connection.onIncoming(1, stuck);
    right.connection.onIncoming(2, free);
    left.connection.openOutgoing(1).write(Buffer.alloc(4 * WINDOW_BYTES));
    left.connection.openOutgoing(2).write(Buffer.alloc(4 * WINDOW_BYTES));
    await settle(100);
    expect(stuck.length).toBe(WINDOW_BYTES);
    expect(free.length).toBe(4 * WINDOW_BYTES);
  });

  test("that nobody wants any more are dropped up to their end", async () => {
    const [left, right] = connected();
    const unwanted = new Collected();
    right.connection.onIncoming(1, unwanted);
    const outgoing = left.connection.openOutgoing(1);
    outgoing.write(Buffer.from("a"));
    await settle();
    right.connection.discardIncoming(1);
    outgoing.write(Buffer.alloc(2 * WINDOW_BYTES));
    await settle();
    expect(unwanted.length).toBe(1);
    expect(right.connection.expects(1)).toBe(true);
    const flushed = outgoing.flushed();
    outgoing.abort();
    expect(await flushed).toBe(false);
    await settle();
    expect(right.connection.expects(1)).toBe(false);
    expect(right.breaches).toEqual([]);
  });

  test("a reader that counts wrong never gives more than the window", async () => {
    const [left, right] = connected();
    let got = 0;
    right.connection.onIncoming(1, {
      data: (bytes, consumed) => {
        got += bytes.length;
        for (const wrong of [1e12, Number.NaN, -5, 0.5, Number.POSITIVE_INFINITY]) consumed(wrong);
      },
      end: () => undefined,
    });
    const outgoing = left.connection.openOutgoing(1);
    outgoing.write(Buffer.alloc(8 * WINDOW_BYTES));
    await settle(200);
    expect(got).toBe(8 * WINDOW_BYTES);
    expect(left.breaches).toEqual([]);
  });

  test("credit may cross the end of a stream", async () => {
    const [left, right] = connected();
    const slow = new Collected(false);
    right.connection.onIncoming(1, slow);
    const outgoing = left.connection.openOutgoing(1);
    outgoing.write(Buffer.alloc(WINDOW_BYTES));
    outgoing.write(Buffer.alloc(1));
    await settle();
    slow.release();
    outgoing.abort();
    await settle();
    expect(left.breaches).toEqual([]);
    expect(right.breaches).toEqual([]);
  });

  test("wait for a socket that the other side doesn't read, whatever credit it grants", async () => {
    let sent = 0;
    const deaf = new Duplex({
      read: () => undefined,
      // Never done: nobody reads.
      write: (chunk: Buffer) => {
        sent += chunk.length;
      },
      writev: (chunks) => {
        for (const { chunk } of chunks) sent += (chunk as Buffer).length;
      },
    });
    const end = new Recorder(deaf);
    const outgoing = end.connection.openOutgoing(1);
    outgoing.write(Buffer.alloc(4 * WINDOW_BYTES));
    await settle();
    const before = { waiting: deaf.writableLength, queued: outgoing.queued };
    const byte = Buffer.from([1, 0, 0, 0]);
    for (let sequence = 0; sequence < 1000; sequence++) deaf.push(frame(KIND_CREDIT, 1, sequence, byte));
    await settle();
    expect(end.breaches).toEqual([]);
    expect({ waiting: deaf.writableLength, queued: outgoing.queued }).toEqual(before);
    expect(sent).toBeLessThan(2 * WINDOW_BYTES);
    end.connection.close();
  });

  test("have a window that both sides know", async () => {
    const [host, machine] = connected();
    const window = 4 * WINDOW_BYTES;
    const reader = new Collected(false);
    machine.connection.onIncoming(1, reader, window);
    const outgoing = host.connection.openOutgoing(1, window);
    outgoing.write(Buffer.alloc(window + 1));
    while (outgoing.queued > 1) await settle();
    expect(reader.length).toBe(window);
    reader.release();
    while (outgoing.queued > 0) await settle();
    expect([reader.length, host.breaches, machine.breaches]).toEqual([window + 1, [], []]);
    machine.connection.onIncoming(2, new Collected(false));
    host.connection.openOutgoing(2, window).write(Buffer.alloc(WINDOW_BYTES + 1));
    while (machine.breaches.length === 0) await settle();
    expect(machine.breaches[0]).toMatch(/without credit/);
  });

  test("keep their bytes where the socket's memory is used again, but for readers that are done at once", async () => {
    const memory = Buffer.alloc(100);
    const duplex = new Duplex({ read: () => undefined, write: (_chunk, _encoding, done) => done() });
    const { connection } = new Recorder(duplex, true);
    const kept = new Collected();
    const borrowed = new Collected();
    connection.onIncoming(1, kept);
    connection.onIncoming(2, Object.assign(borrowed, { borrows: true }));
    for (const [sequence, stream] of [1, 2].entries()) {
      const bytes = frame(KIND_DATA, stream, sequence, Buffer.from("some"));
      memory.set(bytes);
      duplex.emit("data", memory.subarray(0, bytes.length));
      memory.fill("x");
    }
    expect([String(kept.bytes()), String(borrowed.bytes())]).toEqual(["some", "xxxx"]);
    connection.close();
  });

  test("nothing that is written after the end is sent", async () => {
    const [left, right] = connected();
    const reader = new Collected();
    right.connection.onIncoming(1, reader);
    const outgoing = left.connection.openOutgoing(1);
    outgoing.write(Buffer.from("a"));
    outgoing.end();
    outgoing.end();
    expect(await outgoing.flushed()).toBe(true);
    outgoing.write(Buffer.from("b"));
    expect(await outgoing.flushed()).toBe(false);
    await settle();
    expect(reader.bytes().toString()).toBe("a");
    expect(right.breaches).toEqual([]);
  });
});

describe("the end", () => {
  test("is told once, settles what waits, and lets nothing through", async () => {
    const [left, right] = connected();
    const outgoing = left.connection.openOutgoing(1);
    right.connection.onIncoming(1, new Collected(false));
    outgoing.write(Buffer.alloc(2 * WINDOW_BYTES));
    const flushed = outgoing.flushed();
    await settle();
    right.connection.close();
    right.connection.close();
    expect(await flushed).toBe(false);
    await settle();
    expect([left.closed.length, right.closed.length]).toEqual([1, 1]);
    left.connection.send({ n: 1 });
    expect(left.connection.openOutgoing(2).write(Buffer.from("x"))).toBe(true);
    expect(await left.connection.openOutgoing(3).flushed()).toBe(true);
    left.connection.onIncoming(4, new Collected());
    expect(left.connection.expects(4)).toBe(false);
  });

  test("half of a connection closes the other half", async () => {
    const [left, right] = await socketPair();
    const here = new Recorder(left);
    right.resume();
    right.end();
    await settle(50);
    expect(here.closed).toEqual([null]);
    expect(left.destroyed).toBe(true);
  });

  test("what was sent before the other side died is delivered although a write fails", async () => {
    const [left, right] = await socketPair();
    const reader = new Collected();
    const far = new Recorder(right);
    const outgoing = far.connection.openOutgoing(1);
    // The near side doesn't read yet: it writes first, to a socket that is gone.
    left.pause();
    outgoing.write(Buffer.alloc(100_000, "z"));
    far.connection.send({ last: "words" });
    await settle(10);
    right.destroy();
    await settle(10);
    const here = new Recorder(left);
    here.connection.onIncoming(1, reader);
    here.connection.send({ n: 1 });
    here.connection.send({ n: 2 });
    await settle(50);
    expect(reader.length).toBe(100_000);
    expect(here.control).toEqual([{ last: "words" }]);
    expect(here.closed.length).toBe(1);
  });

  test("leaves no frame half delivered as an error", async () => {
    const [left, right] = duplexPair();
    const here = new Recorder(right);
    left.write(Buffer.from([9, 0, 0, 0, 1, 1]));
    left.end();
    await settle();
    expect(here.breaches).toEqual([]);
    expect(here.closed).toEqual([null]);
  });
});

test("100 MiB go through a socket in little time and little memory", async () => {
  const [left, right] = await socketPair();
  const [sender, receiver] = [new Recorder(left), new Recorder(right)];
  const total = 100 * 1024 * 1024;
  let got = 0;
  const ended = new Promise<void>((resolve) => {
    receiver.connection.onIncoming(1, {
      data: (bytes, consumed) => {
        got += bytes.length;
        consumed(bytes.length);
      },
      end: resolve,
    });
  });
  const chunk = Buffer.alloc(64 * 1024, 1);
  const begun = performance.now();
  const outgoing = sender.connection.openOutgoing(1);
  let written = 0;
  const more = (): void => {
    while (written < total) {
      written += chunk.length;
      if (!outgoing.write(chunk)) return;
    }
    outgoing.end();
  };
  outgoing.onDrain = more;
  more();
  await ended;
  const taken = performance.now() - begun;
  console.log(`100 MiB in one process: ${taken.toFixed(0)} ms`);
  expect(got).toBe(total);
  // Both ends are in this one thread; generous, for a busy computer.
  expect(taken).toBeLessThan(3_000);
});
