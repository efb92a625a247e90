import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { S_LOCK } from "../../src/disk/layout.js";
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

async function stat(path: string): Promise<FileStat> {
  return (await machine.host.fs({ op: "stat", path })).value as FileStat;
}

async function failure(operation: FsOperation, data?: Uint8Array): Promise<unknown> {
  const error = await machine.host.fs(operation, data).then(
    () => "it worked",
    (thrown: { code: string; syscall: string }) => `${thrown.code} ${thrown.syscall}`,
  );
  return error;
}

const write = (path: string, data: string | Uint8Array, mode: number | null = null) =>
  machine.host.fs({ op: "writeFile", path, mode, parents: true }, Buffer.from(data));
const read = async (path: string) => (await machine.host.fs({ op: "readFile", path, limit: 64 * MiB })).data;

describe("the base tree", () => {
  it("is what a guest expects", async () => {
    expect(await stat("/home/user")).toMatchObject({ type: "directory", uid: 1000, gid: 1000 });
    expect((await stat("/tmp")).mode & 0o7777).toBe(0o1777);
    expect((await stat("/usr/local/bin/node")).mode & 0o777).toBe(0o755);
    expect(String(await read("/etc/hostname"))).toBe("secure-exec\n");
    expect(String(await read("/etc/passwd"))).toContain("user:x:1000:1000:user:/home/user:/bin/sh\n");
    // Guests alone see what is in it.
    expect((await stat("/proc")).mode).toBe(0o040555);
    expect(await machine.host.fs({ op: "exists", path: "/proc/version" })).toMatchObject({ value: false });
  });
});

