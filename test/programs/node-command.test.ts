import { spawnSync } from "node:child_process";
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acquireMachine } from "../../dist/machine/index.js";
import { Runtime } from "../../dist/runtime/runtime.js";

const files: Record<string, string> = {
  "main.cjs": "console.log(require.main === module, process.argv.slice(2), process.execArgv, typeof gc)",
  "main.mjs": "console.log(import.meta.main, import.meta.filename.split('/').at(-1), typeof require)",
  "detect.js": "import { sep } from 'node:path'; console.log(sep, await 1)",
  "typed.ts": "const n: number = 1; console.log(n)",
  "throws.js": "throw new TypeError('thrown')",
  "rejects.mjs": "await Promise.reject(new Error('rejected'))",
  "waits.mjs": "console.log(1);\nawait new Promise(() => {});",
  "broken.js": "let let;",
  "invalid.mjs": "import 'invalid'",
  "invalid.cjs": "require('invalid')",
  "node_modules/invalid/package.json": "{ x",
  "node_modules/invalid/index.js": "",
  "scope/package.json": "{ x",
  "scope/main.js": "",
  "preload.js": "globalThis.preloaded = module.isPreloading",
  "shows.js": "console.log(globalThis.preloaded, process.argv.length)",
  "context.js": `
    const { executionAsyncId, executionAsyncResource, triggerAsyncId } = require("async_hooks");
    console.log(executionAsyncId(), triggerAsyncId(), executionAsyncResource());
    const tell = (name) => () => console.log(name, triggerAsyncId());
    setTimeout(tell("timeout"), 50);
    setImmediate(tell("immediate"));
    process.once("uncaughtException", (error) => console.log(error.message, executionAsyncId()));
    throw new Error("caught");`,
  variables: "FROM_FILE=1\nBOTH=file\n",
  "a.test.mjs": `
    import test from "node:test";
    test("one", () => {});
    test("two", async (t) => { await t.test("sub", () => console.log("printed")); });
    test("skipped", { skip: true }, () => {});
    test("todo", { todo: true }, () => { throw new Error("x"); });`,
  "b.test.cjs": `
    const { describe, it } = require("node:test");
    describe("suite", () => { it("fails", () => require("assert").strictEqual(1, 2)); it("ok", () => {}); });`,
  "snap.test.cjs": "require('node:test')('s', (t) => t.assert.snapshot({ a: 1 }))",
  "run/package.json": JSON.stringify({ scripts: { hi: 'echo hi "$NODE_RUN_SCRIPT_NAME"', fails: "exit 3" } }),
  "run/main.js": `
    const { spawnSync } = require("child_process");
    for (const args of [["hi", "--", "a b", "c'd"], ["hi", "x"], ["fails"], ["nope"], []]) {
      const { stdout, stderr, status } = spawnSync("node", ["--run", ...args], { cwd: __dirname, encoding: "utf8" });
      console.log(stdout, stderr, status);
    }`,
  "internals.js": `
    const { internalBinding } = require("internal/test/binding");
    console.log(typeof internalBinding("fs").open, require("internal/util").kEmptyObject);`,
};

let folder: string;
let runtime: Runtime;
beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), "secure-exec-node-command-"));
  const initial: Record<string, string> = {};
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(dirname(join(folder, name)), { recursive: true });
    writeFileSync(join(folder, name), text);
    initial[`/home/user/${name}`] = text;
  }
  runtime = await Runtime.start({ files: initial, env: { BOTH: "environment" } }, acquireMachine);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await runtime.dispose();
});

/** What is the same on both sides: neither the folder nor the name of the program. */
const plainly = (text: string) =>
  text
    .replaceAll(folder, "/home/user")
    .replaceAll(`${process.execPath}: `, "node: ")
    .replaceAll(/\(node:\d+\)/g, "(node:1)")
    .replaceAll(/(?<=duration_ms:? )[\d.]+|[\d.]+(?=ms\b)/g, "0");

