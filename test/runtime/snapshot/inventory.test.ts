import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { ProtocolError } from "../../../src/errors/protocol-error.js";
import type { FsFlow } from "../../../src/machine/index.js";
import { Machine } from "../../../src/machine/machine.js";
import type { FileSystem } from "../../../src/runtime/file-system.js";
import { takeInventory } from "../../../src/runtime/snapshot/inventory.js";
import { encodeEntry } from "../../../src/wire/inventory.js";
import { type FakeImages, fakeImages } from "../../machine/fake/image.js";

let images: FakeImages;

beforeAll(async () => {
  images = await fakeImages();
});
afterAll(() => images.remove());

const facts = { mode: 0o100644, uid: 0, gid: 0, size: 1, digest: "d".repeat(32) };
const bytesOf = (...paths: string[]) => Buffer.concat(paths.map((path) => encodeEntry({ ...facts, path })));

/** What comes of a machine that answers with some bytes where two entries are allowed. */
async function taken(bytes: Buffer): Promise<{ paths: string[] } | { error: unknown; machine: Machine }> {
  const disk = { bytes: 1 << 20, inodes: 100 };
  const machine = await Machine.launch({ jail: "unsafe-none", disk }, images.image());
  const transfer = (operation: { op: "inventory"; leave: string[]; limit: number }, flow: FsFlow) =>
    machine.fs({ ...operation, leave: [bytes.toString("base64")] }, undefined, flow);
  try {
    const inventory = await takeInventory({ transfer } as unknown as FileSystem, [], { inodes: 1 });
    machine.kill("killed");
    return { paths: [...inventory.keys()] };
  } catch (error) {
    return { error, machine };
  }
}

test("what a machine tells is taken", async () => {
  expect(await taken(bytesOf("/a", "/b/c"))).toEqual({ paths: ["/a", "/b/c"] });
});

describe("a machine that tells what no disk has is killed", () => {
  test.each([
    ["a path that leads out", bytesOf("/a/../../etc")],
    ["more entries than were asked for", bytesOf("/a", "/b", "/c")],
    ["the same again and again", bytesOf("/a", "/a", "/a")],
    ["what is no entry", Buffer.alloc(500, 0xff)],
  ])("%s", async (_, bytes) => {
    const came = await taken(bytes);
    if (!("machine" in came)) throw new Error("it was believed");
    expect(came.error).toBeInstanceOf(ProtocolError);
    expect((await came.machine.exited).reason).toBe("protocol");
  });
});

test("an entry that is cut off is not believed", async () => {
  const came = await taken(bytesOf("/a").subarray(0, -1));
  if (!("machine" in came)) throw new Error("it was believed");
  expect(came.error).toBeInstanceOf(ProtocolError);
  came.machine.kill("killed");
  await came.machine.exited;
});
