import fc from "fast-check";
import { expect, test } from "vitest";
import { KIND_CONTROL, KIND_CREDIT, KIND_DATA, KIND_END, WINDOW_BYTES } from "../../src/wire/limits.js";
import { parseMachineMessage } from "../../src/wire/validation.js";
import { Collected, duplexPair, frame, Recorder, settle } from "./pair.js";

const RUNS = 300;

/** Feeds bytes to a connection that expects stream 1 and writes stream 2; nothing may throw. */
async function feed(chunks: readonly Uint8Array[]): Promise<{ end: Recorder; reader: Collected }> {
  const [near, far] = duplexPair();
  far.on("error", () => undefined);
  far.resume();
  const end = new Recorder(near);
  const reader = new Collected(false);
  end.connection.onIncoming(1, reader);
  end.connection.openOutgoing(2).write(Buffer.alloc(WINDOW_BYTES + 100));
  for (const chunk of chunks) near.push(Buffer.from(chunk));
  await settle(4);
  return { end, reader };
}

function sound({ end, reader }: { end: Recorder; reader: Collected }): void {
  expect(end.breaches.length).toBeLessThanOrEqual(1);
  expect(end.connection.closed).toBe(end.breaches.length === 1);
  expect(end.closed.length).toBe(end.breaches.length);
  expect(reader.length).toBeLessThanOrEqual(WINDOW_BYTES);
  end.connection.close();
}

function cut(bytes: Buffer, places: number[]): Buffer[] {
  const sorted = [0, ...places.map((place) => place % (bytes.length + 1)), bytes.length].sort(
    (a, b) => a - b,
  );
  return sorted.slice(1).map((place, index) => bytes.subarray(sorted[index], place));
}

/** A valid conversation, and then some. */
const conversation = fc
  .array(
    fc.oneof(
      fc.record({ kind: fc.constant(KIND_CONTROL), json: fc.json() }),
      fc.record({ kind: fc.constant(KIND_DATA), data: fc.uint8Array({ minLength: 1, maxLength: 3000 }) }),
    ),
    { maxLength: 20 },
  )
  .map((items) => {
    const frames = items.map((item, index) =>
      "json" in item
        ? frame(KIND_CONTROL, 0, index, `{"value":${item.json}}`)
        : frame(KIND_DATA, 1, index, item.data),
    );
    frames.push(frame(KIND_CREDIT, 2, frames.length, Buffer.from([100, 0, 0, 0])));
    frames.push(frame(KIND_END, 1, frames.length));
    return Buffer.concat(frames);
  });

test("random bytes are at most one breach", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(fc.uint8Array({ maxLength: 200 }), { maxLength: 10 }), async (chunks) => {
      sound(await feed(chunks));
    }),
    { numRuns: RUNS },
  );
});

