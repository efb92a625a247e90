import { gzipSync } from "node:zlib";
import { NodeRuntime } from "secure-exec";
import { type Header, pack } from "tar-stream";
import { describe, expect, test } from "vitest";
import { ArchiveError } from "../../src/errors/archive-error.js";
import { archiveMount } from "../../src/mounts/index.js";
import { zipOf } from "./zip.js";

async function tarOf(...entries: (Partial<Header> & { name: string; content?: string })[]): Promise<Buffer> {
  const stream = pack();
  for (const { content = "", ...header } of entries) stream.entry(header, content);
  stream.finalize();
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

async function problem(archive: Uint8Array, options = {}): Promise<string> {
  try {
    await archiveMount(archive, options);
  } catch (error) {
    expect(error).toBeInstanceOf(ArchiveError);
    return (error as ArchiveError).problem;
  }
  return "none";
}

const look = `
  import fs from "node:fs";
  console.log(fs.readdirSync("/m", { recursive: true }).sort().join());
  for (const name of ["a.txt", "lib/b.txt", "link"]) console.log(fs.readFileSync("/m/" + name, "utf8"));
  console.log((fs.statSync("/m/lib/b.txt").mode & 0o777).toString(8), fs.statSync("/m/a.txt").mtime.getUTCFullYear());`;

async function shows(archive: Uint8Array): Promise<string> {
  await using rt = await NodeRuntime.create({
    mounts: [{ guestPath: "/m", backend: await archiveMount(archive) }],
  });
  const { stdout, stderr } = await rt.exec(look);
  expect(stderr).toBe("");
  return stdout;
}

const expected = "a.txt,lib,lib/b.txt,link\nhello\nworld\nworld\n600 2020\n";
const mtime = new Date("2020-05-05T12:00:00Z");

describe("archives", () => {
  test("a tar archive, plain and compressed", async () => {
    const tar = await tarOf(
      { name: "a.txt", content: "hello", mtime },
      { name: "lib/", type: "directory" },
      { name: "lib/b.txt", content: "world", mode: 0o600 },
      { name: "link", type: "symlink", linkname: "lib/b.txt" },
    );
    expect(await shows(tar)).toBe(expected);
    expect(await shows(gzipSync(tar))).toBe(expected);
  });

  test("a zip archive", async () => {
    const zip = zipOf(
      { name: "a.txt", content: "hello", mtime },
      { name: "lib/b.txt", content: "world", mode: 0o100600 },
      { name: "link", content: "lib/b.txt", mode: 0o120777 },
    );
    expect(await shows(zip)).toBe(expected);
  });

  test("hard links are the file that they name", async () => {
    const tar = await tarOf({ name: "a", content: "x" }, { name: "b", type: "link", linkname: "a" });
    const backend = await archiveMount(tar);
    expect(Buffer.from(await backend.readFile("b")).toString()).toBe("x");
  });
});

describe("hostile archives are refused as a whole", () => {
  test.each([
    ["../a", "traversal"],
    ["a/../../b", "traversal"],
    ["/etc/passwd", "absolute"],
    ["x".repeat(300), "malformed"],
  ])("tar: a name such as %j", async (name, what) => {
    expect(await problem(await tarOf({ name: "good" }, { name }))).toBe(what);
  });

  test.each([
    ["../a", "malformed"],
    ["/a", "malformed"],
    ["a\\..\\b", "malformed"],
  ])("zip: a name such as %j", async (name, what) => {
    expect(await problem(zipOf({ name: "good", content: "" }, { name, content: "" }))).toBe(what);
  });

  test("kinds, conflicts and links that lead nowhere", async () => {
    expect(await problem(await tarOf({ name: "d", type: "character-device" }))).toBe("kind");
    expect(await problem(await tarOf({ name: "a" }, { name: "a/b" }))).toBe("conflict");
    expect(await problem(await tarOf({ name: "a/b" }, { name: "a" }))).toBe("conflict");
    expect(await problem(await tarOf({ name: "a", type: "link", linkname: "../x" }))).toBe("link");
    expect(await problem(await tarOf({ name: "a", type: "link", linkname: "none" }))).toBe("link");
  });

  test("links that lead out are there and lead nowhere", async () => {
    const tar = await tarOf({ name: "out", type: "symlink", linkname: "/etc/passwd" });
    await using rt = await NodeRuntime.create({
      mounts: [{ guestPath: "/m", backend: await archiveMount(tar) }],
    });
    const { stdout } = await rt.exec(
      `import fs from "node:fs"; try { fs.readFileSync("/m/out") } catch (e) { console.log(e.code) }`,
    );
    expect(stdout).toBe("EACCES\n");
  });

  test("bombs, and what is no archive or only a part of one", async () => {
    const tar = await tarOf({ name: "a", content: "x".repeat(100_000) });
    expect(await problem(tar, { maxBytes: 1000 })).toBe("size");
    expect(await problem(gzipSync(Buffer.alloc(20_000_000)), { maxBytes: 1000, maxEntries: 10 })).toBe(
      "size",
    );
    expect(await problem(zipOf({ name: "a", content: "x".repeat(2000) }), { maxBytes: 1000 })).toBe("size");
    expect(await problem(await tarOf({ name: "a" }, { name: "b" }), { maxEntries: 1 })).toBe("size");
    expect(await problem(tar.subarray(0, 5000))).toBe("truncated");
    expect(await problem(Buffer.from("PK\x03\x04 nothing of the kind"))).toBe("malformed");
    expect(await problem(Buffer.alloc(1024, "x"))).toBe("malformed");
    expect(await problem(Buffer.from([0x1f, 0x8b, 8, 0, 0]))).toBe("malformed");
  });
});
