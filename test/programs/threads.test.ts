import { spawnSync } from "node:child_process";
import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { acquireMachine } from "../../dist/machine/index.js";
import { Runtime } from "../../dist/runtime/runtime.js";

/** Files that the programs start threads from. */
const files: Record<string, string> = {
  "worker.cjs": `
    const { parentPort, threadId, isMainThread, workerData, getEnvironmentData } = require("worker_threads");
    console.log(threadId, isMainThread, workerData, process.argv.slice(2), getEnvironmentData("key"), require.main === module);
    process.on("exit", (code) => console.log("leaves with", code));
    parentPort?.once("message", (m) => parentPort.postMessage({ m, cwd: process.cwd().split("/").length }));`,
  "worker.mjs": `
    import { threadId, parentPort } from "node:worker_threads";
    console.log(import.meta.filename.split("/").at(-1), threadId, (await import("./more.mjs")).default, import.meta.main);
    process.exit(7);`,
  "more.mjs": "export default 5",
  "typed.ts": "const n: number = 1; console.log(n)",
  "broken.js": "let let;",
  "preload.cjs": "globalThis.preloaded = true",
  "hooks.mjs": `
    export async function resolve(name, context, next) {
      return name === "virtual:x" ? { url: name, shortCircuit: true } : next(name, context);
    }
    export async function load(url, context, next) {
      if (url === "virtual:x") return { format: "module", source: "export default 'made'", shortCircuit: true };
      const found = await next(url, context);
      return url.endsWith("more.mjs") ? { ...found, source: "export default 'changed'" } : found;
    }`,
  "register.mjs": `import { register } from "node:module"; register("./hooks.mjs", import.meta.url);`,
  "throwing-hooks.mjs": "export async function load(url) { throw new RangeError('no ' + url.slice(-8)) }",
  "uses.mjs": `console.log((await import("virtual:x")).default, (await import("./more.mjs")).default)`,
};

/** `run` starts a thread and tells what comes of it. */
const prelude = `
  const threads = require("node:worker_threads"), { Worker } = threads, fs = require("node:fs"), { once } = require("node:events");
  const run = (what, options) => new Promise((resolve) => {
    let worker;
    try { worker = new Worker(what, options) } catch (error) { console.log("refused", error.code, error.message); return resolve(); }
    worker.on("message", (m) => console.log("message", m)).on("messageerror", (e) => console.log("messageerror", e.message));
    worker.on("online", () => console.log("online")).on("error", (e) => console.log("error", e?.name, e?.code, e?.message ?? e));
    worker.on("exit", (code) => { console.log("exit", code, worker.threadId, worker.resourceLimits); resolve(worker) });
  });
  const code = (text, options) => run(text, { eval: true, ...options });
  const main = async () => {`;