test("random headers are at most one breach", async () => {
  const header = fc.record({
    kind: fc.integer({ min: 0, max: 6 }),
    stream: fc.oneof(fc.constantFrom(0, 1, 2, 3), fc.nat()),
    payload: fc.uint8Array({ maxLength: 40 }),
    length: fc.option(fc.oneof(fc.nat(), fc.constantFrom(0, 4, 0xffff_ffff)), { nil: undefined, freq: 10 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(header, { maxLength: 30 }), async (headers) => {
      const frames = headers.map(({ kind, stream, payload, length }, index) =>
        frame(kind, stream, index, payload, length === undefined ? {} : { length }),
      );
      sound(await feed(frames));
    }),
    { numRuns: RUNS },
  );
});

test("a valid stream is valid however it is cut", async () => {
  await fc.assert(
    fc.asyncProperty(conversation, fc.array(fc.nat(), { maxLength: 30 }), async (bytes, places) => {
      const result = await feed(cut(bytes, places));
      expect(result.end.breaches).toEqual([]);
      sound(result);
    }),
    { numRuns: RUNS },
  );
});

test("a mutated valid stream is at most one breach", async () => {
  const mutation = fc.record({
    at: fc.nat(),
    kind: fc.constantFrom("flip", "drop", "insert", "repeat"),
    byte: fc.integer({ min: 0, max: 255 }),
    length: fc.integer({ min: 1, max: 64 }),
  });
  await fc.assert(
    fc.asyncProperty(
      conversation,
      fc.array(mutation, { minLength: 1, maxLength: 4 }),
      fc.array(fc.nat(), { maxLength: 5 }),
      async (bytes, mutations, places) => {
        let mutated = bytes;
        for (const { at, kind, byte, length } of mutations) {
          const place = at % (mutated.length + 1);
          const [before, after] = [mutated.subarray(0, place), mutated.subarray(place)];
          if (kind === "flip") mutated = Buffer.concat([before, Buffer.of(byte), after.subarray(1)]);
          else if (kind === "drop") mutated = Buffer.concat([before, after.subarray(length)]);
          else if (kind === "insert") mutated = Buffer.concat([before, Buffer.alloc(length, byte), after]);
          else mutated = Buffer.concat([before, after.subarray(0, length), after]);
        }
        sound(await feed(cut(mutated, places)));
      },
    ),
    { numRuns: RUNS },
  );
});

test("over-credit, unknown streams, ended streams and false credit are breaches", async () => {
  const window = Buffer.alloc(WINDOW_BYTES);
  const more = (bytes: number): Buffer => {
    const payload = Buffer.alloc(4);
    payload.writeUInt32LE(bytes);
    return payload;
  };
  const cases: [Buffer[], RegExp | null][] = [
    [[frame(KIND_DATA, 1, 0, window)], null],
    [[frame(KIND_DATA, 1, 0, window), frame(KIND_DATA, 1, 1, "x")], /without credit/],
    [[frame(KIND_DATA, 2, 0, "x")], /not open/],
    [[frame(KIND_END, 1, 0), frame(KIND_DATA, 1, 1, "x")], /not open/],
    [[frame(KIND_END, 1, 0), frame(KIND_END, 1, 1)], /not open/],
    [[frame(KIND_CREDIT, 2, 0, more(1))], null],
    [[frame(KIND_CREDIT, 2, 0, more(0))], /too much credit/],
    [[frame(KIND_CREDIT, 2, 0, more(WINDOW_BYTES + 1))], /too much credit/],
    [[frame(KIND_CREDIT, 2, 0, more(0xffff_ffff))], /too much credit/],
    [[frame(KIND_CREDIT, 3, 0, more(1))], /never open/],
    [[frame(KIND_CONTROL, 0, 0, "[".repeat(1_000_000))], /too deep/],
    [[frame(KIND_CONTROL, 0, 0, "{")], /not JSON/],
    [[frame(KIND_CONTROL, 0, 0, Buffer.of(0x22, 0xff, 0x22))], /not JSON/],
    [[frame(KIND_CONTROL, 0, 0, "1")], /not an object/],
  ];
  for (const [chunks, expected] of cases) {
    const result = await feed(chunks);
    if (expected === null) expect(result.end.breaches).toEqual([]);
    else expect(result.end.breaches.join()).toMatch(expected);
    sound(result);
  }
});

test("whatever JSON a machine sends is believed or named, never thrown", () => {
  const key = fc.constantFrom("type", "call", "pid", "exitCode", "error", "value", "disk", "__proto__", "x");
  const word = fc.constantFrom("ready", "exit", "fsResult", "stuck", "started", "pong", "constructor");
  const leaf = fc.oneof(fc.jsonValue(), word);
  fc.assert(
    fc.property(fc.oneof(leaf, fc.dictionary(key, leaf)), (value) => {
      const before = JSON.stringify(value);
      const message = parseMachineMessage(JSON.parse(before));
      if (typeof message !== "string") expect(JSON.stringify(message)).toBe(before);
      else expect(message.length).toBeLessThan(300);
    }),
    { numRuns: 2000 },
  );
});
