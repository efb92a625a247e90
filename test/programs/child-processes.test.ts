import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { moduleSameAsPlain } from "./same-as-plain.ts";

/* Children that are Node themselves, beside plain Node's. */

const files: Record<string, Uint8Array> = Object.fromEntries(
  Object.entries({
    "echo.cjs": "process.stdin.pipe(process.stdout)",
    "child.cjs": `
      process.on("message", (m, handle) => { if (m === "end") process.disconnect(); else process.send({ got: m, handle: typeof handle }) });
      process.on("disconnect", () => { process.exitCode = 6 });
      process.send({ connected: process.connected, args: process.argv.slice(2), execArgv: process.execArgv, env: process.env.A });`,
    "handles.cjs": `process.on("SIGTERM", () => { console.log("handled"); process.exit(9) }); console.log("ready"); setInterval(() => {}, 1000)`,
  }).map(([name, text]) => [`/home/user/${name}`, Buffer.from(text)]),
);

const prelude = `
  import { ChildProcess, exec, execFile, execFileSync, execSync, fork, spawn, spawnSync } from "node:child_process";
  import { once } from "node:events";
  import { promisify } from "node:util";
  const node = process.execPath;
  const tell = (child) => new Promise((resolve) => {
    for (const name of ["stdout", "stderr"]) child[name]?.setEncoding("utf8").on("data", (d) => console.log(name, JSON.stringify(d.slice(0, 60)), d.length));
    child.on("error", (e) => console.log("error", e.message, e.code, e.syscall, e.path, e.spawnargs));
    child.on("exit", (...a) => console.log("exit", ...a)).on("close", (...a) => resolve(console.log("close", ...a)));
  });
`;