const programs: Record<string, string> = {
  "a file": `threads.setEnvironmentData("key", { a: 1 });
    const w = new Worker("./worker.cjs", { workerData: new Map([[1, 2]]), argv: ["x", 1] }); w.postMessage("hi");
    w.on("message", (m) => console.log(m)); await once(w, "exit"); console.log(await w.terminate());`,
  "a module": `await run(new URL("file://" + process.cwd() + "/worker.mjs"))`,
  "a data URL": `await run(new URL("data:text/javascript,import { parentPort as p } from 'worker_threads'; p.postMessage(import.meta.url.length)"))`,
  TypeScript: `await run("./typed.ts")`,
  "what isn't there or is broken": `await run("./nothing.js"); await run("nothing.js"); await run(1); await run("./broken.js"); await run(new URL("http://x/"))`,
  "uncaught errors": `await code("throw new RangeError('x')"); await code("setTimeout(() => { throw { a: 1 } })"); await code("Promise.reject(new TypeError('y'))"); await code("throw null");
    await code("throw new Proxy({}, {})"); await code("process.on('uncaughtException', (e) => console.log('caught', e.message)); throw new Error('z')"); await code("process.on('exit', () => { throw 1 }); throw new Error('first')");`,
  ends: `await code("process.exit(3)"); await code("process.exitCode = 4"); await code("process.on('exit', () => { process.exitCode = 5 })"); await code("process.once('beforeExit', () => console.log('before'))");
    await code("await new Promise(() => {})", { execArgv: ["--input-type=module"] }); const w = new Worker("for (;;);", { eval: true }); await once(w, "online"); console.log(await w.terminate(), await w.terminate());`,
  "refused options": `await code("", { execArgv: ["--bogus", "--title=x"] }); await code("", { env: { NODE_OPTIONS: "--title=x" } }); await code("", { env: 1 }); await code("", { execArgv: 1 }); await code("", { argv: 1 });
    await code("", { name: 1 }); await code(1, {}); await code("", { transferList: [1] }); await code("", { workerData: () => {} });`,
  options: `await code("console.log(process.execArgv, process.argv.length)", { execArgv: ["--no-warnings", "--conditions=x", "rest"] });
    await code("console.log(globalThis.preloaded, process.env.A, process.env.PATH)", { execArgv: ["-r", "./preload.cjs"], env: { A: 1 } });
    await code("process.emitWarning('w')", { execArgv: ["--no-warnings"] }); await code("console.log(require('worker_threads').threadName)", { name: " named " });`,
  "what a thread can't do": `await code(\`for (const name of ["chdir", "abort", "setuid", "setgroups", "initgroups"]) try { process[name]("/") } catch (e) { console.log(e.code, e.message) }
      try { process.umask(1) } catch (e) { console.log(e.code, e.message) } console.log(process.umask(), typeof process.send)\`);`,
  "the working directory": `fs.mkdirSync("sub", { recursive: true }); const w = new Worker("const p = require('worker_threads').parentPort; p.on('message', () => p.postMessage([process.cwd().split('/').at(-1), require('fs').existsSync('./worker.cjs')]))", { eval: true });
    w.postMessage(1); console.log((await once(w, "message"))[0][1]); process.chdir("sub"); w.postMessage(1); console.log((await once(w, "message"))[0]); process.chdir(".."); await w.terminate();`,
  "the environment": `process.env.A = "1"; await code("process.env.A = 2; process.env.B = 3; delete process.env.PATH"); console.log(process.env.A, process.env.B);
    await code("console.log(process.env.A, 'A' in process.env, Object.keys(process.env).includes('A')); process.env.B = 4; process.env.A = undefined; delete process.env.HOME", { env: threads.SHARE_ENV }); console.log(process.env.A, process.env.B, process.env.HOME, { ...process.env }.B);`,
  "standard streams": `const w = new Worker("process.stdin.pipe(process.stdout); console.error('to stderr')", { eval: true, stdin: true, stdout: true, stderr: true });
    w.stdin.end("through"); let out = ""; for await (const c of w.stdout) out += c; let err = ""; for await (const c of w.stderr) err += c; console.log(out, err);
    await code("process.stdout.write('x'.repeat(200000)); process.exit()", {}); await code("require('fs').writeSync(1, 'direct\\\\n')");`,
  "threads of threads": `await code("const { Worker, threadId, parentPort } = require('worker_threads'); new Worker('const { threadId, parentPort } = require(\\"worker_threads\\"); parentPort.postMessage(threadId); setInterval(() => {}, 1000)', { eval: true }).on('message', (m) => { parentPort.postMessage([threadId, m]); process.exit() })");`,
  "messages between threads": `const w = new Worker("const t = require('worker_threads'); process.on('workerMessage', (v, from) => { t.parentPort.postMessage([v, from]); t.postMessageToThread(0, 'back') }); t.parentPort.on('message', () => process.exit())", { eval: true });
    await once(w, "online"); process.on("workerMessage", (v, from) => { console.log(v, from); w.postMessage(0) }); w.on("message", (m) => console.log(m)); await threads.postMessageToThread(w.threadId, { a: 1 }); await once(w, "exit"); await threads.postMessageToThread(99, 1).catch((e) => console.log(e.code));`,
  "channels and locks": `const channel = new BroadcastChannel("c"); channel.onmessage = ({ data }) => { console.log(data); channel.close() };
    await code("new BroadcastChannel('c').postMessage('broadcast'); navigator.locks.request('l', async () => require('worker_threads').parentPort.postMessage((await navigator.locks.query()).held.map((l) => l.name))).then(() => process.exit())");`,
  "shared and transferred": `const shared = new Int32Array(new SharedArrayBuffer(4)), moved = new Uint8Array([1, 2]);
    await code("const { workerData: { shared, moved, port, handle }, parentPort } = require('worker_threads'); shared[0] = 5; port.postMessage(moved.length); port.close(); handle.readFile('utf8').then((t) => { parentPort.postMessage(t.length > 10); return handle.close() })",
      await (async () => { const { port1, port2 } = new MessageChannel(); port2.on("message", (m) => console.log("port", m)); const handle = await fs.promises.open("worker.cjs"); return { workerData: { shared, moved, port: port1, handle }, transferList: [port1, moved.buffer, handle] } })());
    console.log(shared[0], moved.length);`,
  descriptors: `const fd = fs.openSync("worker.cjs"); await code("console.log(require('fs').readSync(" + fd + ", Buffer.alloc(4)))"); fs.closeSync(fd);
    for (const trackUnmanagedFds of [true, false]) { const w = new Worker("require('worker_threads').parentPort.postMessage(require('fs').openSync('worker.cjs'))", { eval: true, trackUnmanagedFds }); const [[opened]] = await Promise.all([once(w, "message"), once(w, "exit")]); try { fs.closeSync(opened); console.log("open") } catch (e) { console.log(e.code) } }`,
  "a listening socket": `const w = new Worker("const s = require('net').createServer().listen(0, '127.0.0.1', () => require('worker_threads').parentPort.postMessage([s._handle.fd, s.address().port]))", { eval: true }); const [[fd, port]] = await once(w, "message"); await w.terminate();
    try { fs.fstatSync(fd); console.log("open") } catch (e) { console.log(e.code) } const s = require("net").createServer().listen(port, "127.0.0.1"); await once(s, "listening"); s.close(); console.log("again");`,
  limits: `const limits = { maxOldGenerationSizeMb: 20, maxYoungGenerationSizeMb: 4, stackSizeMb: 1, codeRangeSizeMb: 8 };
    await code("console.log(require('worker_threads').resourceLimits); const a = []; for (;;) a.push([a])", { resourceLimits: limits });
    await code("(function f() { f() })()", { resourceLimits: { stackSizeMb: 1 } }); console.log(threads.resourceLimits);`,
  "what is told about threads": `const w = new Worker("require('worker_threads').parentPort.once('message', () => {})", { eval: true }); await once(w, "online"); const heap = await w.getHeapStatistics(); console.log(Object.keys(heap).length, Object.getPrototypeOf(heap), Object.keys(await w.cpuUsage()));
    await new Promise((r) => setTimeout(r, 200)); const { idle, active, utilization } = w.performance.eventLoopUtilization(); console.log(idle > 50, active > 0, utilization < 1); w.postMessage(0); await once(w, "exit"); console.log(w.performance.eventLoopUtilization()); await w.getHeapStatistics().catch((e) => console.log(e.code));`,
  "the main thread's events": `process.on("worker", (w) => console.log("worker", w.threadId)); await code(""); const w = new Worker("setInterval(() => {}, 1000)", { eval: true }); w.unref();`,
  "async hooks": `const types = []; require("async_hooks").createHook({ init: (id, type) => { if (type === "WORKER") types.push(type) } }).enable(); await code(""); console.log(types);`,
  "loader hooks on a thread": `require("module").register("./hooks.mjs", "file://" + process.cwd() + "/"); console.log((await import("virtual:x")).default, (await import("./more.mjs")).default);
    await code("import('virtual:x').then((x) => console.log(x.default))"); console.log(new Worker("", { eval: true }).threadId);`,
  "loader hooks that throw": `require("module").register("./throwing-hooks.mjs", "file://" + process.cwd() + "/"); await import("./more.mjs").catch((e) => console.log(e.name, e.message));`,
  "loader hooks in the thread itself": `require("module").registerHooks({ load: (url, context, next) => url.endsWith("more.mjs") ? { format: "module", source: "export default 'sync'", shortCircuit: true } : next(url, context) }); console.log((await import("./more.mjs")).default);`,
};

