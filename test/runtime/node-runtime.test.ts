import { execFileSync } from "node:child_process";
import { readdirSync, readFileSync } from "node:fs";
import { setTimeout as pause } from "node:timers/promises";
import { fileURLToPath } from "node:url";
import { NodeRuntime, type ReviveEvent } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let rt: NodeRuntime;

beforeAll(async () => {
  rt = await NodeRuntime.create({ env: { FROM_RUNTIME: "1" } });
});

afterAll(() => rt.dispose());

/** The children of this process. */
function children(): number[] {
  return readdirSync("/proc/self/task").flatMap((task) =>
    readFileSync(`/proc/self/task/${task}/children`, "utf8").trim().split(" ").filter(Boolean).map(Number),
  );
}

describe("the code", () => {
  test("is an ES module with top-level await, static and dynamic imports", async () => {
    const { stdout, exitCode } = await rt.exec(`
      import { readFile } from "node:fs/promises";
      const { basename } = await import("node:path");
      console.log(typeof readFile, basename("/a/b"), typeof require, import.meta.url.slice(0, 5));
      console.log(this === undefined, Object.keys(globalThis).includes("require"));
    `);
    expect(exitCode).toBe(0);
    expect(stdout).toBe("function b function file:\ntrue false\n");
  });

  test("imports relative to the working directory", async () => {
    await rt.mkdir("/home/user/app/lib", { recursive: true });
    await rt.writeFile("/home/user/app/lib/a.mjs", "export const a = import.meta.url;");
    await rt.writeFile("/home/user/app/b.cjs", "module.exports = __filename;");
    const { stdout } = await rt.exec(
      `import { a } from "./lib/a.mjs"; console.log(a, require("./b.cjs"), (await import("./b.cjs")).default);`,
      { cwd: "/home/user/app" },
    );
    expect(stdout).toBe("file:///home/user/app/lib/a.mjs /home/user/app/b.cjs /home/user/app/b.cjs\n");
  });

  test("finds packages on the disk", async () => {
    await rt.mkdir("/home/user/node_modules/pack", { recursive: true });
    await rt.writeFile(
      "/home/user/node_modules/pack/package.json",
      JSON.stringify({ name: "pack", exports: { import: "./m.mjs", require: "./c.cjs" } }),
    );
    await rt.writeFile("/home/user/node_modules/pack/m.mjs", "export default 'esm';");
    await rt.writeFile("/home/user/node_modules/pack/c.cjs", "module.exports = 'cjs';");
    expect((await rt.exec(`import p from "pack"; console.log(p, require("pack"))`)).stdout).toBe("esm cjs\n");
  });

  test("has the name that filePath says, and no file is written", async () => {
    const { stdout, stderr, exitCode } = await rt.exec(
      "console.log(import.meta.url);\nthrow new Error('here');",
      { filePath: "/app/main.mjs" },
    );
    expect(exitCode).toBe(1);
    expect(stdout).toBe("file:///app/main.mjs\n");
    expect(stderr).toContain(
      "file:///app/main.mjs:2\nthrow new Error('here');\n      ^\n\nError: here\n    at file:///app/main.mjs:2:7",
    );
    expect(await rt.exists("/app/main.mjs")).toBe(false);
  });

  test("gets arguments, variables, directory and input", async () => {
    const { stdout } = await rt.exec(
      `
      process.stdin.setEncoding("utf8");
      let input = "";
      for await (const text of process.stdin) input += text;
      const { FROM_RUNTIME, FROM_CALL, HOME, USER } = process.env;
      console.log(JSON.stringify([process.argv.slice(2), process.cwd(), input, FROM_RUNTIME, FROM_CALL, HOME, USER]));
      `,
      { args: ["--x", "ä b"], cwd: "/tmp", stdin: "in\nput", env: { FROM_CALL: "2" } },
    );
    expect(JSON.parse(stdout)).toEqual([["--x", "ä b"], "/tmp", "in\nput", "1", "2", "/home/user", "user"]);
  });

  test("is told its name where a script is", async () => {
    expect((await rt.run("__return(process.argv)")).value).toEqual(["/usr/local/bin/node"]);
    expect((await rt.run("__return(process.argv)", { cwd: "/tmp", args: ["a"] })).value).toEqual([
      "/usr/local/bin/node",
      "/tmp/[eval1]",
      "a",
    ]);
    const { value } = await rt.run("__return(process.argv.slice(1))", { filePath: "/a/b.mjs", args: ["c"] });
    expect(value).toEqual(["/a/b.mjs", "c"]);
  });

  test("finds nothing of the host's environment", async () => {
    const { stdout } = await rt.exec("console.log(JSON.stringify(process.env))");
    expect(Object.keys(JSON.parse(stdout)).sort()).toEqual(
      ["FROM_RUNTIME", "HOME", "LANG", "LOGNAME", "PATH", "SHELL", "USER"].sort(),
    );
  });

  test("has its input at its end when there is none", async () => {
    const { stdout } = await rt.exec(
      `for await (const _ of process.stdin) console.log("some"); console.log(require("fs").readFileSync(0).length)`,
    );
    expect(stdout).toBe("0\n");
  });
});