async function expectEqual(args: string[], stdin = ""): Promise<void> {
  const ours = await runtime.node(args, { timeout: 20_000, stdin });
  const plain = spawnSync(process.execPath, args, {
    cwd: folder,
    input: stdin,
    encoding: "utf8",
    env: { PATH: `${dirname(process.execPath)}:/usr/bin:/bin`, BOTH: "environment" },
  });
  expect({ ...pick(ours), stdout: plainly(ours.stdout), stderr: plainly(ours.stderr) }).toEqual({
    exitCode: plain.status,
    stdout: plainly(plain.stdout),
    stderr: plainly(plain.stderr),
  });
}

const pick = ({ exitCode, stdout, stderr }: { exitCode: number; stdout: string; stderr: string }) => ({
  exitCode,
  stdout,
  stderr,
});

describe("a command line of node behaves as plain Node", () => {
  const commands: string[][] = [
    ["main.cjs", "a", "--b"],
    ["--", "main.cjs"],
    ["main.mjs"],
    ["detect.js"],
    ["typed.ts"],
    ["throws.js"],
    ["rejects.mjs"],
    ["waits.mjs"],
    ["--no-warnings", "waits.mjs"],
    ["invalid.mjs"],
    ["invalid.cjs"],
    ["scope/main.js"],
    ["context.js"],
    ["--expose-gc", "main.cjs"],
    ["--stack-trace-limit=1", "throws.js"],
    ["-r", "./preload.js", "shows.js", "x"],
    ["--import", "./main.mjs", "shows.js"],
    ["-c", "broken.js"],
    ["-c", "main.mjs"],
    ["-p", "[1, process.argv.length, __filename]", "x"],
    ["-e", "console.log(require('path').sep, process._eval)"],
    ["-e", "import 'node:fs'; console.log(import.meta.url.slice(-7))"],
    ["--input-type=module", "-e", "console.log(typeof require)"],
    ["--input-type=commonjs", "-p", "typeof require"],
    ["--env-file=variables", "-p", "[process.env.FROM_FILE, process.env.BOTH]"],
    ["--env-file=nothing", "-p", "1"],
    ["--env-file-if-exists=nothing", "-p", "1"],
    ["--expose-internals", "internals.js"],
    ["--no-warnings", "--expose-internals", "internals.js"],
    ["internals.js"],
    ["--title=named", "-p", "process.title"],
    ["--allow-natives-syntax", "-p", "%HasFastProperties({})"],
    ["-p", "%HasFastProperties({})"],
    ["--frozen-intrinsics", "--no-warnings", "-p", "Object.isFrozen(Array.prototype)"],
    ["--disable-proto=delete", "-p", "({}).__proto__"],
    ["--pending-deprecation", "-e", "new Buffer(1)"],
    ["--throw-deprecation", "-e", "process.emitWarning('x', 'DeprecationWarning')"],
    ["--trace-warnings", "-e", "process.emitWarning('x')"],
    ["--conditions=special", "-p", "process.execArgv"],
    ["--unhandled-rejections=warn", "-e", "Promise.reject(1)"],
    ["--unhandled-rejections=odd", "-p", "1"],
    ["--experimental-vm-modules", "-p", "typeof vm.SourceTextModule"],
    ["--experimental-vfs", "--no-warnings", "-p", "typeof require('vfs').create"],
    ["--test"],
    ["--test", "--test-reporter=tap"],
    ["--test", "--test-reporter", "dot", "a.test.mjs"],
    ["--test", "--test-isolation=none", "a.test.mjs"],
    ["--test", "--test-name-pattern=one", "--test-concurrency=1"],
    ["--test", "--test-shard=1/2"],
    ["--test", "--test-timeout=60000", "b.test.cjs"],
    ["--test", "--test-update-snapshots", "snap.test.cjs"],
    ["--test", "snap.test.cjs"],
    ["--test", "missing.js"],
    ["--test", "-e", "1"],
    ["--test", "--check"],
    ["--test", "--test-isolation=odd"],
    ["--test-only", "a.test.mjs"],
    ["b.test.cjs"],
    ["run/main.js"],
    ["--run", "x"],
    ["--bogus", "main.cjs"],
    ["-e"],
    ["-v"],
    ["missing.js"],
  ];
  for (const command of commands) it(`node ${command.join(" ")}`, () => expectEqual(command));

  it("ends by a signal where it is to abort on uncaught exceptions", async () => {
    const run = (code: string) => runtime.node(["--abort-on-uncaught-exception", "-e", code]);
    const thrown = await run("process.on('uncaughtException', () => {}); throw new Error('x')");
    expect(thrown).toMatchObject({ exitCode: 133, signal: "SIGTRAP" });
    expect(thrown.stderr).toMatch(/^Uncaught Error: x\n\nFROM\n\[eval\]:1:\d+\n/);
    expect(await run("Promise.reject(new Error('y'))")).toMatchObject({ exitCode: 134, signal: "SIGABRT" });
    const captured = "process.setUncaughtExceptionCaptureCallback(() => console.log(1)); throw 1";
    expect(await run(captured)).toMatchObject({ exitCode: 0, stdout: "1\n" });
  });

  it("has the garbage collector from a flag that it sets, until it ends", async () => {
    const code = `
      require("v8").setFlagsFromString("--expose-gc");
      const gc = require("vm").runInNewContext("gc");
      console.log(gc(), typeof globalThis.gc);
      try { require("v8").setFlagsFromString("--prof") } catch (error) { console.log(error.code) }`;
    const { stdout } = await runtime.node(["-e", code]);
    expect(stdout).toBe("undefined undefined\nERR_FEATURE_UNAVAILABLE_ON_PLATFORM\n");
    const after = await runtime.node(["-p", "require('vm').runInNewContext('typeof gc')"]);
    expect(after.stdout).toBe("undefined\n");
  });

  it("gives a program the stack that it asks for, within bounds", async () => {
    const depth = "let n = 0; const f = () => { n++; f() }; try { f() } catch {} n";
    const reached = async (flag: string) => Number((await runtime.node([flag, "-p", depth])).stdout);
    const [least, some, most] = [
      await reached("--stack-size=1"),
      await reached("--stack-size=16000"),
      await reached("--stack-size=999999999"),
    ];
    expect(least).toBeGreaterThan(1000);
    expect(some).toBeGreaterThan(4 * least);
    expect(most).toBeGreaterThan(some);
  });

  it("takes its program from stdin", async () => {
    await expectEqual([], "console.log(__filename, process.argv.length)");
    await expectEqual(["-", "x"], "console.log(process.argv.slice(1))");
    await expectEqual(["--input-type=module"], "console.log(typeof require)");
  });

  it("runs after a program with flags of V8's as if that had never been", async () => {
    await runtime.node(["--allow-natives-syntax", "--expose-gc", "-e", "%DebugPrint; gc()"]);
    const { stdout } = await runtime.node(["-p", "typeof gc + require('vm').runInNewContext('typeof gc')"]);
    expect(stdout).toBe("undefinedundefined\n");
    expect((await runtime.node(["-p", "%HasFastProperties({})"])).exitCode).toBe(1);
  });
});

