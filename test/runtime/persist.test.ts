import { execFile } from "node:child_process";
import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  rmSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { promisify } from "node:util";
import { InvalidOptionError, NodeRuntime, PersistError } from "secure-exec";
import { afterEach, beforeEach, describe, expect, test } from "vitest";

const limits = { diskBytes: 4 * 1024 * 1024, inodes: 512 };
let folder: string;
let persist: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), "secure-exec-persist-"));
  persist = join(folder, "disk");
});
afterEach(() => rmSync(folder, { recursive: true }));

async function problemOf(options: Parameters<typeof NodeRuntime.create>[0]): Promise<string> {
  try {
    await (await NodeRuntime.create(options)).dispose();
    return "none";
  } catch (error) {
    if (error instanceof PersistError) return error.problem;
    throw error;
  }
}

async function make(): Promise<void> {
  await using rt = await NodeRuntime.create({ persist, limits });
  await rt.writeFile("/home/user/kept", "kept");
}

describe("a disk in a file", () => {
  test("outlives its runtime", async () => {
    {
      await using rt = await NodeRuntime.create({ persist, limits, files: { "/home/user/a": "one" } });
      await rt.exec("require('fs').appendFileSync('a', ' two')");
      await rt.sync();
    }
    {
      await using rt = await NodeRuntime.create({ persist, limits });
      expect((await rt.exec("console.log(require('fs').readFileSync('a', 'utf8'))")).stdout).toBe(
        "one two\n",
      );
      expect(rt.isolation).toMatchObject({ level: "jailed" });
    }
    expect(readdirSync(folder)).toEqual(["disk"]);
  });

  test("outlives its machines", async () => {
    await using rt = await NodeRuntime.create({ persist, limits });
    await rt.writeFile("/home/user/a", "a");
    await rt.exec("'ab'.repeat(1e8).split('')");
    expect(await rt.readFile("/home/user/a", "utf8")).toBe("a");
  });

  test("can be copied: the copies are in no file", async () => {
    await make();
    await using rt = await NodeRuntime.create({ persist, limits });
    await using fork = await rt.fork();
    await using restored = await NodeRuntime.create({ snapshot: await rt.snapshot() });
    await rt.writeFile("/home/user/kept", "changed");
    for (const copy of [fork, restored]) expect(await copy.readFile("/home/user/kept", "utf8")).toBe("kept");
    await fork.sync();
  });

  test("is one runtime's at a time, by whatever name", async () => {
    await using rt = await NodeRuntime.create({ persist, limits });
    symlinkSync(persist, join(folder, "link"));
    expect(await problemOf({ persist, limits })).toBe("busy");
    expect(await problemOf({ persist: join(folder, "link"), limits })).toBe("busy");
    await rt.writeFile("/home/user/a", "a");
    await rt.dispose();
    await expect(rt.sync()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    expect(await problemOf({ persist, limits })).toBe("none");
  });

  test("of two that make it at once one has it", async () => {
    const both = await Promise.allSettled([1, 2].map(() => NodeRuntime.create({ persist, limits })));
    const made = both.flatMap((result) => (result.status === "fulfilled" ? [result.value] : []));
    expect(made.length).toBe(1);
    for (const rt of made) await rt.dispose();
    expect(await problemOf({ persist, limits })).toBe("none");
  });

  test("is made for its limits", async () => {
    await make();
    expect(await problemOf({ persist, limits: { ...limits, diskBytes: 8 * 1024 * 1024 } })).toBe("limits");
    expect(await problemOf({ persist, limits: { ...limits, inodes: 513 } })).toBe("limits");
    expect(await problemOf({ persist, limits })).toBe("none");
  });

  test("that never came to be is made anew", async () => {
    await make();
    // As a host leaves it that dies before its first machine is ready.
    const fd = openSync(persist, "r+");
    writeSync(fd, Buffer.alloc(4), 0, 4, 28);
    writeSync(fd, Buffer.alloc(4096, 0x55), 0, 4096, 65536);
    await using rt = await NodeRuntime.create({ persist, limits });
    expect(await rt.exists("/home/user/kept")).toBe(false);
    expect(await rt.exists("/home/user")).toBe(true);
  });

  test("can't be had together with a snapshot", async () => {
    await using rt = await NodeRuntime.create({ limits });
    const snapshot = await rt.snapshot();
    await expect(NodeRuntime.create({ persist, snapshot })).rejects.toThrow(InvalidOptionError);
    await expect(NodeRuntime.create({ persist: "" })).rejects.toThrow(InvalidOptionError);
    await expect(NodeRuntime.create({ persist: 1 as never })).rejects.toThrow(InvalidOptionError);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("a file that can't be used is left as it is", () => {
  test("other files", async () => {
    mkdirSync(join(folder, "directory"));
    expect(await problemOf({ persist: join(folder, "directory"), limits })).toBe("unavailable");
    expect(await problemOf({ persist: join(folder, "missing/disk"), limits })).toBe("unavailable");
    expect(await problemOf({ persist: "/dev/null", limits })).toBe("foreign");
    for (const text of ["", "some notes", "SXDISK"]) {
      writeFileSync(persist, text);
      expect(await problemOf({ persist, limits })).toBe("foreign");
      expect(readFileSync(persist, "utf8")).toBe(text);
    }
  });

  test.skipIf(process.getuid?.() === 0)("files that may not be written", async () => {
    await make();
    chmodSync(persist, 0o400);
    expect(await problemOf({ persist, limits })).toBe("unavailable");
  });

  test.each<[string, (fd: number) => void]>([
    ["version", (fd) => writeSync(fd, Buffer.of(9), 0, 1, 8)],
    ["version", (fd) => writeSync(fd, Buffer.of(9), 0, 1, 12)],
    ["damaged", (fd) => writeSync(fd, Buffer.alloc(4096), 0, 4096, 65536)],
    ["damaged", (fd) => writeSync(fd, Buffer.of(1, 1, 1, 1), 0, 4, 65536 + 8)],
    ["truncated", () => truncateSync(persist, 200_000)],
  ])("%s", async (problem, change) => {
    await make();
    change(openSync(persist, "r+"));
    const before = readFileSync(persist);
    expect(await problemOf({ persist, limits })).toBe(problem);
    expect(readFileSync(persist).equals(before)).toBe(true);
  });

  test("any other bytes make a disk, or none", async () => {
    await make();
    const fd = openSync(persist, "r+");
    let state = 5;
    const random = Buffer.from(
      Array.from({ length: 200_000 }, () => {
        state = (Math.imul(state, 1664525) + 1013904223) | 0;
        return state >>> 24;
      }),
    );
    writeSync(fd, random, 0, random.length, 65536 + 128);
    await using rt = await NodeRuntime.create({ persist, limits });
    await rt.writeFile("/tmp/new", "new");
    expect((await rt.exec("console.log(require('fs').readFileSync('/tmp/new', 'utf8'))")).stdout).toBe(
      "new\n",
    );
  });
});

/* A few of the kills that `node bench/host-kills.ts` makes by the hundred. */
test("a host that is killed loses nothing of what was said to be done", async () => {
  const script = fileURLToPath(new URL("../../bench/host-kills.ts", import.meta.url));
  const { stdout } = await promisify(execFile)(process.execPath, [script, "3"], { timeout: 55_000 });
  expect(JSON.parse(stdout)).toMatchObject({ kills: 3 });
});
