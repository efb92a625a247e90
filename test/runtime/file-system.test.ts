import { expect, test } from "vitest";
import { Runtime } from "../../src/runtime/runtime.js";
import type { FileStat } from "../../src/wire/messages.js";
import { FakeLauncher } from "./fake-machine.js";

async function boot() {
  const launcher = new FakeLauncher();
  const runtime = await Runtime.start({ limits: { diskBytes: 1024 * 1024 } }, launcher.launch);
  return { machine: launcher.last, files: runtime.files, runtime };
}

test("readFile answers bytes, or text with an encoding", async () => {
  const { machine, files, runtime } = await boot();
  machine.answer = () => ({ value: null, data: Buffer.from("hä"), entries: null });
  const bytes = await files.readFile("/a", undefined);
  expect(bytes).toBeInstanceOf(Uint8Array);
  expect(Buffer.isBuffer(bytes)).toBe(false);
  expect([...(bytes as Uint8Array)]).toEqual([0x68, 0xc3, 0xa4]);
  expect(await files.readFile("/a", "utf8")).toBe("hä");
  expect(await files.readFile("/a", { encoding: "hex" })).toBe("68c3a4");
  expect(await files.readFile("/a", { encoding: null })).toBeInstanceOf(Uint8Array);
  expect(machine.operations[0]?.operation).toEqual({ op: "readFile", path: "/a", limit: 1024 * 1024 });
  await runtime.dispose();
});

test("readdir answers names, or entries that tell what they are", async () => {
  const { machine, files, runtime } = await boot();
  machine.answer = () => ({
    value: null,
    data: null,
    entries: [
      ["a", "file"],
      ["b", "directory"],
      ["c", "symlink"],
    ],
  });
  expect(await files.readdir("/d", undefined)).toEqual(["a", "b", "c"]);
  const entries = await files.readdir("/d", { withFileTypes: true });
  expect(
    entries.map((entry) =>
      typeof entry === "string"
        ? entry
        : [entry.name, entry.parentPath, entry.isFile(), entry.isDirectory(), entry.isSymbolicLink()],
    ),
  ).toEqual([
    ["a", "/d", true, false, false],
    ["b", "/d", false, true, false],
    ["c", "/d", false, false, true],
  ]);
  await runtime.dispose();
});

test("stat answers what node:fs would", async () => {
  const { machine, files, runtime } = await boot();
  const value: FileStat = {
    type: "file",
    size: 5,
    mode: 0o100644,
    uid: 1000,
    gid: 1000,
    nlink: 1,
    ino: 9,
    atimeMs: 1.5,
    mtimeMs: 2000.25,
    ctimeMs: 3,
    birthtimeMs: 4,
  };
  machine.answer = () => ({ value, data: null, entries: null });
  const stats = await files.stat("/a");
  const { type: _, ...fields } = value;
  expect(stats).toMatchObject(fields);
  expect(stats.mtime).toEqual(new Date(2000));
  expect([stats.isFile(), stats.isDirectory(), stats.isSymbolicLink()]).toEqual([true, false, false]);
  await runtime.dispose();
});

test("the other operations say what they are asked", async () => {
  const { machine, files, runtime } = await boot();
  machine.answer = ({ op }) => ({ value: op === "exists" ? true : null, data: null, entries: null });
  await files.mkdir("/d", { recursive: true, mode: 0o700 });
  await files.mkdir("/e", undefined);
  await files.rm("/d", { recursive: true, force: true });
  await files.rm("/e", undefined);
  await files.rename("/a", "/b");
  await files.writeFile("/f", "x", { mode: 0o600 });
  expect(await files.exists("/a")).toBe(true);
  expect(machine.operations.map(({ operation }) => operation)).toEqual([
    { op: "mkdir", path: "/d", recursive: true, mode: 0o700 },
    { op: "mkdir", path: "/e", recursive: false, mode: null },
    { op: "rm", path: "/d", recursive: true, force: true },
    { op: "rm", path: "/e", recursive: false, force: false },
    { op: "rename", path: "/a", dest: "/b" },
    { op: "writeFile", path: "/f", mode: 0o600, parents: false },
    { op: "exists", path: "/a" },
  ]);
  await runtime.dispose();
});