describe("the end of a program", () => {
  const ends: [string, string, number, RegExp][] = [
    ["process.exit", "process.exit(7)", 7, /^$/],
    ["process.exitCode", "process.exitCode = 8", 8, /^$/],
    [
      "an uncaught error",
      "\n\nthrow new TypeError('oh')",
      1,
      /eval1\]?:3\n.*\n *\^\n\nTypeError: oh\n {4}at/s,
    ],
    [
      "an unhandled rejection",
      "Promise.reject(new Error('lost')); setTimeout(() => {}, 50)",
      1,
      /Error: lost\n {4}at/,
    ],
    [
      "a syntax error",
      "const a = 1;\nconst = 2;",
      1,
      /:2\nconst = 2;\n {6}\^\n\nSyntaxError: Unexpected token '='/,
    ],
    ["await that is never settled", "await new Promise(() => {})", 13, /unsettled top-level await/],
    ["a module that is not there", `import "./nowhere.js"`, 1, /ERR_MODULE_NOT_FOUND/],
  ];
  for (const [name, code, exitCode, stderr] of ends) {
    test(`${name}: ${exitCode}`, async () => {
      const result = await rt.run(code);
      expect(result.exitCode).toBe(exitCode);
      expect(result.stderr).toMatch(stderr);
      expect(result.value).toBeUndefined();
      expect(result).not.toHaveProperty("termination");
    });
  }

  test("nothing written before process.exit() is lost", async () => {
    const result = await rt.exec(
      `process.stdout.write("x".repeat(16 * 1024 * 1024 - 1)); process.stdout.write("y"); process.exit(3);`,
    );
    expect(result.exitCode).toBe(3);
    expect(result.stdoutTruncated).toBe(false);
    expect(result.stdout.length).toBe(16 * 1024 * 1024);
    expect(result.stdout.endsWith("xy")).toBe(true);
  });
});

describe("the value", () => {
  test("is what was returned last", async () => {
    const code = `__return(1); __return({ a: [null, "ä", { b: 1.5 }], ["__proto__"]: 1 });`;
    expect((await rt.run(code)).value).toEqual({ a: [null, "ä", { b: 1.5 }], ["__proto__"]: 1 });
    expect((await rt.run("__return(undefined)")).value).toBeUndefined();
    expect((await rt.run("")).value).toBeUndefined();
    expect((await rt.run("__return(null)")).value).toBeNull();
  });

  test("is not there when the program fails", async () => {
    expect((await rt.run("__return(1); process.exit(1)")).value).toBeUndefined();
    expect((await rt.run("__return(1); throw 1")).value).toBeUndefined();
  });

  test("is a TypeError in the program when JSON can't carry it", async () => {
    const result = await rt.run(`
      const cycle = { in: [] };
      cycle.in.push({ cycle });
      for (const value of [() => 1, { a: { b: [Symbol("s")] } }, { n: 1n }, cycle]) {
        try { __return(value); } catch (error) { console.log(error.name, error.message); }
      }`);
    expect(result.stdout.split("\n").filter(Boolean)).toHaveLength(4);
    expect(result.stdout).toMatch(/^(TypeError .*\n){4}$/);
    expect(result.stdout).toMatch(/a\.b\[0\]/);
  });

  test("may be large, within bounds", async () => {
    expect((await rt.run("__return('x'.repeat(16_000_000))")).value).toHaveLength(16_000_000);
    await expect(rt.run("__return('x'.repeat(17 * 1024 * 1024))")).rejects.toMatchObject({
      code: "ERR_SECURE_EXEC_VALUE_REFUSED",
    });
    await expect(rt.run("__return(Array(500_001).fill(0))")).rejects.toMatchObject({
      code: "ERR_SECURE_EXEC_VALUE_REFUSED",
    });
    expect((await rt.run("__return(1)")).value).toBe(1);
  });
});

