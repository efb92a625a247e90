import { NodeRuntime } from "secure-exec";
import { describe, expect, test } from "vitest";
import { type MountBackend, memoryMount } from "../../src/mounts/index.js";

async function printed(rt: NodeRuntime, code: string): Promise<string> {
  const { stdout, stderr } = await rt.exec(`import fs from "node:fs";\n${code}`);
  expect(stderr).toBe("");
  return stdout.trim();
}

const mounted = (backend: MountBackend, overlay = false) =>
  NodeRuntime.create({ mounts: [{ guestPath: "/m", backend, overlay }] });

describe("memory", () => {
  test("is read as a directory, and what changes is seen by the next call", async () => {
    const memory = memoryMount({
      "a.txt": "hello",
      "lib/m.mjs": "export default 42",
      "lib/bytes": new Uint8Array([1]),
    });
    await using rt = await mounted(memory);
    const code = `console.log(fs.readdirSync("/m", { recursive: true }).sort().join(), fs.readFileSync("/m/a.txt", "utf8"),
      (await import("/m/lib/m.mjs")).default, fs.readFileSync("/m/lib/bytes")[0]);
      try { fs.writeFileSync("/m/a.txt", "") } catch (e) { console.log(e.code) }`;
    expect(await printed(rt, code)).toBe("a.txt,lib,lib/bytes,lib/m.mjs hello 42 1\nEROFS");
    memory.write("a.txt", "HELLO");
    memory.write("new/deep/b", "b");
    expect(memory.remove("lib")).toBe(true);
    expect(memory.remove("lib")).toBe(false);
    const after = `console.log(fs.readdirSync("/m", { recursive: true }).sort().join(), fs.readFileSync("/m/a.txt", "utf8"), fs.existsSync("/m/lib/m.mjs"));`;
    expect(await printed(rt, after)).toBe("a.txt,new,new/deep,new/deep/b HELLO false");
  });

  test("paths that are none are refused", () => {
    for (const path of ["", "/a", "..", "a/../../b", "a/", ".", "a\0b"])
      expect(() => memoryMount({ [path]: "" })).toThrow(/"path" must be/);
    expect(() => memoryMount({ a: "", "a/b": "" })).toThrow(/goes through no file/);
    expect(() => memoryMount({ "a/b": "", a: "" })).toThrow(/goes through no file/);
  });
});

describe("a backend of one's own", () => {
  test("is believed nothing that a directory can't have", async () => {
    const backend: MountBackend = {
      readdir: (path) =>
        path !== ""
          ? []
          : ([
              { name: "good", type: "file", size: 4 },
              { name: "good", type: "directory" },
              { name: "../evil", type: "file" },
              { name: "..", type: "directory" },
              { name: "", type: "file" },
              { name: "a\0b", type: "file" },
              { name: "x".repeat(256), type: "file" },
              { name: "kind", type: "device" },
              { name: "negative", type: "file", size: -1 },
              { name: "huge", type: "file", size: 2 ** 60 },
              { name: "out", type: "symlink", target: "../../etc/passwd" },
              { name: "abs", type: "symlink", target: "/etc/passwd" },
              { name: "in", type: "symlink", target: "good" },
            ] as never),
      readFile: () => Buffer.from("good"),
    };
    await using rt = await mounted(backend);
    const code = `console.log(fs.readdirSync("/m").sort().join());
      for (const name of ["good", "in", "out", "abs"]) try { console.log(fs.readFileSync("/m/" + name, "utf8")) } catch (e) { console.log(e.code) }`;
    expect(await printed(rt, code)).toBe("abs,good,in,out\ngood\ngood\nEACCES\nEACCES");
  });

  test("that fails tells the guest a number and nothing else", async () => {
    const backend: MountBackend = {
      readdir: async (path) => {
        if (path === "denied") throw Object.assign(new Error("SECRET"), { code: "EACCES" });
        if (path === "broken") throw new Error("SECRET");
        return ["denied", "broken"].map((name) => ({ name, type: "directory" }));
      },
      readFile: () => {
        throw new Error("SECRET");
      },
    };
    await using rt = await mounted(backend);
    const code = `for (const name of ["denied", "broken"]) try { fs.readdirSync("/m/" + name) } catch (e) { console.log(e.message) }`;
    expect(await printed(rt, code)).toBe(
      "EACCES: permission denied, scandir '/m/denied'\nEIO: i/o error, scandir '/m/broken'",
    );
  });

  test("that answers late keeps the program waiting, which a timeout ends", async () => {
    let release: () => void = () => undefined;
    let asked: () => void = () => undefined;
    const held = new Promise<void>((resolve) => {
      release = resolve;
    });
    const waits = new Promise<void>((resolve) => {
      asked = resolve;
    });
    const backend: MountBackend = {
      readdir: async () => {
        asked();
        await held;
        return [{ name: "a", type: "file", size: 1 }];
      },
      readFile: async () => Buffer.from("a"),
    };
    const code = `import fs from "node:fs"; console.log(fs.readFileSync("/m/a", "utf8"))`;
    {
      await using rt = await mounted(backend);
      expect((await rt.exec(code, { timeout: 100 })).exitCode).toBe(124);
    }
    await using rt = await mounted(backend);
    const waiting = rt.exec(code);
    await waits;
    release();
    expect((await waiting).stdout).toBe("a\n");
  });

  test("and its overlay", async () => {
    const memory = memoryMount({ a: "1" });
    await using rt = await mounted(memory, true);
    expect(
      await printed(rt, `fs.appendFileSync("/m/a", "2"); console.log(fs.readFileSync("/m/a", "utf8"))`),
    ).toBe("12");
    expect(Buffer.from(await memory.readFile("a")).toString()).toBe("1");
  });

  test("is refused beside a host's path, and where it is none", async () => {
    const create = (mount: object) => NodeRuntime.create({ mounts: [{ guestPath: "/m", ...mount }] });
    await expect(create({ backend: {} })).rejects.toThrow(
      /"mounts\[0\].backend" must be an object with the functions/,
    );
    await expect(create({ backend: null })).rejects.toThrow(/mounts\[0\].backend/);
    await expect(create({ backend: memoryMount(), hostPath: "/tmp" })).rejects.toThrow(
      /left out beside hostPath/,
    );
    await expect(create({})).rejects.toThrow(/mounts\[0\].hostPath/);
  });
});
