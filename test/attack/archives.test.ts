import { ArchiveError, NodeRuntime } from "secure-exec";
import * as tar from "tar-stream";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

/* Archives that are made to write elsewhere, to lead elsewhere, or to fill the disk. */

type Entry = Parameters<tar.Pack["entry"]>[0] & { text?: string };

const limits = { diskBytes: 4 * 1024 * 1024, inodes: 400 };
let rt: NodeRuntime;
let everything: string;

/** All names on the disk, and where links lead. */
async function look(): Promise<string> {
  const { stdout } = await rt.exec(`
    const fs = require("fs");
    const walk = (path) => fs.readdirSync(path, { withFileTypes: true }).sort((a, b) => a.name < b.name ? -1 : 1).forEach((entry) => {
      const at = path + "/" + entry.name;
      if (at === "//proc" || at === "//root") return;
      console.log(at, entry.isSymbolicLink() ? fs.readlinkSync(at) : entry.isFile() ? fs.statSync(at).size : "");
      if (entry.isDirectory()) try { walk(at); } catch { console.log("closed"); }
    });
    walk("/");`);
  return stdout;
}

async function pack(...entries: Entry[]): Promise<Buffer> {
  const made = tar.pack();
  const pieces: Uint8Array[] = [];
  made.on("data", (bytes) => pieces.push(bytes as Uint8Array));
  for (const { text, ...header } of entries) {
    const contents = Buffer.from(text ?? "");
    made.entry({ type: "file", ...header }, contents);
  }
  made.finalize();
  await new Promise<void>((resolve) => made.once("close", () => resolve()));
  return Buffer.concat(pieces);
}

/** A header with a checksum that is right, whatever else is in it. */
function header(fields: Record<number, string | Buffer>): Buffer {
  const block = Buffer.alloc(512);
  block.write("ustar\x0000", 257, "latin1");
  block.write("0000644\0", 100);
  for (const [at, value] of Object.entries(fields)) block.set(Buffer.from(value as string), Number(at));
  block.fill(" ", 148, 156);
  const sum = block.reduce((total, byte) => total + byte, 0);
  block.write(`${sum.toString(8).padStart(6, "0")}\0 `, 148);
  return block;
}

const end = Buffer.alloc(1024);
const octal = (size: number) => `${size.toString(8).padStart(11, "0")}\0`;

beforeAll(async () => {
  rt = await NodeRuntime.create({ limits, npm: false, files: { "/home/user/to/kept": "kept" } });
  await rt.symlink("/tmp", "/home/user/to/out");
});
afterAll(() => rt.dispose());
beforeEach(async () => {
  everything = await look();
});

async function refused(archive: Uint8Array, problem: string): Promise<void> {
  const error: unknown = await rt.importTar(archive, "/home/user/to").then(
    () => "taken",
    (thrown: unknown) => thrown,
  );
  if (ArchiveError.isInstance(error)) expect(error.problem).toBe(problem);
  else expect(error).toMatchObject({ code: problem });
  expect(await look()).toBe(everything);
}

const fine: Entry = { name: "first", text: "comes first" };
const link = (name: string, linkname: string): Entry => ({ name, linkname, type: "symlink" });
const hard = (name: string, linkname: string): Entry => ({ name, linkname, type: "link" });

