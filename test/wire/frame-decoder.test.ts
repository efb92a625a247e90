import { describe, expect, test } from "vitest";
import { FrameDecoder, type FrameSink } from "../../src/wire/frame-decoder.js";
import {
  KIND_CONTROL,
  KIND_CREDIT,
  KIND_DATA,
  KIND_END,
  MAX_CONTROL_BYTES,
  MAX_DATA_BYTES,
} from "../../src/wire/limits.js";
import { frame } from "./pair.js";

class Log implements FrameSink {
  readonly events: string[] = [];
  readonly pieces: Uint8Array[] = [];

  control(json: Uint8Array): string | null {
    this.events.push(`control ${Buffer.from(json).toString()}`);
    return null;
  }

  dataBegins(stream: number, length: number): string | null {
    this.events.push(`data ${stream} ${length}`);
    return stream === 13 ? "not 13" : null;
  }

  data(_stream: number, bytes: Uint8Array): void {
    this.pieces.push(bytes);
  }

  end(stream: number): string | null {
    this.events.push(`end ${stream}`);
    return null;
  }

  credit(stream: number, bytes: number): string | null {
    this.events.push(`credit ${stream} ${bytes}`);
    return null;
  }
}

const credit = Buffer.from([1, 2, 3, 0x80]);
const valid = Buffer.concat([
  frame(KIND_CONTROL, 0, 0, '{"a":1}'),
  frame(KIND_DATA, 7, 1, "hello"),
  frame(KIND_CREDIT, 4_000_000_000, 2, credit),
  frame(KIND_END, 7, 3),
  frame(KIND_CONTROL, 0, 4, "[]"),
]);
const meaning = [
  'control {"a":1}',
  "data 7 5",
  `credit 4000000000 ${credit.readUInt32LE(0)}`,
  "end 7",
  "control []",
];

test("frames mean the same wherever they are cut", () => {
  for (let first = 0; first <= valid.length; first++) {
    for (let second = first; second <= valid.length; second += 3) {
      const log = new Log();
      const decoder = new FrameDecoder(log);
      for (const piece of [valid.subarray(0, first), valid.subarray(first, second), valid.subarray(second)]) {
        expect(decoder.push(piece)).toBe(null);
      }
      expect(log.events).toEqual(meaning);
      expect(Buffer.concat(log.pieces).toString()).toBe("hello");
    }
  }
});

test("frames mean the same byte by byte", () => {
  const log = new Log();
  const decoder = new FrameDecoder(log);
  for (const byte of valid) expect(decoder.push(Uint8Array.of(byte))).toBe(null);
  expect(log.events).toEqual(meaning);
});

test("data is handed on without a copy", () => {
  const log = new Log();
  const chunk = frame(KIND_DATA, 1, 0, Buffer.alloc(1000));
  new FrameDecoder(log).push(chunk);
  expect(log.pieces[0]?.buffer).toBe(chunk.buffer);
});

describe("a breach is named, at the header, and ends the decoding", () => {
  const cases: [string, Buffer, RegExp][] = [
    ["another version", frame(KIND_CONTROL, 0, 0, "{}", { version: 2 }), /version 2/],
    ["reserved bytes", frame(KIND_CONTROL, 0, 0, "{}", { reserved: 256 }), /reserved/],
    ["an unknown kind", frame(5, 0, 0, "{}"), /kind 5/],
    ["kind zero", frame(0, 0, 0), /kind 0/],
    ["an empty control message", frame(KIND_CONTROL, 0, 0), /empty/],
    ["a large control message", frame(KIND_CONTROL, 0, 0, "", { length: MAX_CONTROL_BYTES + 1 }), /bytes/],
    ["the largest length", frame(KIND_CONTROL, 0, 0, "", { length: 0xffff_ffff }), /4294967295 bytes/],
    ["a control message on a stream", frame(KIND_CONTROL, 1, 0, "{}"), /stream 1/],
    ["data on no stream", frame(KIND_DATA, 0, 0, "x"), /stream 0/],
    ["large data", frame(KIND_DATA, 1, 0, "", { length: MAX_DATA_BYTES + 1 }), /bytes/],
    ["no data", frame(KIND_DATA, 1, 0), /without data/],
    ["an end with bytes", frame(KIND_END, 1, 0, "x"), /end frame of 1/],
    ["an end of no stream", frame(KIND_END, 0, 0), /stream 0/],
    ["a short credit", frame(KIND_CREDIT, 1, 0, "abc"), /credit frame of 3/],
    ["a long credit", frame(KIND_CREDIT, 1, 0, "abcde"), /credit frame of 5/],
    ["a frame out of order", frame(KIND_END, 1, 1), /frame 1 in place of 0/],
    ["data that the sink refuses", frame(KIND_DATA, 13, 0, "x"), /not 13/],
  ];
  for (const [name, bytes, expected] of cases) {
    test(name, () => {
      const log = new Log();
      const decoder = new FrameDecoder(log);
      expect(decoder.push(bytes.subarray(0, 15))).toBe(null);
      expect(decoder.push(bytes.subarray(15, 16))).toMatch(expected);
      log.events.length = 0;
      expect(decoder.push(valid)).toBe(null);
      expect(log.events).toEqual([]);
      expect(log.pieces).toEqual([]);
    });
  }
});

test("sequence numbers count every frame and may not be repeated", () => {
  const decoder = new FrameDecoder(new Log());
  expect(decoder.push(frame(KIND_END, 1, 0))).toBe(null);
  expect(decoder.push(frame(KIND_END, 2, 0))).toMatch(/frame 0 in place of 1/);
});

test("a control message in tiny pieces takes memory once and time in proportion", () => {
  const length = MAX_CONTROL_BYTES;
  const bytes = frame(KIND_CONTROL, 0, 0, Buffer.alloc(length, 0x20));
  const log = new Log();
  log.control = (json) => {
    expect(json.length).toBe(length);
    return null;
  };
  const decoder = new FrameDecoder(log);
  const before = process.memoryUsage().arrayBuffers;
  const begun = performance.now();
  for (let at = 0; at < bytes.length; at += 8) decoder.push(bytes.subarray(at, at + 8));
  expect(performance.now() - begun).toBeLessThan(2_000);
  expect(process.memoryUsage().arrayBuffers - before).toBeLessThan(8 * length);
});