const programs: Record<string, string> = {
  "output, errors and status": `await tell(spawn(node, ["-e", "console.log(1); process.exitCode = 3"])); await tell(spawn(node, ["-e", "console.error(2)"]));`,
  "input through a pipe": `const c = spawn(node, ["echo.cjs"]); const t = tell(c); c.stdin.write("a"); c.stdin.end("b"); await t;`,
  "a flood in both directions": `const c = spawn(node, ["echo.cjs"]); let n = 0; c.stdout.on("data", (d) => { n += d.length }); c.stdin.end(Buffer.alloc(5e6, "x")); await once(c, "close"); console.log(n);`,
  "a program that isn't there": `const c = spawn("nowhere", ["a"]); console.log(c.pid); c.on("error", (e) => console.log(e.message, e.code, e.errno, e.syscall, e.path, e.spawnargs)); await once(c, "error").catch(() => {}); const r = spawnSync("nowhere", ["b"]); console.log(r.error.message, r.error.code, r.status, r.pid, r.output);`,
  "a directory that isn't there": `const c = spawn(node, ["-v"], { cwd: "nowhere" }); const [e] = await once(c, "error").catch((e) => [e]); console.log(e.code, spawnSync(node, ["-v"], { cwd: "nowhere" }).error.code);`,
  "what is no program": `import { writeFileSync, mkdirSync } from "node:fs"; writeFileSync("text", "hello"); mkdirSync("folder", { recursive: true }); for (const f of ["./text", "./folder", "./nowhere"]) console.log(spawnSync(f).error?.code);`,
  "a script with an interpreter": `import { writeFileSync } from "node:fs"; writeFileSync("script", "#!/usr/bin/env node\\nconsole.log(process.argv.length, process.argv.slice(2))", { mode: 0o755 }); process.env.PATH = node.slice(0, -5) + ":" + process.env.PATH; console.log(String(execFileSync("./script", ["a", "b"])));`,
  signals: `const c = spawn(node, ["-e", "setInterval(() => {}, 1000)"]); c.on("spawn", () => console.log(c.kill(), c.killed)); await tell(c); const d = spawn(node, ["handles.cjs"]); d.stdout.once("data", () => d.kill()); await tell(d); console.log(d.kill(), d.exitCode, d.signalCode);
    const e = spawn(node, ["-e", "setInterval(() => {}, 1000)"]); process.kill(e.pid, 0); process.kill(e.pid, "SIGKILL"); await tell(e); try { process.kill(e.pid, 0) } catch (x) { console.log(x.code) } try { c.kill("SIGNOPE") } catch (x) { console.log(x.code) }`,
  "a timeout and an abort": `const c = execFile(node, ["-e", "setInterval(() => {}, 1000)"], { timeout: 100 }, (e) => console.log(e.killed, e.signal, e.code)); await once(c, "close"); const a = new AbortController(); const d = spawn(node, ["-e", "setInterval(() => {}, 1000)"], { signal: a.signal }); setTimeout(() => a.abort(), 50); d.on("error", (e) => console.log(e.name, e.code)); await once(d, "close");`,
  "the forms that wait": `console.log(String(execFileSync(node, ["-p", "6 * 7"]))); const r = spawnSync(node, ["-e", "process.stdin.pipe(process.stderr); process.exitCode = 4"], { input: "in" }); console.log(r.status, r.signal, String(r.stdout), String(r.stderr), r.output.length);
    try { execFileSync(node, ["-e", "console.error('bad'); process.exit(5)"], { stdio: "pipe" }) } catch (e) { console.log(e.status, String(e.stderr), e.message.split("\\n")[1]) }
    console.log(spawnSync(node, ["-e", "setInterval(() => {}, 1000)"], { timeout: 100 }).error.code, spawnSync(node, ["-e", "setInterval(() => {}, 1000)"], { timeout: 100, killSignal: "SIGKILL" }).signal, spawnSync(node, ["-e", "console.log('x'.repeat(1e6))"], { maxBuffer: 1000 }).error.code);`,
  descriptors: `import { openSync, readFileSync } from "node:fs"; const fd = openSync("out", "w"); await tell(spawn(node, ["-e", "console.log('to a file'); require('fs').writeSync(3, 'three')"], { stdio: ["ignore", fd, "inherit", "pipe"] }).on("spawn", function () { this.stdio[3].on("data", (d) => console.log("3", String(d))) })); console.log(readFileSync("out", "utf8"));
    const c = spawn(node, ["-e", "const s = new (require('net').Socket)({ fd: 3 }); s.on('data', (d) => s.end(String(d).toUpperCase()))"], { stdio: ["ignore", "inherit", "inherit", "pipe"] }); c.stdio[3].on("data", (d) => console.log(String(d))); c.stdio[3].write("both ways"); await once(c, "close");`,
  "environment and arguments": `await tell(spawn(node, ["-p", "[process.env.A, Object.keys(process.env).length, process.argv.slice(1)]", "x", "y z", ""], { env: { A: "b=c" } }));`,
  "a copy of Node": `import { copyFileSync, chmodSync, realpathSync } from "node:fs"; copyFileSync(realpathSync(node), "copy-of-node"); chmodSync("copy-of-node", 0o755); console.log(String(execFileSync("./copy-of-node", ["-p", "[process.execPath.split('/').pop(), process.argv.length, 6 * 7].join()"]))); const c = fork("child.cjs", [], { execPath: "./copy-of-node", execArgv: [] }); console.log((await once(c, "message"))[0].connected); c.send("end"); await once(c, "exit");`,
  "a fork": `const c = fork("child.cjs", ["x"], { env: { A: "1" }, execArgv: ["--no-warnings"] }); const said = []; c.on("message", (m) => { said.push(m); console.log(JSON.stringify(m)); if (said.length === 1) { c.send({ hi: [1, null, "ü"] }); c.send("end") } }); c.on("disconnect", () => console.log("parent disconnected")); console.log(await once(c, "exit"), c.connected);`,
  "listeners that throw": `process.on("uncaughtException", (e, origin) => console.log(e.message, origin)); const c = spawn(node, ["-e", "process.stdout.write('a'); setTimeout(() => process.stdout.write('b'), 100)"]); c.stdout.on("data", (d) => { throw new Error(String(d)) }); await once(c, "close"); console.log("closed");`,
  "a fork with structured clones": `const c = fork("child.cjs", [], { serialization: "advanced", execArgv: [] }); c.on("message", (m) => { console.log(m); if (m.connected) c.send({ map: new Map([[1, new Date(0)]]), big: 1n, buffer: Buffer.from("x") }); else c.disconnect() }); await once(c, "exit");`,
  "input that nobody reads": `const c = spawn(node, ["-e", "0"]); c.stdin.on("error", (e) => console.log("error", e.code)); c.stdin.write(Buffer.alloc(1e6), (e) => console.log("written", e?.code)); await once(c, "close"); c.stdin.write("y", (e) => console.log("later", e?.code)); const r = spawnSync(node, ["-e", "process.exit(2)"], { input: Buffer.alloc(3e6) }); console.log(r.status, r.error?.code);`,
  "what floods and doesn't end when told to": `const r = spawnSync(node, ["-e", "process.on('SIGTERM', () => {}); process.stdout.on('error', (e) => process.exit(3)); setInterval(() => process.stdout.write('x'.repeat(60000)), 1)"], { maxBuffer: 1000 }); console.log(r.error?.code, r.status, r.signal, r.stdout.length > 0);`,
  "a pipe that is given up while others have it too": `const idle = ["-e", "setTimeout(() => {}, 20000)"]; const a = spawn(node, idle, { stdio: ["pipe", "ignore", "ignore"] }); const b = spawn(node, idle, { stdio: ["ignore", "ignore", "ignore", a.stdin] }); await once(a, "spawn"); a.stdin.write(Buffer.alloc(1e6), (e) => console.log(e?.code)); setTimeout(() => { a.stdin.destroy(); a.unref(); b.unref() }, 100); const start = Date.now(); process.on("exit", () => { console.log(Date.now() - start < 15000); a.kill(); b.kill() });`,
  "changed lists": `const lists = Object.getPrototypeOf([][Symbol.iterator]()); const { next } = lists; Array.prototype.toJSON = () => "x"; lists.next = () => ({ done: true }); let r; try { r = spawnSync(node, ["-p", "1 + 1"]) } finally { lists.next = next } console.log(String(r.stdout), r.error?.code);`,
  "many at once": `const all = await Promise.all(Array.from({ length: 6 }, (_, i) => promisify(execFile)(node, ["-p", String(i)]))); console.log(all.map(({ stdout }) => stdout.trim()).join());`,
  "a child of a child": `console.log(String(execFileSync(node, ["-e", "console.log(String(require('child_process').execFileSync(process.execPath, ['-p', '1 + 1'])).trim(), process.ppid > 1)"])));`,
  "bad arguments": `for (const make of [() => spawn(""), () => spawn(1), () => spawn("a", 1), () => spawn("a\\0b"), () => spawn("a", ["\\0"]), () => spawn("a", [], { cwd: 1 }), () => spawn("a", [], { stdio: "x" }), () => spawn("a", [], { uid: "x" }), () => fork(1), () => spawnSync("a", [], { input: 1 })]) try { make().on?.("error", (e) => console.log("later", e.code)) } catch (e) { console.log(e.name, e.code, e.message) }`,
};

let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create({ files });
});
afterAll(() => rt.dispose());

describe("child processes, as on plain Node", () => {
  it.each(Object.entries(programs))("%s", { timeout: 60_000 }, (_name, body) =>
    moduleSameAsPlain(rt, prelude + body, files),
  );

  // Plain Node tells them in any order when the computer is busy.
  it("tells of the ends of pipes before the end of the process", { timeout: 60_000 }, async () => {
    const code = `${prelude}const orders = new Set(); await Promise.all(Array.from({ length: 3 }, async () => { for (let i = 0; i < 10; i++) { const order = []; const c = fork("child.cjs", [], { execArgv: [], stdio: ["pipe", "pipe", "pipe", "ipc", "pipe"] }); for (const n of [1, 2, 4]) c.stdio[n].on("end", () => order.push(n)).resume(); c.once("message", () => c.send("end")); c.on("disconnect", () => order.push(3)); await once(c, "exit"); orders.add([...order.sort(), c.connected].join()) } })); console.log(orders);`;
    expect(await rt.exec(code, { timeout: 50_000 })).toMatchObject({
      stdout: "Set(1) { '1,2,3,4,false' }\n",
      exitCode: 0,
    });
  });
});
