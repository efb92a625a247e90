import { createHash } from "node:crypto";
import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { InvalidOptionError } from "../../../src/errors/invalid-option-error.js";
import { SnapshotError } from "../../../src/errors/snapshot-error.js";
import { decodeSnapshot, encodeSnapshot } from "../../../src/runtime/snapshot/format.js";
import { PIECE_BYTES, PieceMap } from "../../../src/runtime/snapshot/piece-map.js";
import { Snapshot } from "../../../src/runtime/snapshot/snapshot.js";

const MiB = 1024 * 1024;
const diskSize = 20 * PIECE_BYTES;

function content(bits = [0b1001, 0, 0b1000]) {
  const map = PieceMap.of(Uint8Array.from(bits), diskSize) as PieceMap;
  const image = Buffer.alloc(map.byteLength, "image");
  const env = Object.fromEntries([
    ["A", "1"],
    ["PATH", undefined],
    ["__proto__", "own"],
  ]);
  return { description: { diskSize, diskBytes: MiB, inodes: 64, cwd: "/home", env }, map, image };
}

/** With a checksum that is right. */
function sealed(bytes: Buffer): Buffer {
  const hash = createHash("sha256").update(bytes.subarray(0, 24)).update(bytes.subarray(56));
  return Buffer.concat([bytes.subarray(0, 24), hash.digest(), bytes.subarray(56)]);
}

function withDescription(change: (description: Record<string, unknown>) => unknown): Buffer {
  const bytes = encodeSnapshot(content());
  const end = 56 + bytes.readUInt32LE(12);
  const described: unknown = change(JSON.parse(bytes.toString("utf8", 56, end)));
  const json = Buffer.from(typeof described === "string" ? described : JSON.stringify(described));
  const changed = Buffer.concat([bytes.subarray(0, 56), json, bytes.subarray(end)]);
  changed.writeUInt32LE(json.length, 12);
  changed.writeBigUInt64LE(BigInt(changed.length), 16);
  return sealed(changed);
}

function problemOf(bytes: Uint8Array): string {
  try {
    Snapshot.fromBuffer(bytes);
    return "none";
  } catch (error) {
    if (error instanceof SnapshotError) return error.problem;
    throw error;
  }
}

describe("a snapshot as bytes", () => {
  test("is what it was made of", () => {
    const made = content();
    const read = decodeSnapshot(encodeSnapshot(made));
    expect(read.description).toEqual(made.description);
    expect(Object.hasOwn(read.description.env, "__proto__")).toBe(true);
    expect(Object.hasOwn(read.description.env, "PATH")).toBe(true);
    expect([...read.map.bits]).toEqual([...made.map.bits]);
    expect(Buffer.from(read.image).equals(made.image)).toBe(true);
  });

  test("is copied in and out", () => {
    const bytes = encodeSnapshot(content());
    const snapshot = Snapshot.fromBuffer(bytes);
    const before = snapshot.toBuffer();
    bytes.fill(0);
    before.fill(0);
    expect(problemOf(snapshot.toBuffer())).toBe("none");
    expect(snapshot.size).toBe(3 * PIECE_BYTES + 3);
  });

  test("that is cut short anywhere is refused", () => {
    const bytes = encodeSnapshot(content());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length - 1 }), (length) => {
        expect(problemOf(bytes.subarray(0, length))).toBe(length < 8 ? "foreign" : "truncated");
      }),
    );
  });

  test("of which a bit has changed is refused", () => {
    const bytes = encodeSnapshot(content());
    fc.assert(
      fc.property(fc.integer({ min: 0, max: bytes.length * 8 - 1 }), (bit) => {
        const changed = Buffer.from(bytes);
        changed[bit >>> 3] = (changed[bit >>> 3] as number) ^ (1 << (bit & 7));
        expect(problemOf(changed)).not.toBe("none");
      }),
    );
  });

  test("with more behind it is refused, and so is anything else", () => {
    const bytes = encodeSnapshot(content());
    expect(problemOf(Buffer.concat([bytes, Buffer.of(0)]))).toBe("damaged");
    expect(problemOf(Buffer.alloc(0))).toBe("foreign");
    expect(problemOf(Buffer.alloc(1000, "text"))).toBe("foreign");
    expect(() => Snapshot.fromBuffer("text" as never)).toThrow(InvalidOptionError);
  });

  test("of another version is refused as that", () => {
    const later = encodeSnapshot(content());
    later.writeUInt32LE(2, 8);
    expect(problemOf(sealed(later))).toBe("version");
    expect(problemOf(withDescription((description) => ({ ...description, layout: 99 })))).toBe("version");
  });

  test.each<[string, (description: Record<string, unknown>) => unknown]>([
    ["no JSON", () => "{"],
    ["no object", () => "7"],
    ["a disk of no size", (it) => ({ ...it, diskSize: 0 })],
    ["a disk of half a piece", (it) => ({ ...it, diskSize: diskSize + 1 })],
    ["a disk that is larger than its map", (it) => ({ ...it, diskSize: diskSize * 100 })],
    ["a disk that is larger than any", (it) => ({ ...it, diskSize: 2 ** 53 - 1 })],
    ["no limits", (it) => ({ ...it, diskBytes: undefined, inodes: undefined })],
    ["too high a limit", (it) => ({ ...it, diskBytes: 2 ** 40 })],
    ["a relative directory", (it) => ({ ...it, cwd: "home" })],
    ["no directory", (it) => ({ ...it, cwd: null })],
    ["variables of another kind", (it) => ({ ...it, env: { A: "1" } })],
    ["a variable that is none", (it) => ({ ...it, env: [["A=B", "1"]] })],
    ["a variable without a name", (it) => ({ ...it, env: ["A"] })],
    ["a value that is no text", (it) => ({ ...it, env: [["A", 1]] })],
  ])("that describes %s is refused", (_, change) => {
    expect(problemOf(withDescription(change))).toBe("damaged");
  });

  test("whose pieces are not those of its map is refused", () => {
    const made = content();
    const more = encodeSnapshot({ ...made, image: Buffer.alloc(made.image.length + PIECE_BYTES) });
    expect(problemOf(more)).toBe("damaged");
  });
});

describe("a map of pieces", () => {
  test("tells runs", () => {
    const map = PieceMap.of(Uint8Array.of(0b0110_0001, 0, 0b1000), diskSize);
    expect([...(map as PieceMap).runs()]).toEqual([
      { start: 0, length: PIECE_BYTES },
      { start: 5 * PIECE_BYTES, length: 2 * PIECE_BYTES },
      { start: 19 * PIECE_BYTES, length: PIECE_BYTES },
    ]);
    const full = PieceMap.of(new Uint8Array(25).fill(255), 200 * PIECE_BYTES) as PieceMap;
    expect([...full.runs()].map(({ length }) => length / PIECE_BYTES)).toEqual([128, 72]);
    expect(full.byteLength).toBe(200 * PIECE_BYTES);
  });

  test("is of one size of disk", () => {
    expect(PieceMap.of(new Uint8Array(2), diskSize)).toBe(null);
    expect(PieceMap.of(new Uint8Array(4), diskSize)).toBe(null);
    expect(PieceMap.of(Uint8Array.of(0, 0, 0b1_0000), diskSize)).toBe(null);
    expect(PieceMap.of(new Uint8Array(3), diskSize - 1)).toBe(null);
  });
});