it("what is no command line is refused before anything starts", async () => {
  await expect(runtime.node("main.cjs")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_INVALID_OPTION" });
  await expect(runtime.node(["a\0b"])).rejects.toMatchObject({ key: "args[0]" });
  await expect(runtime.node(["x".repeat(9_000_000)])).rejects.toMatchObject({ key: "args" });
  await expect(runtime.node(["x"], { filePath: "/x" })).rejects.toMatchObject({ key: "filePath" });
});

describe("Node's permission model", () => {
  const attempts = `
    const fs = require("fs");
    const told = [];
    const tell = (name, error) => told.push([name, error?.code, error?.permission, error?.resource, error?.message]);
    const attempt = (name, action) => {
      try { tell(name, undefined, action()) } catch (error) { tell(name, error) }
    };
    const { O_CREAT, O_RDONLY } = fs.constants;
    attempt("write", () => fs.writeFileSync("/tmp/nowhere/x", ""));
    attempt("bytes", () => fs.writeFileSync(Buffer.from("/tmp/nowhere/x"), Buffer.from("")));
    attempt("create by reading", () => fs.openSync("/tmp/nowhere/x", O_RDONLY | O_CREAT));
    attempt("mkdir", () => fs.mkdirSync("/tmp/nowhere/x"));
    attempt("mkdtemp", () => fs.mkdtempSync("/tmp/nowhere/x"));
    attempt("rename", () => fs.renameSync("/tmp/nowhere/x", "/tmp/nowhere/y"));
    attempt("copy", () => fs.copyFileSync("/etc/passwd", "/tmp/nowhere/y"));
    attempt("chmod", () => fs.chmodSync("/etc", 0o777));
    attempt("rm", () => fs.rmSync("/tmp/nowhere/x"));
    attempt("read", () => fs.readFileSync("/etc/passwd"));
    attempt("text", () => fs.readFileSync("/etc/passwd", "utf8"));
    attempt("stat", () => fs.statSync("/etc/passwd"));
    attempt("exists", () => fs.existsSync("/etc/passwd"));
    attempt("readdir", () => fs.readdirSync("/etc"));
    attempt("opendir", () => fs.opendirSync("/etc"));
    attempt("watch", () => fs.watch("/etc").close());
    attempt("spawn", () => require("child_process").spawnSync("ls"));
    attempt("thread", () => new (require("worker_threads").Worker)("1", { eval: true }).terminate());
    attempt("wasi", () => new (require("wasi").WASI)({ version: "preview1" }));
    attempt("inspector", () => new (require("inspector").Session)().connect());
    attempt("granted", () => [process.permission.has("fs.read", "/etc"), process.permission.has("fs.write")]);
    const later = [
      new Promise((resolve) => fs.stat("/etc/passwd", (error) => resolve(tell("callback", error)))),
      new Promise((resolve) => fs.readFile("/etc/passwd", (error) => resolve(tell("whole file", error)))),
      fs.promises.unlink("/tmp/nowhere/x").catch((error) => tell("promise", error)),
      fs.promises.readFile("/etc/passwd").catch((error) => tell("whole file by promise", error)),
    ];
    Promise.allSettled(later).then(() => console.log(told.sort()));`;

  for (const grants of [
    [],
    ["--allow-fs-read=*"],
    ["--allow-fs-read=/etc/"],
    ["--allow-fs-read=/etc/passwd"],
  ])
    it(`refuses what is not granted: ${grants.join(" ") || "nothing"}`, () =>
      expectEqual(["--no-warnings", "--permission", ...grants, "-e", attempts]));

  it("grants a program its own file, and paths from the working directory", async () => {
    await expectEqual(["--permission", "main.cjs"]);
    const code = "console.log(require('fs').readFileSync('main.mjs', 'utf8').length)";
    await expectEqual(["--permission", "--allow-fs-read=.", "-e", code]);
    await expectEqual(["--permission", "--allow-fs-read=main.mjs", "-e", code]);
  });
});

describe("a program's REPL", () => {
  const repl = `
    const { PassThrough } = require("node:stream");
    const input = new PassThrough();
    const output = new PassThrough();
    const server = require("node:repl").start({ input, output, terminal: true, preview: true, prompt: "> " });
    const typed = ["let longName = { a: 1 }\\n", "longN\\t", ".a + 1", "\\n", ".exit\\n"];
    const next = () => {
      const text = typed.shift();
      if (text === undefined) return;
      for (const character of text) input.write(character);
      setTimeout(next, 50);
    };
    let shown = "";
    output.on("data", (data) => (shown += data));
    server.on("exit", () => console.log(JSON.stringify(shown)));
    next();`;

  it("previews and completes as on plain Node", () => expectEqual(["-e", repl]));

  it("opens no way to V8's inspector", async () => {
    const code = `
      const { sendInspectorCommand } = require("internal/util/inspector");
      sendInspectorCommand((session) => {
        const told = [];
        session.post("Runtime.enable");
        session.post("Runtime.evaluate", { expression: "process.cwd" }, (error, { result }) => {
          session.post("Runtime.getProperties", { objectId: result.objectId }, () => told.push("insides"));
          session.post("Debugger.enable", {}, () => told.push("debugger"));
        });
        const command = { expression: "typeof queryObjects", includeCommandLineAPI: true };
        session.post("Runtime.evaluate", command, (error, { result }) => told.push(result.value));
        console.log(told, Object.keys(session));
      });
      try { new (require("inspector").Session)().connect() } catch (error) { console.log(error.code) }`;
    const { stdout } = await runtime.node(["--expose-internals", "-e", code]);
    expect(stdout).toBe("[ 'undefined' ] []\nERR_FEATURE_UNAVAILABLE_ON_PLATFORM\n");
  });
});
