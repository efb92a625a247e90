/** Small programs that a guest must run exactly as plain Node does: output, errors and exit code. */
export interface Program {
  name: string;
  code: string;
  args?: string[];
  stdin?: string;
  env?: Record<string, string>;
}

function program(name: string, code: string, more: Omit<Program, "name" | "code"> = {}): Program {
  return { name, code, ...more };
}

export const programs: Program[] = [
  // output
  program("prints a line", `console.log("hello")`),
  program("prints to both streams", `console.error("e1"); console.log("o1"); console.error("e2")`),
  program("prints objects", `console.log({ a: 1, b: [1, { c: new Map([[1, 2]]) }], d: new Date(0) })`),
  program("prints a table", `console.table([{ a: 1, b: 2 }, { a: 3, b: 4 }])`),
  program(
    "writes in encodings",
    `process.stdout.write("é€𝄞", "utf16le"); process.stdout.write("6869", "hex")`,
  ),
  program("writes latin1", `process.stdout.write("aé", "latin1"); process.stdout.write(Buffer.from([1, 2]))`),
  program(
    "corks",
    `process.stdout.cork(); process.stdout.write("a"); process.stdout.write(Buffer.from("b")); process.stdout.uncork()`,
  ),
  program(
    "calls back after a write",
    `process.stdout.write("x", () => console.log("done")); console.log("sync")`,
  ),
  program(
    "ends stdout",
    `process.stdout.end("bye\\n", () => console.error("ended")); process.stdout.on("close", () => console.error("closed"))`,
  ),
  program(
    "shows what stdout is",
    `console.log(process.stdout.constructor.name, process.stdout._type, process.stdout.fd, process.stdout.isTTY, process.stdout.writable, process.stdout._handle.constructor.name)`,
  ),
  program("writes with fs to 1 and 2", `fs.writeSync(1, "one\\n"); fs.writeSync(2, Buffer.from("two\\n"))`),
  program(
    "prints with a group and counts",
    `console.group("g"); console.log("in"); console.count(); console.count(); console.groupEnd(); console.log("out")`,
  ),
  program(
    "asserts",
    `console.assert(false, "no %s", "way"); console.trace; console.dir({ a: { b: { c: { d: 1 } } } }, { depth: 0 })`,
  ),

  // the process
  program("has its arguments", `console.log(process.argv.slice(1), process.argv.length)`, {
    args: ["a", "b c", "-d"],
  }),
  program(
    "is its own URL",
    `console.log(import.meta.url, import.meta.filename, import.meta.dirname, import.meta.main)`,
  ),
  program(
    "resolves from the directory",
    `console.log(import.meta.resolve("./x.mjs"), import.meta.resolve("node:fs"))`,
  ),
  program(
    "has the usual globals",
    `console.log(Object.keys(globalThis), typeof fs, typeof os.EOL, typeof module)`,
  ),
  program(
    "runs ticks of its imports before itself",
    `import "punycode"; process.on("warning", () => console.log("late")); console.log("body"); process.nextTick(() => console.log("tick")); queueMicrotask(() => console.log("micro"))`,
    { env: { NODE_NO_WARNINGS: "1" } },
  ),
  program("has no script globals", `console.log(typeof exports, typeof __filename, typeof __dirname)`),
  program(
    "has an environment of strings",
    `process.env.A = 1; delete process.env.B; console.log(process.env.A, "B" in process.env, process.env.C)`,
    { env: { B: "b", C: "c" } },
  ),
  program(
    "names no parent",
    `const { isMainThread, threadId, parentPort, workerData, resourceLimits, threadName } = await import("node:worker_threads"); console.log(isMainThread, threadId, parentPort, workerData, resourceLimits, threadName)`,
  ),
  program(
    "has its versions",
    `console.log(process.version, process.versions, process.release, process.arch, process.platform)`,
  ),
  program(
    "has the shape of a process",
    `console.log(Object.keys(process).filter((key) => !["_eval", "report"].includes(key)).sort())`,
  ),
  program(
    "describes its properties",
    `for (const key of ["pid", "ppid", "title", "argv", "execPath", "execArgv", "debugPort", "exitCode", "env"]) { const { value, get, set, ...rest } = Object.getOwnPropertyDescriptor(process, key); console.log(key, rest, typeof get) }`,
  ),
  program(
    "has no handles",
    `console.log(process._getActiveHandles(), process._getActiveRequests(), process.getActiveResourcesInfo())`,
  ),
  program(
    "has a mask",
    `console.log(process.umask(), process.umask(0o077), process.umask("22"), process.umask())`,
  ),
  program(
    "changes its directory",
    `process.chdir("/tmp"); console.log(process.cwd()); try { process.chdir("/nowhere") } catch (error) { console.log(error) }`,
  ),
  program(
    "works in a directory that was made after another one went",
    `import { mkdirSync, rmdirSync, writeFileSync, readdirSync } from "node:fs"; mkdirSync("/tmp/gone"); rmdirSync("/tmp/gone"); mkdirSync("/tmp/made"); process.chdir("/tmp/made"); mkdirSync("below"); console.log(process.cwd(), readdirSync(".")); rmdirSync("below"); process.chdir("/tmp"); rmdirSync("/tmp/made")`,
  ),
  program(
    "has errors of Node's own where the global ones are others",
    `const fs = await import("node:fs"); const own = [Error, TypeError, RangeError]; globalThis.Error = globalThis.TypeError = globalThis.RangeError = class { constructor() { throw "mine" } }; for (const f of [() => fs.readFileSync("/nowhere"), () => fs.rmSync("/"), () => fs.mkdirSync("/tmp"), () => fs.cpSync("/nowhere", "/tmp/x"), () => process.chdir("/nowhere")]) try { f() } catch (error) { console.log(own.some((type) => error instanceof type), error.code, error.message) }`,
  ),
  program(
    "names its methods as Node does",
    `for (const name of ["_getActiveHandles", "_getActiveRequests", "_kill", "constrainedMemory", "availableMemory", "getActiveResourcesInfo", "getuid", "geteuid", "getgid", "getegid", "getgroups", "reallyExit", "uptime", "emit"]) { const f = process[name]; console.log(name, f.name, f.length, Object.getOwnPropertyNames(f).sort()) } const names = []; for (const name in process) names.push(name); console.log(names.includes("emit"))`,
  ),
  program(
    "asks for wrong things",
    `for (const f of [() => process.chdir(1), () => process.umask("9"), () => process.kill("a"), () => process.kill(1, "SIGNOPE"), () => process.setuid({}), () => process.hrtime([1])]) try { f() } catch (error) { console.log(error.name, error.code, error.message) }`,
  ),
  program(
    "has clocks",
    `console.log(typeof process.hrtime.bigint(), process.hrtime().length, process.uptime() < 5, performance.now() < 5000, Math.abs(performance.timeOrigin + performance.now() - Date.now()) < 1000)`,
  ),
  program(
    "counts memory and time",
    `const m = process.memoryUsage(); console.log(Object.keys(m), Object.values(m).every((n) => n > 0), typeof process.memoryUsage.rss(), Object.keys(process.cpuUsage()), Object.keys(process.resourceUsage()))`,
  ),
  program(
    "lists flags",
    `console.log(process.allowedNodeEnvironmentFlags.size > 100, process.features, process.config.variables.napi_build_version)`,
  ),
  program(
    "reads features of os",
    `const os = await import("node:os"); console.log(os.EOL, os.endianness(), os.platform(), os.type(), os.tmpdir(), typeof os.uptime(), os.loadavg().length, Object.keys(os.constants), os.devNull)`,
  ),
  program(
    "binds the legacy way",
    `console.log(Object.keys(process.binding("util")), typeof process.binding("constants"), Object.keys(process.binding("natives")).length); try { process.binding("nope") } catch (error) { console.log(error.message) }`,
  ),

  program(
    "lists built-in modules",
    `import m, { builtinModules } from "node:module"; const plain = (names) => names.filter((name) => name !== "node:ffi"); console.log(plain(builtinModules), plain(m.builtinModules), m.isBuiltin("internal/util"), m.isBuiltin("fs"), m.isBuiltin("node:sqlite"), process.getBuiltinModule("internal/util"))`,
  ),
  program(
    "uses what Node brings along",
    `import zlib from "node:zlib"; import crypto from "node:crypto"; import v8 from "node:v8"; console.log(zlib.gunzipSync(zlib.gzipSync("abc")).toString(), crypto.createHash("sha256").update("x").digest("hex"), v8.deserialize(v8.serialize({ a: 1 }))); crypto.pbkdf2("a", "b", 10, 10, "sha1", (error, key) => console.log(error, key)); console.log(await (await fetch("data:text/plain,hi")).text())`,
  ),
  program(
    "loads every public module",
    `import repl from "node:repl"; import cluster from "node:cluster"; import http from "node:http"; import http2 from "node:http2"; import tls from "node:tls"; import dgram from "node:dgram"; import inspector from "node:inspector"; import trace from "node:trace_events"; import sqlite from "node:sqlite"; import child from "node:child_process"; import dns from "node:dns"; import test from "node:test"; console.log(cluster.isPrimary, http.STATUS_CODES[200], Object.keys(http2.constants).length, tls.rootCertificates.length > 50, Object.keys(sqlite), Object.keys(inspector), Object.keys(child), Object.keys(dns)); process.exit()`,
  ),
  program(
    "has domains",
    `import domain from "node:domain"; const d = domain.create(); d.on("error", (error) => console.log("domain", error.message)); d.run(() => setTimeout(() => { throw new Error("x") }))`,
  ),
  program(
    "publishes diagnostics",
    `import diagnostics from "node:diagnostics_channel"; diagnostics.subscribe("x", (message) => console.log(message)); diagnostics.channel("x").publish(1)`,
  ),
  program(
    "observes performance",
    `import { performance, PerformanceObserver } from "node:perf_hooks"; new PerformanceObserver((list) => console.log(list.getEntries().map((entry) => entry.name))).observe({ type: "mark" }); performance.mark("a"); const t = performance.nodeTiming.toJSON(); console.log(Object.keys(t), typeof performance.eventLoopUtilization().active, new Event("x").timeStamp <= performance.now())`,
  ),
  program(
    "streams",
    `import { Readable } from "node:stream"; import { pipeline } from "node:stream/promises"; await pipeline(Readable.from(["a", "b"]), process.stdout, { end: false }); for await (const x of Readable.from([1, 2])) console.log(x)`,
  ),

  program(
    "sees in fs and in Node's loaders what it changes in fs",
    `const { mkdtempSync, rmSync } = fs; const folder = mkdtempSync("/tmp/patched-"); const file = folder + "/x.cjs"; const seen = [];
    for (const name of ["openSync", "writeSync", "fsyncSync", "closeSync", "readFileSync", "readSync"]) { const real = fs[name]; fs[name] = (...args) => { seen.push(name); return real(...args) } }
    fs.writeFileSync(file, "module.exports = 1", { flush: true }); fs.readFileSync(file); process.getBuiltinModule("module").createRequire(file)(file); rmSync(folder, { recursive: true });
    console.log(seen.join(), fs === process.getBuiltinModule("fs"), Object.keys(fs).length, Object.getPrototypeOf(fs) === Object.prototype)`,
  ),

  // ends
  program("exits with a code", `process.exit(3)`),
  program("exits with exitCode", `process.exitCode = 4`),
  program("exits with a numeric string", `process.exitCode = "5"`),
  program("exits with a large code", `process.exit(257)`),
  program("exits with a negative code", `process.exit(-1)`),
  program("refuses a bad exit code", `process.exit("x")`),
  program(
    "runs exit listeners",
    `process.on("exit", (code) => console.log("exit", code, process.exitCode)); process.exitCode = 2`,
  ),
  program("changes the code in a listener", `process.on("exit", () => { process.exitCode = 9 })`),
  program("exits in a listener", `process.on("exit", () => process.exit(6)); process.exit(1)`),
  program("throws in a listener", `process.on("exit", () => { throw new Error("in exit") })`),
  program(
    "runs beforeExit again",
    `let n = 0; process.on("beforeExit", (code) => { console.log("before", code); if (n++ < 2) setTimeout(() => console.log("more"), 1) })`,
  ),
  program(
    "stops at exit",
    `process.on("exit", () => { setTimeout(() => console.log("never")); console.log("now") }); process.nextTick(() => console.log("tick")); process.exit()`,
  ),
  program(
    "emits nothing after reallyExit",
    `process.on("exit", () => console.log("never")); process.reallyExit(8)`,
  ),
  program("waits for ever", `await new Promise(() => {})`),
  program("waits for ever further down", `const a = 1;\n  const b = await   new Promise(() => {});`),
  program(
    "waits for ever in a loop",
    `for await (const x of { [Symbol.asyncIterator]: () => ({ next: () => new Promise(() => {}) }) }) {}`,
  ),
  program(
    "waits for ever and says so to listeners",
    `process.on("exit", (code) => console.log("exit", code, process.exitCode)); await new Promise(() => {})`,
  ),
  program("waits for ever with a code", `process.exitCode = 3; await new Promise(() => {})`),

  // errors
  program("throws at the top", `throw new Error("top")`),
  program("throws a TypeError", `\n\nnull.x`),
  program(
    "throws with properties",
    `throw Object.assign(new RangeError("r"), { code: "E_X", detail: { a: 1 } })`,
  ),
  program("throws with a cause", `throw new Error("outer", { cause: new Error("inner") })`),
  program("throws an aggregate", `throw new AggregateError([new Error("a"), new Error("b")], "both")`),
  program("throws a number", `throw 1`),
  program("throws undefined", `throw undefined`),
  program("throws an object", `throw { a: 1 }`),
  program("throws null", `throw null`),
  program("throws a frozen error", `throw Object.freeze(new Error("frozen"))`),
  program("throws an error without a stack", `const e = new Error("bare"); e.stack = undefined; throw e`),
  program("throws an error with a changed stack", `const e = new Error("x"); e.stack = "own stack"; throw e`),
  program(
    "throws what it made earlier",
    `const e = new Error("early");\nfunction later() {\n  throw e;\n}\nsetTimeout(later)`,
  ),
  program("throws in a timer", `setTimeout(() => { throw new Error("timer") })`),
  program("throws in an immediate", `setImmediate(function named() { throw new Error("immediate") })`),
  program("throws in a tick", `process.nextTick(() => { throw new Error("tick") })`),
  program("throws in a microtask", `queueMicrotask(() => { throw new Error("micro") })`),
  program("throws in a callback of fs", `fs.stat("/", () => { throw new Error("callback") })`),
  program("throws on a line with tabs", `if (true) {\n\t\tthrow new Error("tabs")\n}`),
  program("throws on a long line", `throw new Error("long" /* ${"x".repeat(300)} */)`),
  program("throws beyond ASCII", `const ü = "é"; throw new Error("Ä" + ü)`),
  program("throws from deep", `function f(n) { if (n === 0) throw new Error("deep"); f(n - 1) } f(20)`),
  program(
    "throws a class of its own",
    `class MyError extends Error { name = "MyError" } throw new MyError("mine")`,
  ),
  program("runs out of stack", `function f() { f() } f()`),
  program(
    "emits an error unheard",
    `const { EventEmitter } = await import("node:events"); new EventEmitter().emit("error", new Error("unheard"))`,
  ),
  program(
    "emits an error unheard later",
    `import { EventEmitter } from "node:events"; setTimeout(() => new EventEmitter().emit("error", new Error("unheard")))`,
  ),
  program(
    "emits something unheard",
    `import { EventEmitter } from "node:events"; setTimeout(() => new EventEmitter().emit("error", { a: 1 }))`,
  ),
  program("misses a file", `fs.readFileSync("/nowhere/x")`),
  program("misses a file in a timer", `setTimeout(() => fs.readFileSync("/nowhere/x"))`),
  program("misses a file in a promise", `await fs.promises.readFile("/nowhere/x")`),
  program("misses a file in a stream", `fs.createReadStream("/nowhere/x")`),
  program("is refused an argument", `setTimeout(() => fs.readFileSync(5.5))`),
  program("is refused an argument at the top", `Buffer.alloc("x")`),
  program("does not parse", `let a = ;`),
  program("does not parse further down", `const a = 1;\nconst b = {;\n`),
  program("has an unfinished string", `console.log("abc`),
  program("redeclares", `let a; let a;`),
  program("returns at the top", `return 1`),
  program("imports what is not there", `import { nope } from "node:fs"`),
  program("imports no package", `import "nope"`),
  program("imports no file", `import "./nope.mjs"`),
  program("imports no builtin", `import "node:nope"`),
  program("imports no builtin dynamically", `await import("node:nope")`),
  program(
    "catches a failed import",
    `try { await import("./nope.mjs") } catch (error) { console.log(error.code, error.message) }`,
  ),
  program("evals what does not parse", `eval("let a = ;")`),
  program(
    "runs a script that throws",
    `import vm from "node:vm"; vm.runInThisContext("\\n throw new Error('in vm')", "my.vm")`,
  ),
  program(
    "compiles a script that does not parse",
    `import vm from "node:vm"; new vm.Script("let a = ;", "my.vm")`,
  ),
  program("traces", `console.log(new Error("x").stack); setTimeout(() => console.log(new Error("y").stack))`),
  program(
    "traces with its own formatter",
    `Error.prepareStackTrace = (error, sites) => sites.map((site) => String(site.getFileName())).join("\\n"); console.log(new Error("x").stack); setTimeout(() => console.log(new Error("y").stack))`,
  ),
  program(
    "asks for call sites",
    `import util from "node:util"; console.log(util.getCallSites().map(({ scriptId, ...site }) => site)); setTimeout(() => console.log(util.getCallSites().map((site) => site.scriptName)))`,
  ),
  program("traces in a callback", `fs.stat("/", () => console.log(new Error("in a callback").stack))`),
  program(
    "traces in a listener",
    `process.stdin.on("data", () => console.log(new Error("in a listener").stack))`,
    { stdin: "x" },
  ),

  // promises and handlers
  program("rejects", `Promise.reject(new Error("rejected"))`),
  program("rejects with a number", `Promise.reject(3)`),
  program("rejects with undefined", `Promise.reject()`),
  program("rejects in an async function", `async function f() { await null; throw new Error("async") } f()`),
  program(
    "handles a rejection late",
    `const p = Promise.reject(new Error("late")); process.on("unhandledRejection", (reason) => console.log("un", reason.message)); process.on("rejectionHandled", () => console.log("handled")); setTimeout(() => p.catch(() => {}), 5)`,
  ),
  program(
    "listens to rejections",
    `process.on("unhandledRejection", (reason, promise) => console.log(reason, promise)); Promise.reject(1)`,
  ),
  program(
    "listens to exceptions",
    `process.on("uncaughtException", (error, origin) => console.log(error.message, origin)); setTimeout(() => console.log("on"), 5); setTimeout(() => { throw new Error("heard") })`,
  ),
  program(
    "listens to exceptions of its top",
    `process.on("uncaughtException", (error, origin) => console.log(error.message, origin)); throw new Error("heard")`,
  ),
  program(
    "monitors exceptions",
    `process.on("uncaughtExceptionMonitor", (error, origin) => console.log(error.message, origin)); throw new Error("seen")`,
  ),
  program(
    "captures exceptions",
    `process.setUncaughtExceptionCaptureCallback((error) => console.log("captured", error)); setTimeout(() => { throw 1 }); setTimeout(() => console.log("on"), 3)`,
  ),
  program(
    "throws in the handler",
    `process.on("uncaughtException", () => { throw new Error("second") }); setTimeout(() => { throw new Error("first") })`,
  ),
  program(
    "throws and listens to exit",
    `process.on("exit", (code) => console.log("exit", code)); throw new Error("x")`,
  ),
  program(
    "throws and changes the code",
    `process.on("exit", () => { process.exitCode = 77 }); throw new Error("x")`,
  ),
  program(
    "throws and writes in exit",
    `process.on("exit", () => { throw new Error("again") }); throw new Error("first")`,
  ),

  // warnings
  program("warns", `process.emitWarning("careful")`),
  program(
    "warns with a code",
    `process.emitWarning("careful", { type: "MyWarning", code: "W1", detail: "more" })`,
  ),
  program(
    "warns of too many listeners",
    `import { EventEmitter } from "node:events"; const e = new EventEmitter(); for (let i = 0; i < 11; i++) e.on("x", () => {})`,
  ),
  program(
    "listens to warnings",
    `process.on("warning", (warning) => console.log(warning.name, warning.message)); process.emitWarning("careful")`,
  ),
  program("deprecates", `new Buffer(1)`),

  // signals
  program("kills itself", `process.kill(process.pid); setTimeout(() => console.log("never"), 1000)`),
  program(
    "kills itself with SIGINT",
    `process.kill(process.pid, "SIGINT"); setTimeout(() => console.log("never"), 1000)`,
  ),
  program(
    "handles its signal",
    `process.on("SIGTERM", (name, number) => console.log(name, number)); process.kill(process.pid, "SIGTERM"); setTimeout(() => console.log("alive"), 20)`,
  ),
  program(
    "handles its signal once",
    `process.once("SIGUSR2", () => console.log("usr2")); process.kill(process.pid, "SIGUSR2"); setTimeout(() => {}, 20)`,
  ),
  program(
    "ignores SIGWINCH",
    `process.kill(process.pid, "SIGWINCH"); console.log(process.kill(process.pid, 0))`,
  ),
  program("can't handle SIGKILL", `process.on("SIGKILL", () => {})`),

  // stdin
  program(
    "reads its input",
    `process.stdin.setEncoding("utf8"); let all = ""; for await (const chunk of process.stdin) all += chunk; console.log(all)`,
    { stdin: "some input\nmore" },
  ),
  program(
    "reads no input",
    `process.stdin.on("end", () => console.log("end")).on("close", () => console.log("close")).resume()`,
  ),
  program("reads its input at once", `console.log(fs.readFileSync(0, "utf8"))`, { stdin: "all of it" }),
  program(
    "reads its input by descriptor",
    `fs.read(0, Buffer.alloc(4), (error, count, bytes) => console.log(error, count, bytes))`,
    { stdin: "abcdef" },
  ),
  program(
    "reads lines",
    `import readline from "node:readline"; for await (const line of readline.createInterface({ input: process.stdin })) console.log("[" + line + "]")`,
    { stdin: "a\nb\nc" },
  ),
  program(
    "leaves its input alone",
    `console.log(process.stdin.constructor.name, process.stdin.fd, process.stdin.isTTY, process.stdin.readableFlowing)`,
    { stdin: "x" },
  ),
  program("pipes its input", `process.stdin.pipe(process.stdout)`, { stdin: "piped" }),

  // order and context
  program(
    "keeps the order of phases",
    `setTimeout(() => console.log("timeout"), 0); setImmediate(() => console.log("immediate")); process.nextTick(() => console.log("tick")); queueMicrotask(() => console.log("micro")); Promise.resolve().then(() => console.log("then")); console.log("sync")`,
  ),
  program(
    "has async ids",
    `import { executionAsyncId, triggerAsyncId, executionAsyncResource } from "node:async_hooks"; console.log(executionAsyncId(), triggerAsyncId(), executionAsyncResource())`,
  ),
  program(
    "keeps async storage",
    `import { AsyncLocalStorage } from "node:async_hooks"; const s = new AsyncLocalStorage(); s.run(1, () => { setTimeout(() => console.log(s.getStore())); fs.stat("/", () => console.log(s.getStore())); fs.promises.stat("/").then(() => console.log(s.getStore())) })`,
  ),
  program(
    "has structured clones",
    `console.log(structuredClone(new Map([[1, { a: new Date(0) }]])), typeof fetch, new URL("x", import.meta.url).href)`,
  ),
  program(
    "sends itself messages",
    `const { port1, port2 } = new MessageChannel(); port2.on("message", (m) => { console.log(m); port2.close() }); port1.postMessage({ a: 1 })`,
  ),
  program(
    "times out",
    `import { setTimeout as sleep } from "node:timers/promises"; console.log(await sleep(1, "slept")); const t = setTimeout(() => console.log("never"), 5000); t.unref()`,
  ),
  program(
    "aborts",
    `const c = new AbortController(); c.signal.addEventListener("abort", () => console.log("aborted", c.signal.reason.name)); c.abort()`,
  ),
];
