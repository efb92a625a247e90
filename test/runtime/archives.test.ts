import { execFileSync } from "node:child_process";
import { createReadStream, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { Readable } from "node:stream";
import { InvalidOptionError, NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, beforeEach, describe, expect, test } from "vitest";

const folder = mkdtempSync(join(tmpdir(), "secure-exec-tar-"));
let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create({ limits: { diskBytes: 16 * 1024 * 1024 } });
  await rt.exec(`
    const fs = require("fs");
    fs.mkdirSync("from/dir/empty", { recursive: true });
    fs.writeFileSync("from/a.txt", "text", { mode: 0o640 });
    fs.writeFileSync("from/none", "");
    fs.writeFileSync("from/dir/large", Buffer.alloc(1_500_001, "large"), { mode: 0o755 });
    fs.linkSync("from/a.txt", "from/dir/hard");
    fs.symlinkSync("../a.txt", "from/dir/soft");
    fs.writeFileSync("from/" + "long".repeat(50), "long");
    fs.writeFileSync("from/dir/\u00fc", "umlaut");
    fs.utimesSync("from/a.txt", 1e9, 1e9);
    require("child_process").execSync("mkfifo from/pipe || true");`);
});
afterAll(async () => {
  await rt.dispose();
  rmSync(folder, { recursive: true });
});
beforeEach(async () => {
  await rt.rm("/home/user/to", { recursive: true, force: true });
  await rt.mkdir("/home/user/to");
});

async function bytesOf(stream: Readable): Promise<Buffer> {
  const pieces: Buffer[] = [];
  for await (const piece of stream) pieces.push(piece as Buffer);
  return Buffer.concat(pieces);
}

const tree = (path: string) => `
  const fs = require("fs"), { createHash } = require("crypto");
  const walk = (path, shown) => {
    for (const name of fs.readdirSync(path).sort()) {
      const at = path + "/" + name, s = fs.lstatSync(at);
      if (s.isFIFO()) continue;
      const text = s.isFile() ? createHash("md5").update(fs.readFileSync(at)).digest("hex") : s.isSymbolicLink() ? fs.readlinkSync(at) : "";
      console.log(shown + name, s.mode.toString(8), s.nlink, s.uid, s.isFile() ? s.size : "", Math.floor(s.mtimeMs / 1000), text);
      if (s.isDirectory()) walk(at, shown + name + "/");
    }
  };
  walk(${JSON.stringify(path)}, "");`;

async function listed(path: string): Promise<string> {
  const { stdout, stderr } = await rt.exec(tree(path));
  expect(stderr).toBe("");
  return stdout;
}