describe("the host's files", () => {
  it("are written and read whole, at every length of interest", async () => {
    for (const length of [0, 1, 4096, 65536, 256 * 1024, 256 * 1024 + 1, 3 * MiB + 7]) {
      const data = Buffer.alloc(length, length % 251);
      await write(`/home/user/f${length}`, data);
      expect((await read(`/home/user/f${length}`))?.equals(data)).toBe(true);
    }
  });

  it("belong to the guest's user, with the parents that were missing, and keep their owner", async () => {
    await write("/home/user/a/b/c.txt", "1", 0o600);
    for (const path of ["/home/user/a", "/home/user/a/b", "/home/user/a/b/c.txt"]) {
      expect(await stat(path)).toMatchObject({ uid: 1000, gid: 1000 });
    }
    expect((await stat("/home/user/a/b/c.txt")).mode & 0o777).toBe(0o600);
    await write("/home/user/a/b/c.txt", "longer");
    expect((await stat("/home/user/a/b/c.txt")).mode & 0o777).toBe(0o600);
    await write("/etc/hosts", "changed");
    expect(await stat("/etc/hosts")).toMatchObject({ uid: 0, gid: 0 });
  });

  it("are seen by a guest, and a guest's by the host", async () => {
    await write("/home/user/in.txt", "from the host");
    const ended = await machine.run(
      `const size = sys.disk.readSmall("/home/user/in.txt", 0, 100);
       sys.write(1, Buffer.from(sys.disk.result.slice(0, size)));
       const bytes = Buffer.from("from the guest");
       sys.disk.writeSmall("/home/user/out.txt", 0o101, 0o644, bytes, bytes.length); sys.exit(0)`,
    );
    expect(ended.stdout).toBe("from the host");
    expect(String(await read("/home/user/out.txt"))).toBe("from the guest");
  });

  it("are listed, renamed and removed", async () => {
    await write("/home/user/x/1", "1");
    await machine.host.fs({ op: "mkdir", path: "/home/user/x/d", recursive: false, mode: 0o700 });
    const list = await machine.host.fs({ op: "readdir", path: "/home/user/x" });
    expect([...(list.entries ?? [])].sort()).toEqual([
      ["1", "file"],
      ["d", "directory"],
    ]);
    await machine.host.fs({ op: "rename", path: "/home/user/x/1", dest: "/home/user/x/2" });
    expect(String(await read("/home/user/x/2"))).toBe("1");
    await machine.host.fs({ op: "rm", path: "/home/user/x/2", recursive: false, force: false });
    await machine.host.fs({ op: "rm", path: "/home/user/x", recursive: true, force: false });
    expect((await machine.host.fs({ op: "exists", path: "/home/user/x" })).value).toBe(false);
  });

  it("in thousands are listed and removed", async () => {
    const ended = await machine.run(
      `const d = sys.disk; d.mkdir("/tmp/t", 0o755);
       for (let i = 0; i < 30; i++) { d.mkdir("/tmp/t/" + i, 0o755); for (let j = 0; j < 100; j++) d.close(d.open("/tmp/t/" + i + "/" + "long".repeat(20) + j, 0o101, 0o644)); }
       d.symlink("/home", "/tmp/t/5/link"); sys.exit(0)`,
    );
    expect(ended.exitCode).toBe(0);
    expect((await machine.host.fs({ op: "readdir", path: "/tmp/t/7" })).entries?.length).toBe(100);
    await machine.host.fs({ op: "rm", path: "/tmp/t", recursive: true, force: false });
    expect((await machine.host.fs({ op: "readdir", path: "/tmp" })).entries).toEqual([]);
    expect(await stat("/home/user")).toMatchObject({ type: "directory" });
  });

  it("deeper than a path is long are removed", async () => {
    const ended = await machine.run(
      `const cred = { uid: 1000, gid: 1000, umask: 0o022, cwd: 1 };
       const { disk } = sys; const name = "n".repeat(200);
       let path = "/tmp"; for (let i = 0; i < 18; i++) { path += "/" + name; disk.mkdir(path, 0o755); }
       for (let i = 0; i < 6; i++) { disk.rename("/tmp/" + name, "/tmp/keep"); path = "/tmp"; for (let j = 0; j < 18; j++) { path += "/" + name; disk.mkdir(path, 0o755); } disk.rename("/tmp/keep", path + "/x"); }
       sys.exit(0)`,
    );
    expect(ended.exitCode).toBe(0);
    await machine.host.fs({ op: "rm", path: `/tmp/${"n".repeat(200)}`, recursive: true, force: false });
    expect((await machine.host.fs({ op: "readdir", path: "/tmp" })).entries).toEqual([]);
  });

  it("fail with Node's errors", async () => {
    const path = "/home/user/none";
    expect(await failure({ op: "stat", path })).toBe("ENOENT stat");
    expect(await failure({ op: "lstat", path })).toBe("ENOENT lstat");
    expect(await failure({ op: "readdir", path })).toBe("ENOENT scandir");
    expect(await failure({ op: "readdir", path: "/etc/hosts" })).toBe("ENOTDIR scandir");
    expect(await failure({ op: "readFile", path, limit: 1 })).toBe("ENOENT open");
    expect(await failure({ op: "readFile", path: "/tmp", limit: 1 })).toBe("EISDIR read");
    expect(await failure({ op: "readFile", path: "/etc/hosts", limit: 1 })).toBe("EFBIG read");
    expect(await failure({ op: "rename", path, dest: "/tmp/x" })).toBe("ENOENT rename");
    expect(await failure({ op: "mkdir", path: "/tmp", recursive: false, mode: null })).toBe("EEXIST mkdir");
    expect(await failure({ op: "mkdir", path: "/etc/hosts/x", recursive: true, mode: null })).toBe(
      "ENOTDIR mkdir",
    );
    expect(await failure({ op: "mkdir", path: "/etc/hosts", recursive: true, mode: null })).toBe(
      "EEXIST mkdir",
    );
    expect(await failure({ op: "rm", path, recursive: true, force: false })).toBe("ENOENT rm");
    expect(await failure({ op: "rm", path, recursive: true, force: true })).toBe("it worked");
    expect(await failure({ op: "rm", path: "/tmp", recursive: false, force: true })).toBe("EISDIR rm");
    const noParent: FsOperation = { op: "writeFile", path: `${path}/x`, mode: null, parents: false };
    expect(await failure(noParent, Buffer.alloc(MiB))).toBe("ENOENT open");
    expect(await failure({ op: "mkdir", path: "/tmp", recursive: true, mode: null })).toBe("it worked");
  });

  it("that don't fit the disk are refused, and the kernel goes on", async () => {
    const operation: FsOperation = { op: "writeFile", path: "/home/user/big", mode: null, parents: true };
    expect(await failure(operation, Buffer.alloc(80 * MiB))).toBe("ENOSPC write");
    await machine.host.fs({ op: "rm", path: "/home/user/big", recursive: false, force: false });
    await write("/home/user/small", "fits");
    expect(String(await read("/home/user/small"))).toBe("fits");
  });
});