test("the operations on names and attributes say what they are asked", async () => {
  const { machine, files, runtime } = await boot();
  machine.answer = ({ op }) => {
    const answers: Record<string, string> = { readlink: "../x", realpath: "/x", mkdtemp: "/tmp/aB3dE9" };
    return { value: answers[op] ?? null, data: null, entries: null };
  };
  await files.appendFile("/f", "x", undefined);
  await files.copyFile("/a", "/b");
  await files.link("/a", "/c");
  await files.symlink("../x", "/l");
  await files.chmod("/a", 0o755);
  await files.utimes("/a", new Date(1500), 2.5);
  expect(await files.readlink("/l")).toBe("../x");
  expect(await files.realpath("/l")).toBe("/x");
  expect(await files.mkdtemp("/tmp/")).toBe("/tmp/aB3dE9");
  expect(machine.operations.map(({ operation }) => operation)).toEqual([
    { op: "writeFile", path: "/f", mode: null, parents: false, append: true },
    { op: "copyFile", path: "/a", dest: "/b" },
    { op: "link", path: "/a", dest: "/c" },
    { op: "symlink", target: "../x", path: "/l" },
    { op: "chmod", path: "/a", mode: 0o755 },
    { op: "utimes", path: "/a", atime: 1.5, mtime: 2.5 },
    { op: "readlink", path: "/l" },
    { op: "realpath", path: "/l" },
    { op: "mkdtemp", path: "/tmp/" },
  ]);
  await runtime.dispose();
});

test("a temporary directory is where it was asked for, whatever a machine says", async () => {
  const { machine, files, runtime } = await boot();
  for (const value of [
    "/etc/abcdef",
    "/tmp/../ab",
    "/tmp/x/abcdef",
    "/tmp/abcde",
    "/tmp/abcdefg",
    "/tmp/ab/def",
  ]) {
    machine.answer = () => ({ value, data: null, entries: null });
    await expect(files.mkdtemp("/tmp/")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_PROTOCOL" });
  }
  await runtime.dispose();
});

test("wrong paths, data and options are refused before the machine hears of them", async () => {
  const { machine, files, runtime } = await boot();
  const refused: [string, Promise<unknown>][] = [
    ["path", files.readFile("a.txt", undefined)],
    ["path", files.readFile("", undefined)],
    ["path", files.readFile("/a\0", undefined)],
    ["path", files.writeFile("/a/", "", undefined)],
    ["path", files.stat(new URL("file:///a"))],
    ["path", files.exists(1)],
    ["path", files.rm(undefined, undefined)],
    ["path", files.readdir("./", undefined)],
    ["path", files.mkdir("d", undefined)],
    ["from", files.rename("a", "/b")],
    ["to", files.rename("/a", "b")],
    ["data", files.writeFile("/a", 1, undefined)],
    ["data", files.appendFile("/a", null, undefined)],
    ["to", files.copyFile("/a", "/b/")],
    ["target", files.symlink("", "/l")],
    ["target", files.symlink("a\0", "/l")],
    ["path", files.symlink("a", "l")],
    ["mode", files.chmod("/a", "755")],
    ["mode", files.chmod("/a", undefined)],
    ["atime", files.utimes("/a", "now", 1)],
    ["mtime", files.utimes("/a", 1, new Date(Number.NaN))],
    ["prefix", files.mkdtemp("tmp-")],
    ["mode", files.writeFile("/a", "", { mode: "0644" })],
    ["mod", files.writeFile("/a", "", { mod: 1 })],
    ["recursive", files.rm("/a", { recursive: 1 })],
    ["recusive", files.rm("/a", { recusive: true })],
    ["encoding", files.readFile("/a", "utf-9")],
    ["encoding", files.readFile("/a", { encoding: 1 })],
    ["withFileTypes", files.readdir("/a", { withFileTypes: "yes" })],
  ];
  for (const [key, promise] of refused) {
    await expect(promise).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_INVALID_OPTION", key });
  }
  expect(machine.operations).toEqual([]);
  await runtime.dispose();
});

test("a file larger than the disk is refused before it is sent", async () => {
  const { machine, files, runtime } = await boot();
  await expect(files.writeFile("/a", new Uint8Array(1024 * 1024 + 1), undefined)).rejects.toMatchObject({
    code: "ENOSPC",
    syscall: "write",
    path: "/a",
    message: expect.stringMatching(/^ENOSPC: no space left on device, write '\/a'\. 1048577 bytes are more/),
  });
  expect(machine.operations).toEqual([]);
  await runtime.dispose();
});
