import { once } from "node:events";
import net from "node:net";

const log = (...parts) => console.log(...parts);

const server = net.createServer();
server.listen(0, "127.0.0.1");
await once(server, "listening");

/** Both ends of a connection. */
async function pair() {
  const accepted = once(server, "connection");
  const near = net.connect(server.address().port, "127.0.0.1");
  await once(near, "connect");
  const [far] = await accepted;
  return [near, far];
}

const [near, far] = await pair();

// What an answer is written beside comes before the answer.
far.once("data", (bytes) => {
  log("asked", String(bytes));
  setImmediate(() => log("immediate"));
  Promise.resolve().then(() => log("promise"));
  process.nextTick(() => log("tick"));
  far.write("answer");
  log("written");
});
const answer = once(near, "data");
for (let i = 0; i < 3; i++) await new Promise((done) => setImmediate(done));
near.write("question");
log("answered", String((await answer)[0]));

// Ticks and promises run between what two connections tell.
const [other, opposite] = await pair();
const told = [];
await new Promise((done) => {
  const hear = (name) => () => {
    told.push(name);
    process.nextTick(() => told.push(`tick of ${name}`));
    Promise.resolve().then(() => {
      told.push(`promise of ${name}`);
      if (told.length === 6) done();
    });
  };
  near.once("data", hear("one"));
  other.once("data", hear("another"));
  far.write("1");
  opposite.write("2");
});
log(told.sort((a, b) => a.split("of ").at(-1).localeCompare(b.split("of ").at(-1))).join(", "));

// Whoever answers without end keeps neither timers nor immediates waiting.
let asked = 0;
let over = false;
const echo = (socket) => () => {
  asked++;
  if (!over) socket.write("x");
};
const [back, forth] = [echo(far), echo(near)];
far.on("data", back);
near.on("data", forth);
near.write("x");
while (asked < 1000) await new Promise((done) => setTimeout(done, 1));
const sofar = asked;
for (let i = 0; i < 10; i++) await new Promise((done) => setImmediate(done));
log("answered each other", asked - sofar < 1000);
over = true;
while (near.bytesRead < far.bytesWritten || far.bytesRead < near.bytesWritten)
  await new Promise((done) => setImmediate(done));
far.off("data", back);
near.off("data", forth);

// What a listener throws is nobody else's business.
process.once("uncaughtException", (error) => log("thrown", error.message));
far.once("data", () => {
  near.write("still there");
  opposite.write("and there");
  throw new Error("a listener's");
});
const rest = [once(far, "data"), once(other, "data")];
near.write("throw");
await rest[0];
far.resume();
log(String((await rest[1])[0]));

// A write that waits for room is over when all of it has been taken.
const large = Buffer.alloc(5_000_000, "y");
let taken = 0;
other.on("data", (bytes) => (taken += bytes.length));
await new Promise((done) => opposite.write(large, done));
opposite.end();
await once(other, "end");
log(taken);

for (const socket of [near, far, other, opposite]) socket.destroy();
server.close();
await once(server, "close");
log("closed");