let folder: string;
let runtime: Runtime;
beforeAll(async () => {
  for (const [name, text] of Object.entries(programs))
    files[`${name.replaceAll(/\W/g, "-")}.cjs`] = `${prelude} ${text} }; main();`;
  folder = mkdtempSync(join(tmpdir(), "secure-exec-threads-"));
  const initial: Record<string, string> = {};
  for (const [name, text] of Object.entries(files)) {
    writeFileSync(join(folder, name), text);
    initial[`/home/user/${name}`] = text;
  }
  runtime = await Runtime.start({ files: initial }, acquireMachine);
});
afterAll(async () => {
  rmSync(folder, { recursive: true });
  await runtime.dispose();
});

/** What is the same on both sides: neither the folder nor the pid. */
const plainly = (text: string) =>
  text.replaceAll(folder, "/home/user").replaceAll(/\(node:\d+\)/g, "(node:1)");

/** Lines in one order: what comes by two ports comes in any. */
const lines = (text: string) => plainly(text).split("\n").sort();

async function expectEqual(args: string[]): Promise<void> {
  const ours = await runtime.node(args, { timeout: 40_000 });
  const plain = spawnSync(process.execPath, args, {
    cwd: folder,
    encoding: "utf8",
    env: { PATH: "/usr/bin:/bin", HOME: "/home/user" },
  });
  expect({ exitCode: ours.exitCode, stdout: lines(ours.stdout), stderr: plainly(ours.stderr) }).toEqual({
    exitCode: plain.status,
    stdout: lines(plain.stdout),
    stderr: plainly(plain.stderr),
  });
}

describe("threads behave as on plain Node", () => {
  for (const name of Object.keys(programs))
    it(name, { timeout: 60_000 }, () => expectEqual([`${name.replaceAll(/\W/g, "-")}.cjs`]));

  it("--import of what registers hooks", () => expectEqual(["--import", "./register.mjs", "uses.mjs"]));
  it("--experimental-loader", () =>
    expectEqual(["--no-warnings", "--experimental-loader", "./hooks.mjs", "uses.mjs"]));
});
