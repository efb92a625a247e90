import dgram from "node:dgram";
import { once } from "node:events";

const log = (...parts) => console.log(...parts);

const server = dgram.createSocket("udp4");
server.bind(0, "127.0.0.1");
await once(server, "listening");
const { address, family, port } = server.address();
log(address, family, port > 0);

const client = dgram.createSocket("udp4");
const sent = await new Promise((resolve, reject) =>
  client.send(["one ", Buffer.from("datagram")], port, "127.0.0.1", (error, bytes) =>
    error ? reject(error) : resolve(bytes),
  ),
);
const [message, from] = await once(server, "message");
log(sent, String(message), from.address, from.family, from.size, from.port === client.address().port);
server.send(Buffer.alloc(0), from.port, from.address);
const [empty, back] = await once(client, "message");
log(empty.length, back.address, back.port === port);

client.send(Buffer.alloc(65_507, "x"), port, "127.0.0.1");
log((await once(server, "message"))[0].length);
const tooLong = await new Promise((resolve) => client.send(Buffer.alloc(65_508), port, "127.0.0.1", resolve));
log(tooLong.message.replace(port, "PORT"), tooLong.code, tooLong.syscall);

const [taken] = await once(dgram.createSocket("udp4").bind(port, "127.0.0.1"), "error");
log(taken.message.replace(port, "PORT"), taken.code);

const shared = [0, 0];
const sharing = dgram.createSocket({ type: "udp4", reuseAddr: true }).bind(shared[0]);
await once(sharing, "listening");
const other = dgram.createSocket({ type: "udp4", reuseAddr: true }).bind(sharing.address().port);
await once(other, "listening");
log(other.address().port === sharing.address().port);
sharing.close();
other.close();

client.connect(port, "127.0.0.1");
await once(client, "connect");
log(client.remoteAddress().address, client.remoteAddress().port === port);
client.send("connected");
log(String((await once(server, "message"))[0]));
client.disconnect();
try {
  client.remoteAddress();
} catch (error) {
  log(error.code);
}

const six = dgram.createSocket("udp6").bind(0);
await once(six, "listening");
client.send("to both", six.address().port, "127.0.0.1");
const [, mapped] = await once(six, "message");
log(mapped.address, mapped.family);

client.setTTL(16);
client.setBroadcast(true);
log(client.getSendQueueSize(), client.getSendQueueCount());
for (const act of [() => client.setTTL(1000), () => client.addMembership("256.256.256.256")]) {
  try {
    act();
  } catch (error) {
    log(error.message, error.code);
  }
}
for (const socket of [client, six, server]) {
  socket.close();
  await once(socket, "close");
}
log("closed");
