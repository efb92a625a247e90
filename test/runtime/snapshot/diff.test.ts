import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { type DiskDiff, InvalidOptionError, NodeRuntime, Snapshot } from "secure-exec";
import { describe, expect, test } from "vitest";

const limits = { diskBytes: 8 * 1024 * 1024, inodes: 600 };

const brief = ({ added, changed, removed }: DiskDiff) => ({
  added: added.map(({ path, type }) => `${type} ${path}`),
  changed: changed.map(({ path, type }) => `${type} ${path}`),
  removed: removed.map(({ path, type }) => `${type} ${path}`),
});

const nothing = { added: [], changed: [], removed: [] };

describe("what has become of a disk", () => {
  test("files, directories and links, by what is in them", async () => {
    await using rt = await NodeRuntime.create({
      limits,
      files: Object.fromEntries(
        ["a.txt", "b.txt", "d/x", "d/y", "same"].map((name) => [`/home/user/${name}`, name]),
      ),
    });
    await rt.symlink("a.txt", "/home/user/link");
    const before = await rt.snapshot();
    expect(await rt.diff(before)).toEqual(nothing);
    const { stderr } = await rt.exec(`
      const fs = require("node:fs");
      const { mtime } = fs.statSync("a.txt");
      fs.writeFileSync("a.txt", "two");
      fs.utimesSync("a.txt", mtime, mtime);
      fs.rmSync("b.txt");
      fs.chmodSync("d/x", 0o600);
      fs.renameSync("d/y", "z");
      fs.rmSync("link");
      fs.symlinkSync("d/x", "link");
      fs.mkdirSync("new/deep", { recursive: true });
      fs.writeFileSync("same", "same");
      fs.utimesSync("same", 1, 1);
      fs.symlinkSync("/nowhere", "dangling");`);
    expect(stderr).toBe("");
    const diff = await rt.diff(before);
    expect(brief(diff)).toEqual({
      added: [
        "symlink /home/user/dangling",
        "directory /home/user/new",
        "directory /home/user/new/deep",
        "file /home/user/z",
      ],
      changed: ["file /home/user/a.txt", "file /home/user/d/x", "symlink /home/user/link"],
      removed: ["file /home/user/b.txt", "file /home/user/d/y"],
    });
    const [file, mode] = diff.changed;
    expect(Buffer.from((await file?.read()) ?? []).toString()).toBe("two");
    expect(mode?.mode).toBe(0o600);
    expect(diff.added.at(-1)?.size).toBe(3);
    await expect(diff.removed[0]?.read()).rejects.toMatchObject({ code: "ENOENT" });
  });

  test("a snapshot that was kept, and a runtime that was made from it", async () => {
    let kept: Buffer;
    {
      await using rt = await NodeRuntime.create({
        limits,
        files: { "/home/user/kept": "k" },
        env: { A: "b" },
        cwd: "/tmp",
      });
      kept = (await rt.snapshot()).toBuffer();
    }
    const since = Snapshot.fromBuffer(kept);
    await using rt = await NodeRuntime.create({ snapshot: since, os: { hostname: "other" } });
    const own = (path: string) => !path.startsWith("/etc/");
    await rt.writeFile("/tmp/large", Buffer.alloc(1_000_000, 7));
    const { added, changed, removed } = await rt.diff(since);
    expect(added.map(({ path }) => path)).toEqual(["/tmp/large"]);
    expect([...changed, ...removed].filter(({ path }) => own(path))).toEqual([]);
  });

  test("what lies in a mount is left out", async () => {
    const host = mkdtempSync(join(tmpdir(), "diff-"));
    try {
      writeFileSync(join(host, "theirs"), "1");
      await using rt = await NodeRuntime.create({
        limits,
        mounts: [{ guestPath: "/mnt/data", hostPath: host, overlay: true }],
      });
      const before = await rt.snapshot();
      await rt.exec(`
        const fs = require("node:fs");
        fs.readFileSync("/mnt/data/theirs");
        fs.writeFileSync("/mnt/data/own", "");
        fs.writeFileSync("/home/user/own", "");`);
      expect(brief(await rt.diff(before))).toEqual({ ...nothing, added: ["file /home/user/own"] });
    } finally {
      rmSync(host, { recursive: true });
    }
  });

  test("programs that keep on changing the disk don't keep it from ending", async () => {
    await using rt = await NodeRuntime.create({ limits });
    const before = await rt.snapshot();
    const busy = await rt.spawn(`
      const fs = require("node:fs");
      for (let i = 0; ; i++) {
        fs.mkdirSync("d" + (i % 7), { recursive: true });
        fs.writeFileSync("d" + (i % 7) + "/f" + (i % 5), "x".repeat(i % 10_000));
        if (i % 7 === 6) fs.rmSync("d3", { recursive: true });
        if (i === 20) console.log("busy");
      }`);
    for await (const _ of busy.stdout) break;
    for (let i = 0; i < 3; i++) {
      const { added, removed } = await rt.diff(before);
      expect(added.length).toBeGreaterThan(0);
      expect(removed).toEqual([]);
    }
    busy.kill();
    await busy.wait();
  });
});

describe("what is refused", () => {
  test("anything but a snapshot, and options that there aren't", async () => {
    await using rt = await NodeRuntime.create({ limits });
    await expect(rt.diff(Buffer.alloc(10) as unknown as Snapshot)).rejects.toThrow(InvalidOptionError);
    const before = await rt.snapshot();
    await expect(rt.diff(before, { signl: undefined } as never)).rejects.toThrow(/signal/);
  });

  test("files of more bytes than anybody should read", async () => {
    await using rt = await NodeRuntime.create({ limits });
    const before = await rt.snapshot();
    await rt.exec(`
      const fs = require("node:fs");
      fs.writeFileSync("holes", "");
      fs.truncateSync("holes", 2 ** 30);`);
    await expect(rt.diff(before)).rejects.toMatchObject({ code: "EFBIG", path: "/home/user/holes" });
    await rt.rm("/home/user/holes");
    expect(await rt.diff(before)).toEqual(nothing);
  });

  test("a diff that is given up rejects with the reason, and the runtime goes on", async () => {
    await using rt = await NodeRuntime.create({ limits });
    const before = await rt.snapshot();
    await expect(rt.diff(before, { signal: AbortSignal.abort("before") })).rejects.toBe("before");
    const giving = new AbortController();
    const diff = rt.diff(before, { signal: giving.signal });
    giving.abort("meanwhile");
    await expect(diff).rejects.toBe("meanwhile");
    expect(await rt.diff(before)).toEqual(nothing);
  });
});
