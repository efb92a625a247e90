import { InvalidOptionError, NodeRuntime, Snapshot, SnapshotError } from "secure-exec";
import { describe, expect, test } from "vitest";

const KiB = 1024;
const limits = { diskBytes: 8 * KiB * KiB, inodes: 600 };

async function lines(rt: NodeRuntime, code: string): Promise<string[]> {
  const { stdout, stderr } = await rt.exec(code, { timeout: 60_000 });
  return (stdout + stderr).trimEnd().split("\n");
}

/** Everything that a program can see of the disk's files. */
const tree = `
  import { lstatSync, readFileSync, readlinkSync, readdirSync } from "node:fs";
  import { createHash } from "node:crypto";
  const walk = (path) => {
    if (path === "/proc" || path === "/dev") return;
    const s = lstatSync(path, { bigint: true });
    const text = s.isFile() && path !== "/etc/shadow" ? createHash("md5").update(readFileSync(path)).digest("hex")
      : s.isSymbolicLink() ? readlinkSync(path) : "";
    console.log(path, s.ino, s.mode, s.nlink, s.uid, s.isDirectory() ? 0 : s.size, s.mtimeNs, s.ctimeNs, text);
    if (s.isDirectory() && path !== "/root") readdirSync(path).sort().forEach((name) => walk(path.replace(/\\/$/, "") + "/" + name));
  };
  walk("/");`;

const furnish = `
  import fs from "node:fs";
  fs.mkdirSync("d/e", { recursive: true });
  fs.writeFileSync("d/e/large", Buffer.alloc(2_000_000, "large"));
  fs.writeFileSync("d/small", "small");
  fs.linkSync("d/small", "d/e/hard");
  fs.symlinkSync("../small", "d/e/soft");
  fs.chmodSync("d/small", 0o640);
  for (let i = 0; i < 100; i++) fs.writeFileSync("d/f" + i, "x".repeat(i * 50));
  for (let i = 0; i < 100; i += 3) fs.rmSync("d/f" + i);
`;

/** What the machine itself writes as it starts. */
const same = (line: string) => !/^\/etc(?:\/host(?:s|name))? /.test(line);

