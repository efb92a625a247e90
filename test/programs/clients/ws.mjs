import { once } from "node:events";
import { createServer } from "node:http";
import { WebSocket as Client, createWebSocketStream, WebSocketServer } from "ws";

const http = createServer((_request, response) => response.writeHead(426).end("upgrade"));
const ends = [];
const server = new WebSocketServer({
  server: http,
  perMessageDeflate: true,
  handleProtocols: (names) => (names.has("chat") ? "chat" : false),
  verifyClient: ({ req }) => req.url !== "/refused",
});
server.on("connection", (socket, request) => {
  socket.on("message", (data, isBinary) => socket.send(data, { binary: isBinary }));
  socket.on("close", (code, reason) => ends.push(`${request.url} ${code} ${reason}`));
  if (request.url === "/bye") socket.close(4001, "go");
});
http.listen(0, "127.0.0.1");
await once(http, "listening");
const base = `ws://127.0.0.1:${http.address().port}`;

const client = new Client(`${base}/echo`, ["chat"]);
await once(client, "open");
console.log(client.protocol, client.extensions);
for (const data of ["text", Buffer.from("bytes"), "x".repeat(300_000), ""]) {
  client.send(data);
  const [echoed, isBinary] = await once(client, "message");
  console.log(echoed.length, isBinary, echoed.equals(Buffer.from(data)));
}
client.ping("p");
console.log(String((await once(client, "pong"))[0]));
client.close(1000, "done");
console.log((await once(client, "close"))[0]);

const native = new WebSocket(`${base}/native`, "chat");
await once(native, "open");
native.send("from the global one");
console.log((await once(native, "message"))[0].data, native.protocol);
native.close(3000, "bye");
const [closed] = await once(native, "close");
console.log(closed.code, closed.reason, closed.wasClean);

const told = new Client(`${base}/bye`);
const [code, reason] = await once(told, "close");
console.log(code, String(reason));
const [error] = await once(new Client(`${base}/refused`), "error");
console.log(error.message);

const stream = createWebSocketStream(new Client(`${base}/stream`), { encoding: "utf8" });
stream.end("streamed");
console.log((await stream.toArray()).join(""));
server.close();
http.close();
await once(http, "close");
console.log(ends);
const [gone] = await once(new Client(base), "error");
console.log(gone.code);
