import { once } from "node:events";
import fs from "node:fs";
import http from "node:http";
import net from "node:net";
import os from "node:os";
import path from "node:path";

const log = (...parts) => console.log(...parts);
process.chdir(fs.mkdtempSync(path.join(os.tmpdir(), "unix-")));

const server = net.createServer((socket) => {
  log("accepted", socket.remoteAddress, JSON.stringify(socket.address()));
  socket.pipe(socket);
});
server.listen({ path: "socket", readableAll: true, writableAll: true });
await once(server, "listening");
log(server.address(), fs.statSync("socket").mode.toString(8), fs.statSync("socket").isSocket());

const client = net.connect(path.resolve("socket"));
client.end("x".repeat(500_000));
let length = 0;
for await (const bytes of client) length += bytes.length;
log(length);

const [taken] = await once(net.createServer().listen("socket"), "error");
log(taken.message, taken.code);
server.close();
await once(server, "close");
log(fs.readdirSync(".").join());

fs.writeFileSync("file", "");
for (const [what, name] of [
  ["file", "file"],
  ["nothing", "missing"],
  ["directory", "."],
  ["long", "x".repeat(150)],
]) {
  const [error] = await once(net.connect(name), "error");
  log(what, error.code, error.syscall);
}
for (const name of ["missing/socket", "file", "x".repeat(150)]) {
  const [error] = await once(net.createServer().listen(name), "error");
  log(error.code, error.syscall);
}

const nameless = net.createServer((socket) => socket.end("abstract")).listen("\0machine-test");
await once(nameless, "listening");
for await (const bytes of net.connect("\0machine-test")) log(String(bytes));
nameless.close();

const web = http.createServer((request, response) => response.end(request.url)).listen("web");
await once(web, "listening");
const [response] = await once(http.get({ socketPath: "web", path: "/over/a/path" }), "response");
for await (const bytes of response) log(String(bytes));
web.close();
