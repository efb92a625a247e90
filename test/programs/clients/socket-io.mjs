import { once } from "node:events";
import { createServer } from "node:http";
import { Server } from "socket.io";
import { io } from "socket.io-client";

const http = createServer();
const server = new Server(http);
server.use((socket, next) =>
  next(socket.handshake.auth.token === "wrong" ? new Error("not you") : undefined),
);
server.on("connection", (socket) => {
  socket.on("double", (value, answer) => answer(value * 2));
  socket.on("bytes", (bytes, answer) => answer(Buffer.concat([bytes, Buffer.from("!")])));
  socket.on("join", async (room, answer) => {
    await socket.join(room);
    answer();
  });
  socket.on("say", (room, text) => server.to(room).emit("said", text));
});
server.of("/admin").on("connection", (socket) => socket.emit("welcome", socket.nsp.name));
http.listen(0, "127.0.0.1");
await once(http, "listening");
const base = `http://127.0.0.1:${http.address().port}`;

for (const transports of [["websocket"], ["polling"], ["polling", "websocket"]]) {
  const [ada, bob] = [io(base, { transports }), io(base, { transports, forceNew: true })];
  await Promise.all([once(ada, "connect"), once(bob, "connect")]);
  console.log(transports, await ada.emitWithAck("double", 21));
  console.log(Buffer.from(await bob.emitWithAck("bytes", Buffer.from("bin"))).toString());
  await Promise.all([ada.emitWithAck("join", "room"), bob.emitWithAck("join", "room")]);
  const heard = Promise.all([once(ada, "said"), once(bob, "said")]);
  ada.emit("say", "room", "hello");
  console.log(await heard);
  if (transports.length === 2 && ada.io.engine.transport.name !== "websocket") {
    await once(ada.io.engine, "upgrade");
  }
  console.log(ada.io.engine.transport.name);
  ada.disconnect();
  bob.disconnect();
}
const admin = io(`${base}/admin`, { forceNew: true });
console.log(await once(admin, "welcome"));
admin.disconnect();
const refused = io(base, { forceNew: true, auth: { token: "wrong" } });
console.log((await once(refused, "connect_error"))[0].message);
refused.disconnect();
await server.close();
console.log(http.listening);