describe("an archive that reaches for something else is refused as a whole", () => {
  test.each<[string, string, Entry[]]>([
    ["an absolute name", "absolute", [{ name: "/tmp/x", text: "x" }]],
    ["a name that leads up", "traversal", [{ name: "../x", text: "x" }]],
    ["a name that leads up from below", "traversal", [{ name: "a/../../x", text: "x" }]],
    ["a directory that leads up", "traversal", [{ name: "../../tmp/d/", type: "directory" }]],
    ["an absolute link", "link", [link("l", "/tmp")]],
    ["a link that leads up", "link", [link("l", "..")]],
    ["a link that leads up from below", "link", [link("a/b/l", "../../../x")]],
    ["a link that goes down first", "link", [link("l", "a/../../x")]],
    ["a file behind a link", "link", [link("l", "."), { name: "l/x", text: "x" }]],
    ["a directory behind a link", "link", [link("l", "."), { name: "l/d/", type: "directory" }]],
    ["a file over a link", "none", [link("l", "kept"), { name: "l", text: "x" }]],
    [
      "a chain of links",
      "link",
      [link("a/b/up", "../.."), link("y", "a/b/up/.."), { name: "y/x", text: "x" }],
    ],
    ["a link behind a link", "link", [link("l", "."), link("l/m", "..")]],
    ["a hard link to what is not in it", "link", [hard("h", "kept")]],
    ["a hard link that is absolute", "absolute", [hard("h", "/etc/passwd")]],
    ["a hard link that leads up", "traversal", [hard("h", "../../etc/passwd")]],
    ["a hard link to a link", "link", [link("l", "kept"), hard("h", "l")]],
    ["a hard link to a directory", "link", [{ name: "d/", type: "directory" }, hard("h", "d")]],
    ["a hard link behind a link", "link", [link("l", "."), fine, hard("h", "l/first")]],
    ["a device", "kind", [{ name: "null", type: "character-device", devmajor: 1, devminor: 3 }]],
    ["a disk", "kind", [{ name: "disk", type: "block-device", devmajor: 8, devminor: 0 }]],
    ["a pipe", "kind", [{ name: "pipe", type: "fifo" }]],
    [
      "a file where a directory was",
      "conflict",
      [
        { name: "a/b", text: "x" },
        { name: "a", text: "x" },
      ],
    ],
    [
      "a directory where a file was",
      "conflict",
      [
        { name: "a", text: "x" },
        { name: "a/b", text: "x" },
      ],
    ],
    ["a file in place of it all", "conflict", [{ name: "./", text: "x" }]],
    ["a name that is too long", "ENAMETOOLONG", [{ name: "n".repeat(256), text: "x" }]],
    ["a way through a link that is there", "ENOTDIR", [{ name: "out/x", text: "x" }]],
    ["a directory over a link that is there", "ENOTDIR", [{ name: "out/", type: "directory" }]],
  ])("%s", async (_, problem, entries) => {
    const archive = await pack(fine, ...entries);
    if (problem !== "none") return await refused(archive, problem);
    await rt.importTar(archive, "/home/user/to");
    expect((await rt.lstat("/home/user/to/l")).isFile()).toBe(true);
    expect(await rt.readFile("/home/user/to/kept", "utf8")).toBe("kept");
    for (const name of ["l", "first"]) await rt.rm(`/home/user/to/${name}`);
  });

  test("modes that give away more than permissions do", async () => {
    await rt.importTar(
      await pack({ name: "s", mode: 0o6755, text: "x" }, { ...link("t", "s"), mode: 0o7777 }),
      "/home/user/to",
    );
    expect((await rt.stat("/home/user/to/s")).mode & 0o7777).toBe(0o755);
    expect((await rt.stat("/home/user/to/s")).uid).toBe(1000);
    for (const name of ["s", "t"]) await rt.rm(`/home/user/to/${name}`);
  });
});

describe("an archive that is more than the disk holds is refused as a whole", () => {
  test("one file that says so", async () => {
    for (const size of ["77777777777\0", Buffer.of(0x80, 0, 0, 0, 0, 0, 0xff, 0, 0, 0, 0, 0)]) {
      await refused(
        Buffer.concat([header({ 0: "x", 124: size, 156: "0" }), Buffer.alloc(4096), end]),
        "ENOSPC",
      );
    }
    const pax = "30 size=9007199254740991000000\n";
    const long = Buffer.alloc(512);
    long.write(pax);
    const archive = [
      header({ 0: "p", 124: octal(pax.length), 156: "x" }),
      long,
      header({ 0: "x", 156: "0" }),
      end,
    ];
    await refused(Buffer.concat(archive), "EFBIG");
  });

  test("many files that don't, each of which fits", async () => {
    const text = "x".repeat(900_000);
    await refused(await pack(...Array.from({ length: 6 }, (_, i) => ({ name: `f${i}`, text }))), "ENOSPC");
  });

  test("more names than there can be", async () => {
    await refused(await pack(...Array.from({ length: 500 }, (_, i) => ({ name: `d/f${i}` }))), "ENOSPC");
  });

  test("a tree too deep for a path", async () => {
    await refused(await pack({ name: `${"d/".repeat(1000)}f`, text: "x" }), "ENOSPC");
  });

  test("a file of many holes, and headers without end", async () => {
    const pax = "22 GNU.sparse.major=1\n";
    const long = Buffer.alloc(512);
    long.write(pax);
    const sparse = [
      header({ 0: "p", 124: octal(pax.length), 156: "x" }),
      long,
      header({ 0: "x", 156: "0" }),
      end,
    ];
    await refused(Buffer.concat(sparse), "kind");
    await refused(Buffer.concat([header({ 0: "x", 156: "S" }), end]), "kind");
    await refused(
      Buffer.concat([header({ 0: "p", 124: octal(2 ** 32), 156: "x" }), Buffer.alloc(8192), end]),
      "malformed",
    );
    await refused(
      Buffer.concat([header({ 0: "p", 124: octal(2 ** 32), 156: "L" }), Buffer.alloc(8192), end]),
      "malformed",
    );
  });
});

