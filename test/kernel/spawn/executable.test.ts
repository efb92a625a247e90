import { describe, expect, it } from "vitest";
import { Disk, diskMemorySize, formatDisk } from "../../../src/disk/disk.js";
import { makeBaseTree } from "../../../src/kernel/base-tree.js";
import { findExecutable } from "../../../src/kernel/spawn/executable.js";
import { EACCES, ELOOP, ENOENT, ENOEXEC } from "../../../src/syscall/errno.js";

const O_WRONLY_CREAT = 0o101;

const size = { bytes: 4 << 20, inodes: 1024 };
const byteLength = diskMemorySize(size);
const memory = { buffer: new SharedArrayBuffer(byteLength), byteOffset: 0, byteLength };
formatDisk(memory, size);
makeBaseTree(memory);

const gate = { id: 7, gate: new Int32Array(1), gateIndex: 0 };
const user = { uid: 1000, gid: 1000, umask: 0, cwd: 1 };
const disk = new Disk(memory, gate, user);
user.cwd = disk.resolveDirectory("/home/user");

function file(path: string, text: string, mode = 0o755): void {
  const bytes = Buffer.from(text);
  disk.unlink(path);
  expect(disk.writeSmall(path, O_WRONLY_CREAT, mode, bytes, bytes.length)).toBeGreaterThanOrEqual(0);
}

function find(name: string, args: string[] = [], env: Record<string, string> = {}) {
  return findExecutable(disk, name, [name, ...args], env);
}

const node = "/usr/local/bin/node";

describe("finding a program", () => {
  it("knows Node and the commands of the machine", () => {
    expect(find("node", ["-v"])).toEqual({ command: null, args: ["-v"], files: [node] });
    expect(find("sh", ["-c", "x"])).toEqual({ command: "sh", args: ["-c", "x"], files: ["/bin/sh"] });
    expect(find("nowhere")).toBe(-ENOENT);
    expect(find("")).toBe(-ENOENT);
    expect(find("/home")).toBe(-EACCES);
  });

  it("looks where PATH says, in its order", () => {
    file("tool", `#!${node}\n`);
    expect(find("tool", [], { PATH: "/bin" })).toBe(-ENOENT);
    const found = { command: null, args: ["/home/user/tool"], files: ["/home/user/tool", node] };
    expect(find("tool", [], { PATH: "/bin:/home/user" })).toEqual(found);
    expect(find("tool", [], { PATH: "/bin:" })).toMatchObject({ args: ["./tool"] });
    file("sh", `#!${node}\n`);
    expect(find("sh", [], { PATH: "/home/user:/bin" })).toMatchObject({ command: null });
    expect(find("sh", [], { PATH: `${"/nowhere:".repeat(1000)}/bin` })).toBe(-ENOENT);
  });

  it("looks into no more directories for names that lead to names", () => {
    if (disk.stat("/bin/env", new Float64Array(18)) < 0) {
      const root = new Disk(memory, gate, { uid: 0, gid: 0, umask: 0, cwd: 1 });
      const line = Buffer.from("#!/usr/local/bin/node --command\n");
      expect(root.writeSmall("/bin/env", O_WRONLY_CREAT, 0o755, line, line.length)).toBeGreaterThan(0);
    }
    file("one", "#!/usr/bin/env two\n");
    file("two", "#!/usr/bin/env nowhere\n");
    const start = performance.now();
    // It is env that says what isn't found.
    const found = find("one", [], { PATH: "/home/user:".repeat(250) });
    expect(found).toMatchObject({ command: "env", args: ["nowhere", "/home/user/two", "/home/user/one"] });
    expect(performance.now() - start).toBeLessThan(1000);
  });

  it("follows what stands behind #!, with one argument", () => {
    file("script", "#! /bin/sh  -e x \necho");
    expect(find("./script", ["a"])).toMatchObject({ command: "sh", args: ["-e x", "./script", "a"] });
    disk.symlink("script", "link");
    expect(find("./link")).toMatchObject({
      args: ["-e x", "./link"],
      files: ["/home/user/script", "/bin/sh"],
    });
    file("second", "#!./script");
    expect(find("./second")).toMatchObject({ command: "sh", args: ["-e x", "./script", "./second"] });
    file("round", "#!./round\n");
    expect(find("./round")).toBe(-ELOOP);
    file("lost", "#!/nowhere\n");
    expect(find("./lost")).toBe(-ENOENT);
  });

  it("refuses what may not be run or is no program", () => {
    file("plain", `#!${node}\n`, 0o644);
    expect(find("./plain")).toBe(-EACCES);
    file("secret", `#!${node}\n`, 0o311);
    expect(find("./secret")).toBe(-EACCES);
    for (const text of ["", "hello", "\x7fELF\0\0", "#!", "#! \n", `#!${"x".repeat(300)}`]) {
      file("odd", text);
      expect([-ENOEXEC, -ENOENT], JSON.stringify(text)).toContain(find("./odd"));
    }
  });

  it("takes no file for a command of the machine that a user has made", () => {
    file("cat", "#!/usr/local/bin/node --command\n");
    expect(find("./cat")).toMatchObject({ command: null, args: ["--command", "./cat"] });
  });
});
