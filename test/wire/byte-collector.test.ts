import { expect, test } from "vitest";
import { ByteCollector } from "../../src/wire/index.js";

test("keeps bytes in order, whatever their pieces", () => {
  const source = Buffer.from(Array.from({ length: 300_000 }, (_, index) => index % 251));
  const collector = new ByteCollector(1_000_000);
  for (let at = 0, size = 1; at < source.length; at += size, size = (size * 7 + 1) % 9973) {
    const piece = source.subarray(at, at + size);
    expect(collector.push(piece)).toBe(piece.length);
    if (size === 0) break;
  }
  expect(collector.bytes().equals(source.subarray(0, collector.length))).toBe(true);
});

test("stops at its limit", () => {
  const collector = new ByteCollector(10);
  expect(collector.push(Buffer.from("12345678"))).toBe(8);
  expect(collector.push(Buffer.from("9abc"))).toBe(2);
  expect(collector.push(Buffer.from("d"))).toBe(0);
  expect(collector.bytes().toString()).toBe("123456789a");
  expect(new ByteCollector(0).push(Buffer.from("x"))).toBe(0);
});

test("takes memory in proportion to the bytes, not the pieces", () => {
  const collector = new ByteCollector(1 << 20);
  const before = process.memoryUsage();
  for (let count = 0; count < 1 << 20; count++) collector.push(Uint8Array.of(count));
  const after = process.memoryUsage();
  expect(collector.length).toBe(1 << 20);
  expect(after.arrayBuffers - before.arrayBuffers).toBeLessThan(256 << 20);
});
