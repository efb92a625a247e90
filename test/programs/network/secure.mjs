import { once } from "node:events";
import http2 from "node:http2";
import https from "node:https";
import net from "node:net";
import tls from "node:tls";

// Made for this test alone.
const key = `-----BEGIN PRIVATE KEY-----
MIGHAgEAMBMGByqGSM49AgEGCCqGSM49AwEHBG0wawIBAQQgMlP+4hChT6Yt4eA0
R/YIWfM7rTeQE4MnwnRzNqgccjehRANCAATSGeudgHCj6oN/xEDoVz646OUKDchP
K+YU7w3MLcVtTDWPjBD7T6AfKwwzG+feehdbpCFvXnc1YCp2uvsgSzJj
-----END PRIVATE KEY-----`;
const cert = `-----BEGIN CERTIFICATE-----
MIIBnDCCAUGgAwIBAgIUHWWwF5FSTTLCIp6MgJfJh3hYO3YwCgYIKoZIzj0EAwIw
FDESMBAGA1UEAwwJbG9jYWxob3N0MCAXDTI2MTIwMTAxMDMxNFoYDzIxMjYxMTA3
MDEwMzE0WjAUMRIwEAYDVQQDDAlsb2NhbGhvc3QwWTATBgcqhkjOPQIBBggqhkjO
PQMBBwNCAATSGeudgHCj6oN/xEDoVz646OUKDchPK+YU7w3MLcVtTDWPjBD7T6Af
KwwzG+feehdbpCFvXnc1YCp2uvsgSzJjo28wbTAdBgNVHQ4EFgQUrlulS0+2U343
gETF5HpfBxUPB4cwHwYDVR0jBBgwFoAUrlulS0+2U343gETF5HpfBxUPB4cwDwYD
VR0TAQH/BAUwAwEB/zAaBgNVHREEEzARgglsb2NhbGhvc3SHBH8AAAEwCgYIKoZI
zj0EAwIDSQAwRgIhALDKy0mZPG4fHTk2Xg/+rSz/eBsdPem92eS6YcELvm3GAiEA
2za9wHiVzSqFYyyYnukTA4mDQr1bTz+7xnh549CzBsQ=
-----END CERTIFICATE-----`;

const log = (...parts) => console.log(...parts);
const text = async (stream) => {
  let all = "";
  for await (const piece of stream.setEncoding("utf8")) all += piece;
  return all;
};

const server = tls.createServer({ key, cert }, (socket) => {
  log("secured", socket.getProtocol(), socket.encrypted, socket.authorized);
  socket.on("error", (error) => log("server", error.code));
  socket.pipe(socket);
});
server.on("tlsClientError", (error) => log("client error", error.code));
server.listen(0);
await once(server, "listening");
const { port } = server.address();
const client = tls.connect({ port, host: "localhost", ca: cert });
await once(client, "secureConnect");
log(client.authorized, client.getPeerCertificate().subject.CN, client.getCipher().standardName);
client.end("x".repeat(1_000_000));
log((await text(client)).length);

const distrusting = tls.connect({ port, host: "localhost" });
const [untrusted] = await once(distrusting, "error");
log(untrusted.message, untrusted.code);

const cut = net.connect(port);
cut.write("no handshake at all");
cut.on("error", () => {});
await once(cut, "close");
log("cut");
server.close();
await once(server, "close");

const web = https.createServer({ key, cert }, async (request, response) => {
  response.end(`${request.method} ${(await text(request)).length}`);
});
web.listen(0);
await once(web, "listening");
const agent = new https.Agent({ keepAlive: true, ca: cert, maxSockets: 1 });
for (let i = 0; i < 3; i++) {
  const request = https.request({ port: web.address().port, agent, method: "POST", host: "localhost" });
  request.end("y".repeat(100_000 * i));
  const [response] = await once(request, "response");
  log(response.statusCode, await text(response), request.reusedSocket);
}
agent.destroy();
web.close();
await once(web, "close");

for (const [make, scheme] of [
  [() => http2.createServer(), "http"],
  [() => http2.createSecureServer({ key, cert }), "https"],
]) {
  const second = make();
  second.on("stream", async (stream, headers) => {
    const body = await text(stream);
    stream.respond({ ":status": 200, "x-path": headers[":path"] });
    stream.end(body.toUpperCase());
  });
  second.listen(0);
  await once(second, "listening");
  const session = http2.connect(`${scheme}://localhost:${second.address().port}`, { ca: cert });
  const answers = await Promise.all(
    [1, 2, 3].map(async (number) => {
      const stream = session.request({ ":path": `/${number}`, ":method": "POST" });
      stream.end("z".repeat(70_000));
      const [headers] = await once(stream, "response");
      return [headers[":status"], headers["x-path"], (await text(stream)).length];
    }),
  );
  log(session.encrypted, session.alpnProtocol, JSON.stringify(answers));
  session.close();
  await once(session, "close");
  second.close();
  await once(second, "close");
}
log("closed");