describe("exportTar and importTar", () => {
  test("what comes in is what went out", async () => {
    const archive = await bytesOf(rt.exportTar("/home/user/from"));
    await rt.importTar(archive, "/home/user/to");
    expect(await listed("/home/user/to")).toBe(await listed("/home/user/from"));
    expect(await rt.readdir("/")).not.toContainEqual(expect.stringContaining("import"));
    const { ino } = await rt.stat("/home/user/to/a.txt");
    expect((await rt.stat("/home/user/to/dir/hard")).ino).toBe(ino);
  });

  test("one stream can be the other's source", async () => {
    await rt.importTar(rt.exportTar("/home/user/from"), "/home/user/to");
    expect(await listed("/home/user/to")).toBe(await listed("/home/user/from"));
  });

  test("one file", async () => {
    await rt.importTar(rt.exportTar("/home/user/from/a.txt"), "/home/user/to");
    expect(await rt.readdir("/home/user/to")).toEqual(["a.txt"]);
  });

  test("other programs read what comes out, and write what goes in", async () => {
    writeFileSync(join(folder, "out.tar"), await bytesOf(rt.exportTar("/home/user/from")));
    const names = execFileSync("tar", ["tf", join(folder, "out.tar")], { encoding: "utf8" })
      .trim()
      .split("\n");
    expect(names.filter((name) => /^[a-z/.]*$/.test(name)).sort()).toEqual(
      ["a.txt", "dir/", "dir/empty/", "dir/hard", "dir/large", "dir/soft", "long".repeat(50), "none"].sort(),
    );
    for (const format of ["gnu", "ustar", "pax"]) {
      writeFileSync(join(folder, "a file"), `as ${format}`);
      const file = join(folder, "in.tar");
      execFileSync("tar", ["cf", file, `--format=${format}`, "-C", folder, "./a file"]);
      await rt.importTar(createReadStream(file, { highWaterMark: 100 }), "/home/user/to");
      expect(await rt.readFile("/home/user/to/a file", "utf8")).toBe(`as ${format}`);
    }
  });

  test("files are replaced, and those beside them stay", async () => {
    await rt.exec(`
      const fs = require("fs");
      fs.mkdirSync("to/dir");
      fs.writeFileSync("to/dir/other", "other");
      fs.writeFileSync("to/a.txt", "old");
      fs.symlinkSync("/etc/hostname", "to/none");`);
    const host = await rt.readFile("/etc/hostname", "utf8");
    await rt.importTar(rt.exportTar("/home/user/from"), "/home/user/to");
    expect(await rt.readFile("/home/user/to/dir/other", "utf8")).toBe("other");
    expect(await rt.readFile("/home/user/to/a.txt", "utf8")).toBe("text");
    expect((await rt.lstat("/home/user/to/none")).isFile()).toBe(true);
    expect(await rt.readFile("/etc/hostname", "utf8")).toBe(host);
  });

  test("what is in the way is an error, and nothing has been written", async () => {
    const archive = await bytesOf(rt.exportTar("/home/user/from"));
    await rt.writeFile("/home/user/to/dir", "a file");
    await expect(rt.importTar(archive, "/home/user/to")).rejects.toMatchObject({
      code: "ENOTDIR",
      path: "dir",
    });
    expect(await rt.readdir("/home/user/to")).toEqual(["dir"]);
    await rt.rm("/home/user/to/dir");
    await rt.mkdir("/home/user/to/none");
    await expect(rt.importTar(archive, "/home/user/to")).rejects.toMatchObject({
      code: "EISDIR",
      path: "none",
    });
    expect(await rt.readdir("/home/user/to")).toEqual(["none"]);
    await rt.rm("/home/user/to/none", { recursive: true });
    await rt.symlink("/tmp", "/home/user/to/dir");
    await expect(rt.importTar(archive, "/home/user/to")).rejects.toMatchObject({ code: "ENOTDIR" });
    expect(await rt.readdir("/home/user/to")).toEqual(["dir"]);
  });

  test("a path that is not there", async () => {
    await expect(bytesOf(rt.exportTar("/home/nobody"))).rejects.toMatchObject({ code: "ENOENT" });
    const archive = Buffer.alloc(1024);
    await expect(rt.importTar(archive, "/home/nobody")).rejects.toMatchObject({ code: "ENOENT" });
    await expect(rt.importTar(archive, "/etc/hostname")).rejects.toMatchObject({ code: "ENOTDIR" });
    await rt.importTar(archive, "/home/user/to");
    expect(() => rt.exportTar("relative")).toThrow(InvalidOptionError);
    await expect(rt.importTar("text" as never, "/home")).rejects.toThrow(InvalidOptionError);
    await expect(rt.importTar(archive, "home")).rejects.toThrow(InvalidOptionError);
  });

  test("a source that fails, or gives something else, leaves nothing", async () => {
    const archive = await bytesOf(rt.exportTar("/home/user/from"));
    async function* failing() {
      yield archive;
      throw new Error("the source has failed");
    }
    await expect(rt.importTar(failing(), "/home/user/to")).rejects.toThrow("the source has failed");
    const texts = Readable.from(["text"]) as AsyncIterable<never>;
    await expect(rt.importTar(texts, "/home/user/to")).rejects.toThrow(InvalidOptionError);
    expect(await rt.readdir("/home/user/to")).toEqual([]);
  });

  test("a stream that nobody reads to its end costs nothing more", async () => {
    const stream = rt.exportTar("/home/user/from");
    for await (const _ of stream) break;
    expect(stream.destroyed).toBe(true);
    const unread = rt.exportTar("/home/user/from");
    unread.destroy();
    expect(await rt.readFile("/home/user/from/a.txt", "utf8")).toBe("text");
  });

  test("a slow reader and a slow source are waited for", { timeout: 90_000 }, async () => {
    const pause = () => new Promise((resolve) => setTimeout(resolve, 6_000));
    const archive = await bytesOf(rt.exportTar("/home/user/from"));
    async function* slow() {
      yield archive.subarray(0, 5000);
      await pause();
      await pause();
      yield archive.subarray(5000);
    }
    let read = 0;
    const reading = (async () => {
      const stream = rt.exportTar("/home/user/from");
      for await (const piece of stream) {
        if (read === 0) {
          await pause();
          await pause();
        }
        read += (piece as Buffer).length;
      }
    })();
    await Promise.all([rt.importTar(slow(), "/home/user/to"), reading]);
    expect(read).toBe(archive.length);
    expect(await rt.readFile("/home/user/to/a.txt", "utf8")).toBe("text");
  });

  test("a machine that dies in between fails them, and the next removes what was left", async () => {
    let running: (() => void) | undefined;
    const begun = new Promise<void>((resolve) => {
      running = resolve;
    });
    const archive = await bytesOf(rt.exportTar("/home/user/from"));
    async function* half() {
      yield archive.subarray(0, archive.length / 2);
      running?.();
      await rt.exec("'ab'.repeat(1e8).split('')");
      yield archive.subarray(archive.length / 2);
    }
    const failed = expect(rt.importTar(half(), "/home/user/to")).rejects.toMatchObject({
      // How the host finds out about a death is the watch's business.
      code: expect.stringMatching(/MACHINE_EXITED|PROTOCOL/),
    });
    await begun;
    await failed;
    expect(await rt.readdir("/home/user/to")).toEqual([]);
    // It goes beside what is done next.
    await expect.poll(() => rt.readdir("/")).not.toContainEqual(expect.stringContaining("import"));
  });
});