describe("bytes that are no whole archive are refused", () => {
  test("cut anywhere", async () => {
    const archive = await pack(fine, { name: "a/b", text: "x".repeat(2000) }, link("a/l", "b"));
    for (const length of [0, 1, 511, 512, 600, 1024, 1536, 2048, 3584, archive.length - 1024]) {
      await refused(archive.subarray(0, length), "truncated");
    }
  });

  test("random, compressed, negative", async () => {
    let state = 1;
    const random = Buffer.from(
      Array.from({ length: 4096 }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        return state >>> 24;
      }),
    );
    await refused(Buffer.concat([random, end]), "malformed");
    const { gzipSync } = await import("node:zlib");
    await refused(gzipSync(await pack(fine)), "malformed");
    const negative = header({ 0: "x", 124: Buffer.concat([Buffer.alloc(11, 0xff), Buffer.of(1)]), 156: "0" });
    await refused(Buffer.concat([negative, end]), "malformed");
  });
});

test("no program can reach what is not yet in its place, or put links in its way", {
  timeout: 120_000,
}, async () => {
  const archive = await pack(
    ...Array.from({ length: 60 }, (_, i) => ({ name: `x/y/f${i}`, text: "from the archive" })),
    { name: "x/y/victim", text: "from the archive" },
  );
  await rt.mkdir("/home/user/race");
  const abort = new AbortController();
  let ready: (() => void) | undefined;
  const begun = new Promise<void>((resolve) => {
    ready = resolve;
  });
  const racing = rt
    .exec(
      `import fs from "node:fs";
       fs.mkdirSync("elsewhere", { recursive: true });
       console.log("begun");
       const tries = (f) => { try { f(); } catch {} };
       for (;;) {
         for (const name of fs.readdirSync("/")) if (name.startsWith(".import")) {
           try { fs.readdirSync("/" + name); console.log("SEEN"); } catch {}
           try { fs.writeFileSync("/" + name + "/x", ""); console.log("WRITTEN"); } catch {}
           try { fs.renameSync("/" + name, "/tmp/mine"); console.log("MOVED"); } catch {}
         }
         tries(() => fs.mkdirSync("race/x"));
         tries(() => fs.renameSync("race/x", "race/old"));
         tries(() => fs.symlinkSync("/home/user/elsewhere", "race/x"));
         tries(() => fs.rmSync("race/x", { recursive: true }));
         tries(() => fs.rmSync("race/old", { recursive: true }));
       }`,
      {
        signal: abort.signal,
        onStdout: (text) => (text.includes("begun") ? ready?.() : expect(text).toBe("")),
      },
    )
    .catch((error: Error) => error);
  await begun;
  for (let round = 0; round < 25; round++) {
    await rt.importTar(archive, "/home/user/race").catch((error: Error) => {
      expect(error).toMatchObject({ name: "FileSystemError" });
    });
  }
  abort.abort();
  expect(await racing).toMatchObject({ name: "AbortError" });
  expect(await rt.readdir("/home/user/elsewhere")).toEqual([]);
  expect((await rt.readdir("/")).filter((name) => name.startsWith(".import"))).toEqual([]);
});