describe("a lock that is kept", () => {
  const words = "new Int32Array(sys.memory.buffer, sys.memory.byteOffset)";

  it("by a guest for ever ends that guest", async () => {
    const hog = machine.start(
      `const words = ${words}; while (Atomics.compareExchange(words, ${S_LOCK}, 0, sys.owner) !== 0);
       sys.write(1, "has it"); for (;;);`,
    );
    while (hog.output.length === 0) await sleep(10);
    const begun = performance.now();
    expect(await stat("/tmp")).toMatchObject({ type: "directory" });
    expect(performance.now() - begun).toBeLessThan(1500);
    expect(await hog.ended).toMatchObject({ exitCode: 137, termination: { reason: "killed" } });
    expect((await machine.run("sys.disk.mkdir('/tmp/after', 0o755); sys.exit(0)")).exitCode).toBe(0);
  });

  it("by a guest for ever doesn't stop another, even when the kernel has no use for the disk", async () => {
    const hog = machine.start(
      `const words = ${words}; while (Atomics.compareExchange(words, ${S_LOCK}, 0, sys.owner) !== 0);
       sys.write(1, "has it"); for (;;);`,
    );
    while (hog.output.length === 0) await sleep(10);
    const { exitCode, milliseconds } = await machine.run("sys.disk.mkdir('/tmp/beside', 0o755); sys.exit(0)");
    expect(exitCode).toBe(0);
    expect(milliseconds).toBeGreaterThan(400);
    expect(milliseconds).toBeLessThan(1500);
    expect(await hog.ended).toMatchObject({ exitCode: 137, termination: { reason: "killed" } });
  });

  it("in the name of nobody doesn't stop a guest for ever", async () => {
    for (const word of [123456, -5, 0x7fffffff, 1]) {
      const code = `${words}[${S_LOCK}] = ${word}; sys.disk.mkdir('/tmp/of${word}', 0o755); sys.exit(0)`;
      expect((await machine.run(code)).exitCode).toBe(0);
    }
  });

  it("in the name of nobody is broken", async () => {
    for (const word of [123456, -5, 0x7fffffff, 1]) {
      expect((await machine.run(`${words}[${S_LOCK}] = ${word}; sys.exit(0)`)).exitCode).toBe(0);
      expect(await stat("/tmp")).toMatchObject({ type: "directory" });
    }
  });

  it("by a guest that is ended in time is freed", async () => {
    const ended = await machine.run(
      `const words = ${words}; for (;;) Atomics.compareExchange(words, ${S_LOCK}, 0, sys.owner);`,
      {
        timeout: 100,
      },
    );
    expect(ended).toMatchObject({ exitCode: 124 });
    const begun = performance.now();
    expect(await stat("/tmp")).toMatchObject({ type: "directory" });
    expect(performance.now() - begun).toBeLessThan(100);
  });

  it("again and again by honest guests doesn't end them", async () => {
    const busy = [1, 2].map((n) =>
      machine.start(
        `const b = Buffer.alloc(60000); for (;;) { sys.disk.writeSmall("/tmp/busy${n}", 0o1101, 0o644, b, b.length); sys.disk.stat("/tmp", new Float64Array(18)); }`,
        { timeout: 1500 },
      ),
    );
    await sleep(100);
    let reads = 0;
    while (reads < 100) {
      await stat("/tmp");
      await write("/home/user/x", "x");
      reads++;
    }
    for (const { ended } of busy) expect(await ended).toMatchObject({ exitCode: 124 });
  });

  it("is left whole by guests ended anywhere in their writes", async () => {
    for (let i = 0; i < 10; i++) {
      const { ended } = machine.start(
        `for (let i = 0; ; i++) { sys.disk.mkdir("/tmp/d" + (i % 50), 0o755); sys.disk.rename("/tmp/d" + (i % 50), "/tmp/e" + (i % 20)); sys.disk.rmdir("/tmp/e" + (i % 20)); }`,
        { timeout: 30 + i * 3 },
      );
      expect(await ended).toMatchObject({ exitCode: 124 });
      expect(await stat("/tmp")).toMatchObject({ type: "directory" });
    }
    await machine.host.fs({ op: "rm", path: "/tmp", recursive: true, force: false });
  });
});
