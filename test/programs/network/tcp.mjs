import { once } from "node:events";
import { fstatSync, readlinkSync } from "node:fs";
import http from "node:http";
import net from "node:net";

const log = (...parts) => console.log(...parts);

const echo = net.createServer((socket) => {
  log("accepted", socket.remoteAddress, socket.remoteFamily, socket.localPort === echo.address().port);
  socket.pipe(socket);
});
echo.listen(0);
await once(echo, "listening");
const { address, family, port } = echo.address();
log(address, family, port > 0);

const client = net.connect(port, "127.0.0.1");
await once(client, "connect");
log(client.remoteAddress, client.remotePort === port, client.localAddress, client.localFamily);
log(client.setNoDelay() === client, client.setKeepAlive(true) === client);
let received = 0;
client.on("data", (bytes) => (received += bytes.length));
client.end(Buffer.alloc(3_000_000));
const [hadError] = await once(client, "close");
log(received, hadError, client.bytesRead, client.bytesWritten);

const six = net.connect({ port, host: "::1" });
await once(six, "connect");
log(six.remoteAddress, six.remoteFamily);
six.destroy();

const other = net.createServer().listen(port);
const [taken] = await once(other, "error");
log(taken.message.replace(port, "PORT"), taken.code, taken.syscall, taken.errno);

const foreign = net.createServer().listen(0, "192.0.2.1");
const [unavailable] = await once(foreign, "error");
log(unavailable.message, unavailable.code, unavailable.syscall);

echo.close();
await once(echo, "close");
const refused = net.connect(port, "127.0.0.1");
const [error] = await once(refused, "error");
log(error.message.replace(port, "PORT"), error.code, error.syscall, error.address, error.errno);

// The end of one direction leaves the other open.
const half = net.createServer({ allowHalfOpen: true }, (socket) => {
  socket.on("end", () => socket.end("after the end"));
  socket.resume();
});
half.listen(0);
await once(half, "listening");
const asker = net.connect(half.address().port);
asker.end("question");
asker.setEncoding("utf8");
for await (const text of asker) log(text);
half.close();

// What nobody read is no orderly end.
const rude = net.createServer((socket) => socket.once("readable", () => socket.resetAndDestroy()));
rude.listen(0);
await once(rude, "listening");
const victim = net.connect(rude.address().port);
victim.write("read me");
const [reset] = await once(victim, "error");
log(reset.message, reset.code, reset.syscall);
rude.close();

const server = http.createServer(async (request, response) => {
  let body = "";
  for await (const piece of request) body += piece;
  response.setHeader("x-method", request.method);
  response.end(`${request.url} ${body.length}`);
});
server.listen(0);
await once(server, "listening");
const base = `http://localhost:${server.address().port}`;
const answer = await fetch(`${base}/fetched`, { method: "POST", body: "x".repeat(500_000) });
log(answer.status, answer.headers.get("x-method"), await answer.text());
const agent = new http.Agent({ keepAlive: true, maxSockets: 1 });
for (let i = 0; i < 3; i++) {
  const request = http.get(`${base}/${i}`, { agent });
  const [response] = await once(request, "response");
  let text = "";
  for await (const piece of response) text += piece;
  log(response.statusCode, text, request.reusedSocket);
}
const { fd } = server._handle;
log(fstatSync(fd).isSocket(), fstatSync(fd).mode, readlinkSync(`/proc/self/fd/${fd}`).replace(/\d+/, "N"));
agent.destroy();
server.close();
server.closeAllConnections();
await once(server, "close");
log("closed");
