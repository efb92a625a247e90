import { describe, expect, test } from "vitest";
import { encodeEntry, type InventoryEntry, InventoryReader } from "../../src/wire/inventory.js";

const entry: InventoryEntry = {
  path: "/home/ä",
  mode: 0o100644,
  uid: 1000,
  gid: 100,
  size: 2 ** 40,
  digest: "\u00ff".repeat(32),
};

function read(...pieces: Uint8Array[]): { entries: InventoryEntry[]; wrong: string | null; whole: boolean } {
  const reader = new InventoryReader();
  const entries: InventoryEntry[] = [];
  let wrong: string | null = null;
  for (const piece of pieces) wrong ??= reader.push(piece, (one) => entries.push(one));
  return { entries, wrong, whole: reader.whole };
}

test("entries come as they were told, however they are cut", () => {
  const bytes = Buffer.concat([encodeEntry(entry), encodeEntry({ ...entry, path: "/b" })]);
  const whole = read(bytes);
  expect(whole).toEqual({ entries: [entry, { ...entry, path: "/b" }], wrong: null, whole: true });
  expect(read(...[...bytes].map((byte) => Uint8Array.of(byte)))).toEqual(whole);
});

test("an entry that is cut off is not whole", () => {
  expect(read(encodeEntry(entry).subarray(0, -1))).toEqual({ entries: [], wrong: null, whole: false });
});

describe("what no disk has is not believed", () => {
  const paths = ["", "relative", "/", "//a", "/a/", "/a/../b", "/./a", "/a\0b", `/${"n".repeat(4095)}`];
  test.each(paths)("the path %j", (path) => {
    expect(read(encodeEntry({ ...entry, path })).wrong).not.toBe(null);
  });

  test.each([-1, 0.5, Number.NaN, Number.POSITIVE_INFINITY, 2 ** 60])("the size %d", (size) => {
    expect(read(encodeEntry({ ...entry, size })).wrong).not.toBe(null);
  });

  test("a path that is no text", () => {
    const bytes = encodeEntry(entry);
    bytes[bytes.length - 1] = 0xff;
    expect(read(bytes).wrong).not.toBe(null);
  });

  test("a length that would take memory", () => {
    const bytes = encodeEntry(entry);
    bytes.writeUInt32LE(0xffff_ffff, 12);
    expect(read(bytes).wrong).not.toBe(null);
  });
});
