import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { createServer, type Server } from "node:net";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** What no guest may ever print: it stands in a file of the host and in the host's environment. */
const secret = `host-secret-${process.pid}-${Math.random().toString(36).slice(2)}`;
const folder = mkdtempSync(join(tmpdir(), "secure-exec-attack-"));
const secretFile = join(folder, "secret.txt");

let server: Server;
let port = 0;
let connections = 0;
let runtime: NodeRuntime;

beforeAll(async () => {
  writeFileSync(secretFile, secret);
  process.env["SECURE_EXEC_TEST_SECRET"] = secret;
  server = createServer((socket) => {
    connections++;
    socket.on("error", () => {}).end(secret);
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  port = (server.address() as { port: number }).port;
  runtime = await NodeRuntime.create();
});

afterAll(async () => {
  await runtime.dispose();
  server.close();
  rmSync(folder, { recursive: true });
  delete process.env["SECURE_EXEC_TEST_SECRET"];
});

/** Ways to a file of the host; each is an expression or statement that yields its text. */
const fileAttacks: Record<string, string> = {
  "fs.readFileSync": `fs.readFileSync(FILE, "utf8")`,
  "fs.promises.readFile": `await fs.promises.readFile(FILE, "utf8")`,
  "fs callback": `await new Promise((resolve) => fs.readFile(FILE, "utf8", (e, d) => resolve(d ?? e.message)))`,
  "fs.createReadStream": `await new Promise((resolve) => fs.createReadStream(FILE).on("data", resolve).on("error", resolve))`,
  "fs.openAsBlob": `await (await fs.openAsBlob(FILE)).text()`,
  "fs.cpSync": `(fs.cpSync(FILE, "/tmp/x"), fs.readFileSync("/tmp/x", "utf8"))`,
  "/proc/self/root": `fs.readFileSync("/proc/self/root" + FILE, "utf8")`,
  "/proc/self/environ": `fs.readFileSync("/proc/self/environ", "utf8")`,
  "/proc/self/fd": `fs.readdirSync("/proc/self/fd").map((fd) => fs.readFileSync("/proc/self/fd/" + fd, "utf8")).join()`,
  "symbolic link": `(fs.symlinkSync(FILE, "/tmp/link" + Math.random()), fs.readdirSync("/tmp").map((n) => { try { return fs.readFileSync("/tmp/" + n, "utf8") } catch {} }).join())`,
  "dot dot": `fs.readFileSync("../../../../../.." + FILE, "utf8")`,
  "raw descriptors": `(() => { let all = ""; for (let fd = 0; fd < 64; fd++) { if (fd === 0) continue; try { const b = Buffer.alloc(4096); all += b.toString("latin1", 0, fs.readSync(fd, b, 0, 4096, 0)) } catch {} } return all })()`,
  "process.binding fs": `process.binding("fs").readFileUtf8(FILE, 0)`,
  "process.binding natives": `JSON.stringify(Object.keys(process.binding("fs")))`,
  require: `require(FILE)`,
  "import of a file": `(await import("file://" + FILE, { with: { type: "text" } })).default`,
  "import of JSON": `(await import("file://" + FILE, { with: { type: "json" } })).default`,
  "process.loadEnvFile": `(process.loadEnvFile(FILE), JSON.stringify(process.env))`,
  "process.env": `JSON.stringify(process.env)`,
  "process.report": `JSON.stringify(process.report.getReport())`,
  "process.report.writeReport": `process.report.writeReport(FOLDER + "/report.json")`,
  "process.dlopen": `process.dlopen({ exports: {} }, FILE)`,
  "native addon": `require("node:module")._extensions[".node"]({ exports: {} }, FILE)`,
  "node:ffi": `require("node:ffi").dlopen(null, {})`,
  "import node:ffi": `(await import("node:ffi")).dlopen(null, {})`,
  "node:sqlite": `new (require("node:sqlite").DatabaseSync)(FOLDER + "/x.db").exec("create table t(x)")`,
  "sqlite attach": `new (require("node:sqlite").DatabaseSync)(":memory:").exec("attach '" + FOLDER + "/y.db' as y; create table y.t(x)")`,
  "heap snapshot": `require("node:v8").writeHeapSnapshot(FOLDER + "/heap")`,
  "heap snapshot near the limit": `require("node:v8").setHeapSnapshotNearHeapLimit(1)`,
  "V8 flags": `require("node:v8").setFlagsFromString("--allow-natives-syntax")`,
  "compile cache": `require("node:module").enableCompileCache(FOLDER)`,
  WASI: `new (require("node:wasi").WASI)({ version: "preview1", preopens: { "/": "/" } })`,
  inspector: `require("node:inspector").open(0)`,
  "inspector session": `new (require("node:inspector").Session)().connect()`,
  "trace events": `require("node:trace_events").createTracing({ categories: ["v8"] }).enable()`,
  "fs.watch": `fs.watch(FOLDER)`,
  "fs.opendir": `fs.opendirSync(FOLDER).readSync().name`,
  "fs.readdir": `fs.readdirSync(FOLDER).join()`,
  "fs.glob": `fs.globSync(FOLDER + "/*").join() || "nothing"`,
  "certificates of the system": `require("node:tls").getCACertificates("system").join()`,
  "import.meta of internals": `require("internal/test/binding").internalBinding("fs")`,
  "module.register": `require("node:module").register("data:text/javascript,import fs from 'node:fs'; console.log(fs.readFileSync('" + FILE + "','utf8'))")`,
  "vm with a loader": `await require("node:vm").runInNewContext("import('node:fs')", {}, { importModuleDynamically: require("node:vm").constants.USE_MAIN_CONTEXT_DEFAULT_LOADER }).then((m) => m.readFileSync(FILE, "utf8"))`,
  ShadowRealm: `new ShadowRealm().evaluate("1")`,
};

/** Ways out of the process: sockets, children, threads, signals. */
const processAttacks: Record<string, string> = {
  "net.connect": `await new Promise((resolve) => require("node:net").connect(PORT, "127.0.0.1").on("data", resolve).on("error", resolve))`,
  "http.get": `await new Promise((resolve) => require("node:http").get("http://127.0.0.1:" + PORT, resolve).on("error", resolve))`,
  fetch: `await (await fetch("http://127.0.0.1:" + PORT)).text()`,
  WebSocket: `await new Promise((resolve) => { const w = new WebSocket("ws://127.0.0.1:" + PORT); w.onopen = w.onerror = (e) => resolve(e.type) })`,
  "tls.connect": `await new Promise((resolve) => require("node:tls").connect(PORT, "127.0.0.1").on("secureConnect", resolve).on("error", resolve))`,
  "net.listen": `await new Promise((resolve, reject) => { const s = require("node:net").createServer().listen(0, () => resolve("LISTENING")).on("error", reject) })`,
  dgram: `await new Promise((resolve, reject) => { const s = require("node:dgram").createSocket("udp4"); s.on("error", reject); s.send("x", PORT, "127.0.0.1", (e) => e ? reject(e) : resolve("SENT")) })`,
  "dns.resolve": `await require("node:dns").promises.resolve("example.com")`,
  "dns.lookup": `await require("node:dns").promises.lookup("example.com")`,
  "unix socket": `await new Promise((resolve) => require("node:net").connect("/var/run/docker.sock").on("connect", resolve).on("error", resolve))`,
  spawn: `await new Promise((resolve, reject) => require("node:child_process").spawn("cat", [FILE]).on("error", reject).stdout?.on("data", resolve))`,
  spawnSync: `String(require("node:child_process").spawnSync("cat", [FILE]).stdout)`,
  execSync: `String(require("node:child_process").execSync("cat " + FILE))`,
  fork: `await new Promise((resolve, reject) => require("node:child_process").fork(FILE).on("error", reject).on("exit", resolve))`,
  "cluster.fork": `require("node:cluster").fork().process.pid`,
  Worker: `await new Promise((resolve, reject) => new (require("node:worker_threads").Worker)("require('worker_threads').parentPort.postMessage(require('fs').readFileSync('" + FILE + "','utf8'))", { eval: true }).on("message", resolve).on("error", reject))`,
  "Worker with flags": `await new Promise((resolve, reject) => new (require("node:worker_threads").Worker)("require('worker_threads').parentPort.postMessage(String(process.binding))", { eval: true, execArgv: ["--expose-internals", "--experimental-ffi"], env: { NODE_OPTIONS: "--expose-internals" } }).on("message", resolve).on("error", reject))`,
  "process.kill of the parent": `process.kill(process.ppid, 0)`,
  "process.kill of the host": `process.kill(HOSTPID, 9)`,
  "process._kill": `process._kill(HOSTPID, 9)`,
  "process.execve": `process.execve("/bin/cat", ["cat", FILE])`,
  "process.setuid": `process.setuid(0)`,
  "process.initgroups": `process.initgroups("root", 0)`,
  "process._debugProcess": `process._debugProcess(HOSTPID)`,
  "process._debugEnd": `process._debugEnd()`,
  "process._linkedBinding": `process._linkedBinding("fs")`,
  "process.binding spawn_sync": `process.binding("spawn_sync").spawn({ file: "cat", args: ["cat", FILE] })`,
  "process.binding tcp_wrap": `new (process.binding("tcp_wrap").TCP)(0).connect`,
  "os.networkInterfaces": `Object.values(require("node:os").networkInterfaces()).flat().filter((i) => !i.internal).map((i) => i.address).join() || "none"`,
  "test runner": `await require("node:test").run({ files: [FILE], isolation: "process" }).toArray()`,
};

/** Runs one attack; it has failed when it threw, or yielded nothing of the host. */
async function attack(expression: string) {
  const code = `
    import fs from "node:fs";
    const [FILE, FOLDER, PORT, HOSTPID] = ${JSON.stringify([secretFile, folder, port, process.pid])};
    try {
      const got = ${expression};
      console.log("GOT " + (typeof got === "string" ? got : require("node:util").inspect(got)));
    } catch (error) {
      console.log("REFUSED " + error?.name + " " + error?.message);
    }
    setTimeout(() => process.exit(), 100);`;
  return await runtime.exec(code, { timeout: 10_000 });
}

describe("no trick of a guest reaches a file of the host", () => {
  for (const [name, expression] of Object.entries(fileAttacks)) {
    test(name, async () => {
      const before = readdirSync(folder);
      const result = await attack(expression);
      expect(result.stdout + result.stderr).not.toContain(secret);
      expect(result.stdout).toMatch(/^(REFUSED|GOT)/);
      expect(readdirSync(folder)).toEqual(before);
    });
  }
});

describe("no trick of a guest leaves its process", () => {
  for (const [name, expression] of Object.entries(processAttacks)) {
    test(name, async () => {
      const result = await attack(expression);
      expect(result.stdout + result.stderr).not.toContain(secret);
      expect(result.stdout).not.toMatch(/LISTENING|SENT/);
      expect(result.stdout).toMatch(/^(REFUSED|GOT)/);
      expect(connections).toBe(0);
      expect(result.termination ?? null).toBeNull();
    });
  }
});

test("nothing of the host shows: name, paths, addresses, user, pid", async () => {
  const { stdout } = await runtime.exec(`
    import os from "node:os";
    import { inspect } from "node:util";
    const facts = [];
    for (const key of Object.keys(os)) if (typeof os[key] === "function") try { facts.push(key, os[key]()) } catch (e) { facts.push(key, e.message) }
    for (const key of Object.keys(process)) { if (key === "mainModule") continue; try { facts.push(key, process[key]) } catch {} }
    try { facts.push(process.report.getReport()); } catch {}
    console.log(inspect(facts, { depth: 6, maxArrayLength: null, maxStringLength: null }));`);
  const { hostname } = await import("node:os");
  expect(stdout).toContain("secure-exec");
  expect(stdout).not.toContain(secret);
  expect(stdout).not.toContain(process.cwd());
  expect(stdout).not.toContain("node_modules");
  // A short name is a word of Node's too.
  if (hostname().length > 6) expect(stdout).not.toContain(hostname());
  expect(stdout).not.toMatch(new RegExp(`\\b${process.pid}\\b`));
  expect(stdout).not.toMatch(/\/root\b|\/tmp\/secure-exec/);
});
