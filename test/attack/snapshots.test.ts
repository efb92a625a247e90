import { NodeRuntime, Snapshot, SnapshotError } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { geometryFor, I_MODE, INODE_WORDS, N_INODE, N_PARENT, NAME_WORDS } from "../../src/disk/layout.js";
import { type Content, decodeSnapshot, encodeSnapshot } from "../../src/runtime/snapshot/format.js";
import { PIECE_BYTES, PieceMap } from "../../src/runtime/snapshot/piece-map.js";

/*
 * Images that no disk was ever like, under a checksum that is right. The machine that is to run on one checks
 * it: what can't be a file is dropped, and what is left is a disk like any other.
 */

const limits = { diskBytes: 4 * 1024 * 1024, inodes: 512 };
const geometry = geometryFor({ bytes: limits.diskBytes, inodes: limits.inodes });

let bystander: NodeRuntime;
let real: Content;
beforeAll(async () => {
  bystander = await NodeRuntime.create();
  const rt = await NodeRuntime.create({ limits });
  await rt.exec(`
    const fs = require("fs");
    for (let i = 0; i < 30; i++) { fs.mkdirSync("d" + i + "/e/f", { recursive: true }); fs.writeFileSync("d" + i + "/file", "x".repeat(i * 999)); }
    for (let i = 0; i < 30; i++) fs.symlinkSync("../d" + i, "d" + (29 - i) + "/link");`);
  real = decodeSnapshot((await rt.snapshot()).toBuffer());
  await rt.dispose();
});
afterAll(() => bystander.dispose());

/** The same disk with all of its memory in it, to change. */
function whole(): Int32Array {
  const bytes = Buffer.alloc(real.description.diskSize);
  let at = 0;
  for (const { start, length } of real.map.runs()) {
    bytes.set(real.image.subarray(at, at + length), start);
    at += length;
  }
  return new Int32Array(bytes.buffer, bytes.byteOffset, bytes.length / 4);
}

function snapshotOf(image: Int32Array, change: Partial<Content["description"]> = {}): Snapshot {
  const description = { ...real.description, ...change };
  const pieces = description.diskSize / PIECE_BYTES;
  const bits = new Uint8Array(Math.ceil(pieces / 8));
  for (let piece = 0; piece < pieces; piece++) {
    bits[piece >>> 3] = (bits[piece >>> 3] as number) | (1 << (piece & 7));
  }
  const map = PieceMap.of(bits, description.diskSize) as PieceMap;
  const bytes = Buffer.alloc(description.diskSize);
  bytes.set(Buffer.from(image.buffer, image.byteOffset, Math.min(image.byteLength, bytes.length)));
  return Snapshot.fromBuffer(encodeSnapshot({ description, map, image: bytes }));
}

/** Numbers that are the same each time. */
function random(seed: number): () => number {
  let state = seed;
  return () => {
    state = (Math.imul(state, 1664525) + 1013904223) | 0;
    return state;
  };
}

/** A runtime on it works, or there is none. */
async function survives(snapshot: Snapshot): Promise<"runs" | "refused"> {
  let rt: NodeRuntime;
  try {
    rt = await NodeRuntime.create({ snapshot, npm: false });
  } catch (error) {
    expect(error).toBeInstanceOf(SnapshotError);
    return "refused";
  }
  try {
    const { stdout } = await rt.exec(
      `import fs from "node:fs";
       let seen = 0;
       const walk = (path, depth) => {
         for (const entry of fs.readdirSync(path, { withFileTypes: true })) {
           if (++seen > 2000 || depth > 600) throw new Error("a tree without end");
           const at = path + "/" + entry.name;
           try {
             if (entry.isDirectory() && at !== "//proc" && at !== "//dev") walk(at, depth + 1);
             else if (entry.isFile()) fs.readFileSync(at);
           } catch (error) { if (!error.code) throw error; }
         }
       };
       walk("/", 0);
       fs.writeFileSync("/tmp/new", "new");
       console.log(fs.readFileSync("/tmp/new", "utf8"));`,
      { timeout: 30_000 },
    );
    expect(stdout).toBe("new\n");
    const diff = await rt.diff(snapshot);
    expect(diff.added.map(({ path }) => path)).toEqual(["/tmp/new"]);
    expect(diff.removed).toEqual([]);
    await rt.rm("/home/user", { recursive: true, force: true });
    await (await rt.fork()).dispose();
  } finally {
    await rt.dispose();
  }
  expect((await bystander.exec("console.log('untouched')")).stdout).toBe("untouched\n");
  return "runs";
}

