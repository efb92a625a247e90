import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import type { FileStat, FsOperation } from "../../src/wire/index.js";
import { bundleGuest, MiB, TestMachine } from "./harness.js";

let source = "";
let machine: TestMachine;
beforeAll(async () => {
  source = await bundleGuest();
});
beforeEach(async () => {
  machine = new TestMachine(source);
  await machine.configured;
});
afterEach(() => expect(machine.breach).toBe(null));

async function failure(operation: FsOperation, data?: Uint8Array): Promise<unknown> {
  return await machine.host.fs(operation, data).then(
    () => "it worked",
    ({ code, syscall, path, dest }: Record<string, string>) => [code, syscall, path, dest].join(" ").trim(),
  );
}

const value = async (operation: FsOperation) => (await machine.host.fs(operation)).value;
const stat = async (path: string) => (await value({ op: "stat", path })) as FileStat;
const lstat = async (path: string) => (await value({ op: "lstat", path })) as FileStat;
const write = (path: string, data: string, append = false) =>
  machine.host.fs({ op: "writeFile", path, mode: null, parents: true, append }, Buffer.from(data));
const read = async (path: string) =>
  String((await machine.host.fs({ op: "readFile", path, limit: 64 * MiB })).data);

it("links are made, read and followed", async () => {
  await write("/home/user/a", "1");
  await value({ op: "symlink", target: "user/a", path: "/home/l" });
  expect(await value({ op: "readlink", path: "/home/l" })).toBe("user/a");
  expect(await value({ op: "realpath", path: "/home/user/../l" })).toBe("/home/user/a");
  expect(await read("/home/l")).toBe("1");
  expect(await lstat("/home/l")).toMatchObject({ type: "symlink", uid: 1000, size: 6 });
  await value({ op: "link", path: "/home/user/a", dest: "/home/user/b" });
  expect(await stat("/home/user/b")).toMatchObject({ nlink: 2, ino: (await stat("/home/user/a")).ino });
  expect(await failure({ op: "symlink", target: "x", path: "/home/l" })).toBe("EEXIST symlink x /home/l");
  expect(await failure({ op: "readlink", path: "/home/user/a" })).toBe("EINVAL readlink /home/user/a");
  expect(await failure({ op: "realpath", path: "/no" })).toBe("ENOENT realpath /no");
  expect(await failure({ op: "link", path: "/home", dest: "/h" })).toBe("EPERM link /home /h");
});

it("modes and times are set", async () => {
  await write("/home/user/a", "1");
  await value({ op: "chmod", path: "/home/user/a", mode: 0o4750 });
  await value({ op: "utimes", path: "/home/user/a", atime: 1.5, mtime: -2 });
  expect(await stat("/home/user/a")).toMatchObject({ mode: 0o104750, atimeMs: 1500, mtimeMs: -2000 });
  expect(await failure({ op: "chmod", path: "/no", mode: 0 })).toBe("ENOENT chmod /no");
  expect(await failure({ op: "utimes", path: "/no", atime: 0, mtime: 0 })).toBe("ENOENT utime /no");
});

it("bytes are appended and copied", async () => {
  await write("/home/user/a", "one");
  await write("/home/user/a", ", two", true);
  await write("/home/user/new", "made", true);
  expect([await read("/home/user/a"), await read("/home/user/new")]).toEqual(["one, two", "made"]);
  const large = "0123456789".repeat(200_000);
  await write("/home/user/large", large);
  await value({ op: "chmod", path: "/home/user/large", mode: 0o751 });
  await write("/home/user/copy", "x".repeat(3_000_000));
  await value({ op: "copyFile", path: "/home/user/large", dest: "/home/user/copy" });
  expect((await read("/home/user/copy")) === large).toBe(true);
  expect(await stat("/home/user/copy")).toMatchObject({ mode: 0o100751, uid: 1000, size: large.length });
  await value({ op: "copyFile", path: "/home/user/large", dest: "/home/user/large" });
  expect((await stat("/home/user/large")).size).toBe(large.length);
  const copy = (path: string, dest: string) => failure({ op: "copyFile", path, dest });
  expect(await copy("/no", "/b")).toBe("ENOENT copyfile /no /b");
  expect(await copy("/home", "/b")).toBe("EISDIR copyfile /home /b");
  expect(await copy("/home/user/a", "/home")).toBe("EISDIR copyfile /home/user/a /home");
  expect(await copy("/home/user/a", "/no/b")).toBe("ENOENT copyfile /home/user/a /no/b");
});

it("temporary directories have a name of their own", async () => {
  const made = await Promise.all(Array.from({ length: 20 }, () => value({ op: "mkdtemp", path: "/tmp/t-" })));
  expect(new Set(made).size).toBe(20);
  for (const path of made as string[]) {
    expect(path).toMatch(/^\/tmp\/t-[A-Za-z0-9]{6}$/);
    expect(await stat(path)).toMatchObject({ mode: 0o040700, uid: 1000, gid: 1000 });
  }
  expect(await failure({ op: "mkdtemp", path: "/no/t-" })).toBe("ENOENT mkdtemp /no/t-XXXXXX");
});

it("what is no regular file is neither read nor written, and nobody waits for it", async () => {
  await value({ op: "mkfifo", path: "/tmp/p", mode: 0o644 });
  expect(await stat("/tmp/p")).toMatchObject({ type: "other", mode: 0o010644, uid: 1000 });
  for (const path of ["/tmp/p", "/dev/null", "/dev/zero"]) {
    expect(await failure({ op: "readFile", path, limit: 1 })).toBe(`ENXIO open ${path}`);
    expect(await failure({ op: "writeFile", path, mode: null, parents: false }, Buffer.from("x"))).toBe(
      `ENXIO open ${path}`,
    );
    expect(await failure({ op: "copyFile", path, dest: "/tmp/c" })).toBe(`ENXIO copyfile ${path} /tmp/c`);
  }
});

it("the machine's own directories stay", async () => {
  expect(await failure({ op: "rm", path: "/proc", recursive: true, force: true })).toBe("EBUSY rm /proc");
  expect(await failure({ op: "rename", path: "/proc", dest: "/p" })).toBe("EBUSY rename /proc /p");
  expect(
    await failure({ op: "writeFile", path: "/proc/x", mode: null, parents: false }, Buffer.alloc(1)),
  ).toBe("ENOENT open /proc/x");
  expect(await failure({ op: "mkdir", path: "/proc/x/y", recursive: true, mode: null })).toBe(
    "ENOENT mkdir /proc/x/y",
  );
  expect(await failure({ op: "symlink", target: "x", path: "/proc/x" })).toBe("ENOENT symlink x /proc/x");
});
