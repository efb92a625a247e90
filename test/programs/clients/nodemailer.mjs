import { once } from "node:events";
import { createTransport } from "nodemailer";
import { SMTPServer } from "smtp-server";

const letters = [];
const server = new SMTPServer({
  onAuth: ({ username, password }, _session, done) =>
    username === "ada" && password === "pw" ? done(null, { user: username }) : done(new Error("not you")),
  onRcptTo: ({ address }, _session, done) =>
    done(address.endsWith("@refused.test") ? new Error("no such user") : undefined),
  onData: async (stream, session, done) => {
    const text = Buffer.concat(await stream.toArray()).toString();
    letters.push({ text, to: session.envelope.rcptTo.map(({ address }) => address), secure: session.secure });
    done(null, "kept");
  },
});
server.listen(0, "127.0.0.1");
await once(server.server, "listening");
const { port } = server.server.address();

const transport = createTransport({
  host: "localhost",
  port,
  auth: { user: "ada", pass: "pw" },
  tls: { rejectUnauthorized: false },
  pool: true,
});
console.log(await transport.verify());
const { accepted, rejected, response } = await transport.sendMail({
  from: "Ada <ada@guest.test>",
  to: ["bob@guest.test", "eve@refused.test"],
  subject: "Grüße",
  text: "plain text",
  html: "<p>html</p>",
  attachments: [{ filename: "a.txt", content: "attached ".repeat(10_000) }],
});
console.log(accepted, rejected, response);
await Promise.all(
  [1, 2, 3].map((n) => transport.sendMail({ from: "a@guest.test", to: "b@guest.test", text: `n${n}` })),
);
transport.close();
for (const { text, to, secure } of letters) {
  console.log(
    to,
    secure,
    text.length > 100_000,
    /^Subject: .*$/m.exec(text)?.[0],
    /^n\d/m.exec(text)?.length,
  );
}
const stranger = createTransport({
  host: "localhost",
  port,
  auth: { user: "eve", pass: "?" },
  tls: { rejectUnauthorized: false },
});
console.log(
  await stranger.verify().catch(({ code, responseCode, response: said }) => [code, responseCode, said]),
);
const strict = createTransport({ host: "localhost", port, requireTLS: true });
console.log(await strict.verify().catch(({ code, message }) => [code, message]));
server.close();