describe("output while it comes", () => {
  test("is in order between both streams, decoded on whole characters", async () => {
    const heard: string[] = [];
    const result = await rt.exec(
      `for (let i = 0; i < 200; i++) { process.stdout.write("ö" + i + ";"); process.stderr.write("é" + i + ";"); }`,
      { onStdout: (text) => heard.push(text), onStderr: (text) => heard.push(text) },
    );
    const expected = Array.from({ length: 200 }, (_, i) => `ö${i};é${i};`).join("");
    expect(heard.join("")).toBe(expected);
    expect(result.stdout + result.stderr).toHaveLength(expected.length);
  });

  test("comes before the program ends", async () => {
    const controller = new AbortController();
    const answer = rt.exec("console.log('first'); setInterval(() => {}, 1000)", {
      signal: controller.signal,
      onStdout: () => controller.abort(new Error("heard")),
    });
    await expect(answer).rejects.toThrow("heard");
  });

  test("a slow callback holds the program back", async () => {
    let heard = 0;
    let most = 0;
    const { stdout, stdoutTruncated } = await rt.exec(
      `for (let i = 0; i < 64; i++) { process.stdout.write("x".repeat(65536)); }`,
      {
        onStdout: async (text) => {
          most = Math.max(most, text.length);
          await pause(5);
          heard += text.length;
        },
      },
    );
    expect(heard).toBe(64 * 65_536);
    expect(stdout.length).toBe(heard);
    expect(stdoutTruncated).toBe(false);
    expect(most).toBeLessThanOrEqual(600_000);
  });

  test("a callback that throws ends the program", async () => {
    const error = new Error("mine");
    const answer = rt.exec("setInterval(() => console.log(1), 1)", {
      onStdout() {
        throw error;
      },
    });
    await expect(answer).rejects.toBe(error);
    expect((await rt.exec("console.log(2)")).stdout).toBe("2\n");
  });
});