describe("an image that no disk was like", () => {
  test("the real one, as it is", async () => {
    expect(await survives(snapshotOf(whole()))).toBe("runs");
  });

  test("random bytes, zeros, ones", async () => {
    const next = random(7);
    expect(await survives(snapshotOf(whole().map(next)))).toBe("refused");
    expect(await survives(snapshotOf(whole().fill(0)))).toBe("refused");
    expect(await survives(snapshotOf(whole().fill(-1)))).toBe("refused");
  });

  test.each([1, 2, 3, 4])("random bytes behind the superblock's first words (%i)", async (seed) => {
    const next = random(seed);
    const image = whole().map((word, i) => (i < 4 ? word : next()));
    expect(await survives(snapshotOf(image))).toBe("runs");
  });

  test.each([1, 2, 3, 4])(
    "directories in circles, files in two places, blocks of many (%i)",
    async (seed) => {
      const next = random(seed);
      const image = whole();
      const inode = () => (next() >>> 8) % 120;
      for (let slot = 1; slot < 200; slot++) {
        const name = geometry.nameBase + slot * NAME_WORDS;
        if ((image[name + N_PARENT] as number) <= 0 || next() % 3 !== 0) continue;
        image[name + N_INODE] = inode();
        if (next() % 2 === 0) image[name + N_PARENT] = inode();
      }
      for (let i = 2; i < 120; i++) {
        const word = geometry.inodeBase + i * INODE_WORDS;
        if (image[word + I_MODE] === 0) continue;
        const place = word + 4 + ((next() >>> 8) % 26);
        image[place] = next() % 2 === 0 ? next() : (next() >>> 8) % 64;
      }
      expect(await survives(snapshotOf(image))).toBe("runs");
    },
  );

  test("a disk of another size than it says", async () => {
    const size = real.description.diskSize;
    expect(await survives(snapshotOf(whole(), { diskSize: size + PIECE_BYTES }))).toBe("refused");
    expect(await survives(snapshotOf(whole(), { diskSize: size - PIECE_BYTES }))).toBe("refused");
    expect(await survives(snapshotOf(whole(), { inodes: 513 }))).toBe("refused");
    expect(await survives(snapshotOf(whole(), { diskBytes: limits.diskBytes * 2 }))).toBe("refused");
    const image = whole();
    // Blocks and inodes, as the superblock has them.
    image[2] = 1 << 20;
    image[3] = 1 << 20;
    expect(await survives(snapshotOf(image))).toBe("refused");
  });

  test("no piece of a disk at all", async () => {
    const map = PieceMap.of(new Uint8Array(real.map.bits.length), real.description.diskSize) as PieceMap;
    const bytes = encodeSnapshot({ ...real, map, image: Buffer.alloc(0) });
    // What the new machine has made stays.
    expect(await survives(Snapshot.fromBuffer(bytes))).toBe("runs");
  });
});

test("programs only wait while the disk stands still", async () => {
  const rt = await NodeRuntime.create({ limits });
  const code = `
    const fs = require("fs");
    const end = Date.now() + 1500;
    while (Date.now() < end) { fs.writeFileSync("f", "x"); fs.readFileSync("f"); fs.rmSync("f"); }
    console.log("done");`;
  const calls = [rt.exec(code), rt.exec(code.replaceAll('"f"', '"g"'))];
  for (let i = 0; i < 10; i++) await rt.snapshot();
  for (const { stdout } of await Promise.all(calls)) expect(stdout).toBe("done\n");
  await rt.dispose();
});
