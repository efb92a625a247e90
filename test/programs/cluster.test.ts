import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, it } from "vitest";
import { moduleSameAsPlain } from "./same-as-plain.ts";

/* Sockets and servers that go from process to process, beside plain Node's. */

const files: Record<string, Uint8Array> = Object.fromEntries(
  Object.entries({
    "child.cjs": `
      process.on("message", (m, handle) => {
        if (m === "server") { handle.on("connection", (s) => { s.end("served by a child"); handle.close() }); process.send("ready") }
        else if (m === "socket") { handle.on("data", (d) => handle.end("child heard " + d)); handle.resume() }
        else if (m === "raw") { handle.close(); process.send(handle.constructor.name) }
        else process.send([m, typeof handle]);
      });`,
    "worker.cjs": `
      const http = require("http"), cluster = require("cluster");
      process.on("message", (m) => process.send({ echo: m }));
      http.createServer((q, r) => { r.setHeader("connection", "close"); r.end(String(cluster.worker.id)) }).listen(0, "127.0.0.1");`,
  }).map(([name, text]) => [`/home/user/${name}`, Buffer.from(text)]),
);

const prelude = `
  import cluster from "node:cluster"; import { fork } from "node:child_process"; import net from "node:net"; import { once } from "node:events";
  const listen = async (server) => { server.listen(0, "127.0.0.1"); await once(server, "listening"); return server.address().port };
  const talk = async (port, text) => { const s = net.connect(port, "127.0.0.1").setEncoding("utf8"); if (text) s.write(text); let all = ""; for await (const d of s) all += d; return all };
`;

const clustered = (scheduling: string): string => `
  cluster.schedulingPolicy = cluster.${scheduling}; cluster.setupPrimary({ exec: "worker.cjs", args: [], execArgv: [] });
  const workers = [cluster.fork(), cluster.fork()]; const ports = new Set();
  await Promise.all(workers.map(async (w) => { const [{ port, address, addressType }] = await once(w, "listening"); ports.add(port); console.log(address, addressType) }));
  const [port] = ports; const seen = new Set();
  while (seen.size < 2) { const all = await Promise.all(Array.from({ length: 20 }, () => talk(port, "GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n"))); for (const text of all) seen.add(text.split("\\r\\n\\r\\n")[1]) }
  console.log(ports.size, seen.size);
  workers[0].send({ a: [1] }); console.log((await once(workers[0], "message"))[0]);
  workers[0].kill(); console.log((await once(workers[0], "exit")), workers[0].exitedAfterDisconnect, workers[0].isDead());
  console.log((await talk(port, "GET / HTTP/1.1\\r\\nHost: x\\r\\n\\r\\n")).includes("200 OK"));
  workers[1].disconnect(); console.log(await once(workers[1], "exit"), workers[1].exitedAfterDisconnect, Object.keys(cluster.workers).length);`;

const programs: Record<string, string> = {
  "a server": `const c = fork("child.cjs"); const s = net.createServer(); const port = await listen(s); c.send("server", s); await once(c, "message"); s.close(); console.log(await talk(port)); c.disconnect(); await once(c, "exit");`,
  "a socket": `const c = fork("child.cjs"); const s = net.createServer({ pauseOnConnect: true }, (socket) => { c.send("socket", socket); console.log(socket.destroyed) }); const port = await listen(s); console.log(await talk(port, "hello")); s.close(); c.disconnect(); await once(c, "exit");`,
  "a socket, with structured clones": `const c = fork("child.cjs", { serialization: "advanced" }); const s = net.createServer({ pauseOnConnect: true }, (socket) => c.send("socket", socket)); const port = await listen(s); console.log(await talk(port, "hello")); s.close(); c.disconnect(); await once(c, "exit");`,
  "many, in order with messages": `const c = fork("child.cjs"); const heard = []; let n = 0; c.on("message", (m) => heard.push(m)); const s = net.createServer({ pauseOnConnect: true }, (socket) => { c.send(["before", n]); c.send("socket", socket); c.send(["after", n++]) }); const port = await listen(s); for (let i = 0; i < 20; i++) console.log(await talk(port, "m" + i)); s.close(); while (heard.length < 40) await once(c, "message"); console.log(JSON.stringify(heard)); c.disconnect(); await once(c, "exit");`,
  "a handle, and what stays open": `const c = fork("child.cjs"); const s = net.createServer(); const port = await listen(s); c.send("raw", s._handle, { keepOpen: true }); console.log((await once(c, "message"))[0]); s.on("connection", (x) => x.end("still here")); console.log(await talk(port)); s.close(); c.disconnect(); await once(c, "exit");`,
  "what can't be sent": `const c = fork("child.cjs"); for (const bad of [{}, 1, "x", new Date()]) try { c.send("x", bad) } catch (e) { console.log(e.name, e.code, e.message) } c.disconnect(); c.send("late", (e) => console.log(e.code)); c.on("error", (e) => console.log(e.code)); await once(c, "exit");`,
  "a child that ends before it takes it": `const c = fork("child.cjs"); await new Promise((r) => { c.send("x", r) }); c.kill("SIGKILL"); await once(c, "exit"); const s = net.createServer((socket) => { c.send("socket", socket, (e) => { console.log(e?.code); socket.destroy() }) }); const port = await listen(s); console.log(await talk(port).catch((e) => e.code)); s.close();`,
  "workers in turns": clustered("SCHED_RR"),
  "workers that share": clustered("SCHED_NONE"),
};

let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create({ files });
});
afterAll(() => rt.dispose());

describe("handles of other processes, as on plain Node", () => {
  it.each(Object.entries(programs))("%s", { timeout: 60_000 }, (_name, body) =>
    moduleSameAsPlain(rt, prelude + body, files),
  );
});