describe("ending a program", () => {
  test("a timeout is answered in time, with the output so far, and costs nothing else", async () => {
    const other = rt.exec("setTimeout(() => console.log('other'), 600)");
    const began = performance.now();
    const result = await rt.exec("console.log('before'); for (;;) {}", { timeout: 300 });
    const took = performance.now() - began;
    expect(result).toMatchObject({
      exitCode: 124,
      stdout: "before\n",
      signal: "SIGKILL",
      termination: { reason: "timeout", limit: 300 },
    });
    expect(took).toBeGreaterThanOrEqual(299);
    expect(took).toBeLessThan(1000);
    expect((await other).stdout).toBe("other\n");
  });

  test("a working directory that is not there rejects", async () => {
    await expect(rt.exec("", { cwd: "/nowhere" })).rejects.toMatchObject({
      code: "ENOENT",
      message: "ENOENT: no such file or directory, chdir '/nowhere'",
    });
    await expect(rt.exec("", { cwd: "/etc/passwd" })).rejects.toMatchObject({ code: "ENOTDIR" });
  });

  test("a timeout that is not reached does nothing", async () => {
    const result = await rt.exec("setTimeout(() => console.log('end'), 50)", { timeout: 5000 });
    expect(result.stdout).toBe("end\n");
    expect(result).not.toHaveProperty("termination");
  });

  test("an aborted signal rejects with its reason, before and during the call", async () => {
    const reason = { any: "value" };
    await expect(rt.exec("", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    const controller = new AbortController();
    const answer = rt.exec("for (;;) {}", { signal: controller.signal });
    setTimeout(() => controller.abort(reason), 50);
    await expect(answer).rejects.toBe(reason);
    await expect(rt.exec("for (;;) {}", { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({
      name: "TimeoutError",
    });
    expect((await rt.exec("console.log(1)")).stdout).toBe("1\n");
  });
});

describe("files", () => {
  test("go in and out as they are", async () => {
    const bytes = Uint8Array.from({ length: 300_000 }, (_, i) => i * 7);
    await rt.writeFile("/tmp/bytes.bin", bytes);
    expect(await rt.readFile("/tmp/bytes.bin")).toEqual(bytes);
    const { stdout } = await rt.exec(`
      import { readFileSync, writeFileSync } from "node:fs";
      import { createHash } from "node:crypto";
      const bytes = readFileSync("/tmp/bytes.bin");
      console.log(createHash("sha256").update(bytes).digest("hex"));
      writeFileSync("/tmp/back.bin", bytes.reverse());`);
    const { createHash } = await import("node:crypto");
    expect(stdout.trim()).toBe(createHash("sha256").update(bytes).digest("hex"));
    expect(await rt.readFile("/tmp/back.bin")).toEqual(bytes.toReversed());
    expect(await rt.readFile("/tmp/bytes.bin", "latin1")).toBe(Buffer.from(bytes).toString("latin1"));
    await rt.writeFile("/tmp/empty", "");
    expect(await rt.readFile("/tmp/empty", "utf8")).toBe("");
  });

  test("directories, names, removal", async () => {
    await rt.mkdir("/tmp/d/e", { recursive: true });
    await rt.writeFile("/tmp/d/f", "x", { mode: 0o600 });
    expect((await rt.readdir("/tmp/d")).sort()).toEqual(["e", "f"]);
    const entries = await rt.readdir("/tmp/d", { withFileTypes: true });
    expect(entries.map((entry) => [entry.name, entry.isDirectory()]).sort()).toEqual([
      ["e", true],
      ["f", false],
    ]);
    const stats = await rt.stat("/tmp/d/f");
    expect(stats).toMatchObject({ size: 1, mode: 0o100600, uid: 1000, gid: 1000, nlink: 1 });
    expect(stats.isFile()).toBe(true);
    expect(Math.abs(stats.mtimeMs - Date.now())).toBeLessThan(60_000);
    await rt.rename("/tmp/d/f", "/tmp/d/g");
    expect(await rt.exists("/tmp/d/f")).toBe(false);
    expect(await rt.exists("/tmp/d/g")).toBe(true);
    await rt.rm("/tmp/d", { recursive: true });
    expect(await rt.exists("/tmp/d")).toBe(false);
  });

  test("fail as in node:fs", async () => {
    const failures: [Promise<unknown>, string, string][] = [
      [rt.readFile("/nowhere"), "ENOENT", "ENOENT: no such file or directory, open '/nowhere'"],
      [rt.writeFile("/nowhere/a", ""), "ENOENT", "ENOENT: no such file or directory, open '/nowhere/a'"],
      [rt.readFile("/tmp"), "EISDIR", "EISDIR: illegal operation on a directory, read"],
      [rt.writeFile("/tmp", ""), "EISDIR", "EISDIR: illegal operation on a directory, open '/tmp'"],
      [rt.readdir("/nowhere"), "ENOENT", "ENOENT: no such file or directory, scandir '/nowhere'"],
      [rt.readdir("/etc/passwd"), "ENOTDIR", "ENOTDIR: not a directory, scandir '/etc/passwd'"],
      [rt.mkdir("/tmp"), "EEXIST", "EEXIST: file already exists, mkdir '/tmp'"],
      [rt.stat("/nowhere"), "ENOENT", "ENOENT: no such file or directory, stat '/nowhere'"],
      [rt.rm("/nowhere"), "ENOENT", "ENOENT: no such file or directory, "],
      [rt.rename("/nowhere", "/x"), "ENOENT", "ENOENT: no such file or directory, rename '/nowhere' -> '/x'"],
    ];
    for (const [promise, code, message] of failures) {
      const error = await promise.then(
        () => "nothing",
        (thrown: Error) => thrown,
      );
      expect(error).toMatchObject({ code, message: expect.stringContaining(message) });
    }
    await rt.rm("/nowhere", { force: true });
  });

  test("of create() belong to the guest's user, with their directories", async () => {
    const files = { "/srv/deep/a.txt": "a", "/home/user/.hidden": Uint8Array.of(0, 255) };
    await using own = await NodeRuntime.create({ files, cwd: "/work/here" });
    const { stdout } = await own.exec(`
      import { statSync, writeFileSync, readFileSync } from "node:fs";
      for (const path of ["/srv", "/srv/deep", "/srv/deep/a.txt", "/work/here"]) console.log(statSync(path).uid);
      writeFileSync("/srv/deep/b.txt", "b");
      writeFileSync("c.txt", "c");
      console.log(process.cwd(), readFileSync("/home/user/.hidden").toString("hex"));`);
    expect(stdout).toBe("1000\n1000\n1000\n1000\n/work/here 00ff\n");
    expect(await own.readFile("/work/here/c.txt", "utf8")).toBe("c");
  });
});

describe("a runtime", () => {
  test("runs many calls at once", async () => {
    const values = await Promise.all(
      Array.from({ length: 12 }, async (_, i) => (await rt.run(`__return(${i} ** 2)`)).value),
    );
    expect(values).toEqual(Array.from({ length: 12 }, (_, i) => i ** 2));
  });

  test("says what keeps guest code in", () => {
    expect(rt.isolation).toMatchObject({ level: "jailed", seccomp: true });
    expect(["host", "self"]).toContain(rt.isolation.verified);
  });

  test("tells how long a machine took to start", async () => {
    const timings: object[] = [];
    await using own = await NodeRuntime.create({ onBootTiming: (timing) => timings.push(timing) });
    expect(timings).toHaveLength(1);
    expect(own.isolation.level).toBe("jailed");
  });

  test("survives its machine: the guilty call has a result, the disk is whole", async () => {
    const events: ReviveEvent[] = [];
    await using own = await NodeRuntime.create({ onRevive: (event) => events.push(event) });
    await own.writeFile("/home/user/kept", "kept");
    const result = await own.exec("console.log('before'); 'ab'.repeat(1e8).split('')");
    expect([134, 137]).toContain(result.exitCode);
    expect(result.stdout).toBe("before\n");
    expect(await own.readFile("/home/user/kept", "utf8")).toBe("kept");
    expect((await own.run("__return(1)")).value).toBe(1);
    if (result.termination?.reason === "crash") expect(events).toHaveLength(1);
  });

  test("survives its machine being killed from outside", async () => {
    const events: ReviveEvent[] = [];
    const before = new Set(children());
    // A spare machine may be among the children of before.
    process.env["SECURE_EXEC_SPARES"] = "0";
    const own = await NodeRuntime.create({ onRevive: (event) => events.push(event) });
    delete process.env["SECURE_EXEC_SPARES"];
    await own.writeFile("/home/user/kept", "kept");
    const running = own.exec("setInterval(() => {}, 1000)");
    await pause(300);
    for (const pid of children()) if (!before.has(pid)) process.kill(pid, "SIGKILL");
    await expect(running).rejects.toMatchObject({
      code: "ERR_SECURE_EXEC_MACHINE_EXITED",
      reason: "crashed",
      signal: "SIGKILL",
      message: expect.stringContaining("the runtime lives on"),
    });
    expect(await own.readFile("/home/user/kept", "utf8")).toBe("kept");
    expect(events).toMatchObject([{ signal: "SIGKILL", disk: { problems: [] } }]);
    await own.dispose();
  });

  test("can be disposed of at any moment; what is pending rejects", async () => {
    for (const wait of [0, 5, 40]) {
      const own = await NodeRuntime.create();
      const pending = [
        own.exec("for (;;) {}"),
        own.exec("1"),
        own.readFile("/etc/passwd"),
        own.mkdir("/tmp/x"),
      ];
      const outcomes = Promise.allSettled(pending);
      await pause(wait);
      await Promise.all([own.dispose(), own.dispose()]);
      for (const outcome of await outcomes) {
        if (outcome.status === "rejected") expect(outcome.reason.code).toBe("ERR_SECURE_EXEC_DISPOSED");
      }
      expect((await outcomes)[0]?.status).toBe("rejected");
      await expect(own.exec("")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
      await expect(own.stat("/")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    }
  });

  test("doesn't keep the host's process alive", () => {
    const script = `
      import { NodeRuntime } from "secure-exec";
      const rt = await NodeRuntime.create();
      console.log((await rt.exec("console.log(1)")).stdout);`;
    const root = fileURLToPath(new URL("../../", import.meta.url));
    const args = ["--input-type=module", "--eval", script];
    expect(execFileSync(process.execPath, args, { cwd: root, encoding: "utf8", timeout: 20_000 })).toBe(
      "1\n\n",
    );
  });
});