describe("snapshots and forks", () => {
  test("hold the disk, the working directory and the variables", async () => {
    await using rt = await NodeRuntime.create({
      limits,
      npm: false,
      cwd: "/home/user/work",
      env: { A: "a", LANG: undefined },
    });
    await rt.exec(furnish);
    const before = (await lines(rt, tree)).filter(same);
    const snapshot = await rt.snapshot();
    expect(snapshot.size).toBeGreaterThan(2_000_000);
    expect(snapshot.size).toBeLessThan(4_000_000);
    await rt.exec("require('fs').rmSync('d', { recursive: true })");
    const kept = Snapshot.fromBuffer(snapshot.toBuffer());
    for (const one of [snapshot, kept]) {
      await using restored = await NodeRuntime.create({ snapshot: one, npm: false });
      expect((await lines(restored, tree)).filter(same)).toEqual(before);
      const code = "console.log(process.cwd(), process.env.A, process.env.LANG)";
      expect(await lines(restored, code)).toEqual(["/home/user/work a undefined"]);
    }
    expect(await rt.exists("/home/user/work/d")).toBe(false);
  });

  test("are apart from the runtime that they are of", async () => {
    await using rt = await NodeRuntime.create({
      limits,
      files: { "/home/user/f": "first" },
      env: { A: "a" },
    });
    await rt.writeFile("/home/user/f", "second");
    await using fork = await rt.fork();
    await using another = await fork.fork();
    await rt.writeFile("/home/user/f", "third");
    await fork.writeFile("/home/user/f", "fourth");
    expect(await rt.readFile("/home/user/f", "utf8")).toBe("third");
    expect(await fork.readFile("/home/user/f", "utf8")).toBe("fourth");
    expect(
      await lines(another, "console.log(require('fs').readFileSync('f','utf8'), process.env.A)"),
    ).toEqual(["second a"]);
  });

  test("options come before what a snapshot says, and its disk stays as large as it was", async () => {
    await using rt = await NodeRuntime.create({ limits, env: { A: "a", B: "b" } });
    const snapshot = await rt.snapshot();
    await using other = await NodeRuntime.create({
      snapshot,
      cwd: "/tmp",
      env: { B: "c", A: undefined },
      files: { "/tmp/new": "new" },
      limits: { diskBytes: limits.diskBytes, memoryBytes: 128 * KiB * KiB },
    });
    const code =
      "console.log(process.cwd(), process.env.A, process.env.B, require('fs').readFileSync('new', 'utf8'))";
    expect(await lines(other, code)).toEqual(["/tmp undefined c new"]);
    for (const wrong of [
      { snapshot, limits: { diskBytes: 2 * limits.diskBytes } },
      { snapshot, limits: { inodes: limits.inodes + 1 } },
      { snapshot: snapshot.toBuffer() as never },
      { snapshot: { size: 1 } as never },
    ]) {
      await expect(NodeRuntime.create(wrong)).rejects.toThrow(InvalidOptionError);
    }
  });

  test("are of one moment, whatever programs do meanwhile", { timeout: 120_000 }, async () => {
    await using rt = await NodeRuntime.create({ limits });
    const abort = new AbortController();
    let running: (() => void) | undefined;
    const begun = new Promise<void>((resolve) => {
      running = resolve;
    });
    const ended = rt
      .exec(
        `import fs from "node:fs";
         fs.writeFileSync("a", "0".repeat(9)); fs.writeFileSync("b", "0".repeat(9));
         console.log("begun");
         for (let i = 1; ; i++) {
           const text = String(i).padStart(9, "0");
           fs.writeFileSync("a", text); fs.writeFileSync("b", text);
           fs.mkdirSync("d" + (i % 50), { recursive: true });
           fs.renameSync("d" + (i % 50), "e" + (i % 50));
           fs.rmSync("e" + (i % 50), { recursive: true });
         }`,
        { signal: abort.signal, onStdout: () => running?.() },
      )
      .catch(() => undefined);
    await begun;
    for (let round = 0; round < 5; round++) {
      await using copy =
        round % 2 === 0 ? await NodeRuntime.create({ snapshot: await rt.snapshot() }) : await rt.fork();
      const [a, b] = [
        await copy.readFile("/home/user/a", "utf8"),
        await copy.readFile("/home/user/b", "utf8"),
      ];
      // A file is emptied before it is written.
      if (a !== "" && b !== "") expect(Number(a) - Number(b)).toBeOneOf([0, 1]);
      expect(await copy.exists("/bin/sh")).toBe(true);
    }
    abort.abort();
    await ended;
    expect((await rt.exec("console.log('alive')")).stdout).toBe("alive\n");
  });

  test("at the same time wait for each other", async () => {
    await using rt = await NodeRuntime.create({ limits, files: { "/home/user/f": "text" } });
    const [one, two, fork] = await Promise.all([rt.snapshot(), rt.snapshot(), rt.fork()]);
    expect(one.size).toBe(two.size);
    expect(await fork.readFile("/home/user/f", "utf8")).toBe("text");
    await fork.dispose();
  });

  test("a machine that dies leaves a runtime that can still be copied", async () => {
    await using rt = await NodeRuntime.create({ limits, files: { "/home/user/f": "text" } });
    await rt.exec("'ab'.repeat(1e8).split('')");
    await using fork = await rt.fork();
    await fork.exec("'ab'.repeat(1e8).split('')");
    expect(await fork.readFile("/home/user/f", "utf8")).toBe("text");
  });

  test("a runtime that is disposed of has none", async () => {
    const rt = await NodeRuntime.create({ limits });
    const pending = Promise.allSettled([rt.snapshot(), rt.fork()]);
    await rt.dispose();
    for (const { status } of await pending) expect(status).toBeOneOf(["fulfilled", "rejected"]);
    await expect(rt.snapshot()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    await expect(rt.fork()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    for (const result of await pending) {
      if (result.status === "fulfilled" && result.value instanceof NodeRuntime) await result.value.dispose();
    }
  });
});

test("bytes that are no snapshot are refused before anything starts", () => {
  expect(() => Snapshot.fromBuffer(Buffer.alloc(100))).toThrow(SnapshotError);
});
