import { afterEach, beforeAll, beforeEach, expect, it } from "vitest";
import { Disk } from "../../../src/disk/disk.js";
import { bundleGuest, TestMachine } from "../harness.js";

let source = "";
let machine: TestMachine;
beforeAll(async () => {
  source = await bundleGuest();
});
beforeEach(async () => {
  machine = new TestMachine(source);
  await machine.configured;
});
afterEach(() => expect(machine.breach).toBe(null));

const SIGKILL = 9;

/** In a guest: what handles of `net` do, by hand. */
const sockets = `
  const [TCP_STREAM, UNIX_STREAM, TCP_QUEUE, UNIX_QUEUE, UDP_QUEUE] = [1, 2, 3, 4, 5];
  const waiting = (act) => { for (;;) { const n = act(); if (n !== -512) return n; sys.disk.wait(); } };
  const say = (...parts) => sys.write(1, parts.join(" ") + "\\n");
  const name = (text, port, family = 4) =>
    Buffer.concat([Buffer.from([family, text.length, port & 255, port >>> 8]), Buffer.from(text, "latin1")]);
  const bind = (port, kind = TCP_QUEUE, text = "127.0.0.1", flags = 0) =>
    sys.channel.call(sys.SYS_BIND, kind, flags, name(text, port));
  const listen = (fd, backlog = 511) => sys.channel.call(sys.SYS_LISTEN, fd, backlog);
  const pair = () => {
    const ends = new Int32Array(2);
    const made = sys.disk.sockets.pair(ends, TCP_STREAM);
    return made < 0 ? [made, made] : [sys.files.alloc(ends[0]), sys.files.alloc(ends[1])];
  };
  const begin = (port, text = "127.0.0.1", bound = -1) => {
    const [near, far] = pair();
    if (near < 0 || far < 0) return near < 0 ? near : far;
    sys.channel.post(sys.SYS_CONNECT, far, bound, name(text, port));
    return near;
  };
  const status = (fd) => waiting(() => sys.disk.sockets.status(sys.files.get(fd)));
  const connect = (port, text) => { const fd = begin(port, text); const result = fd < 0 ? fd : status(fd); return result < 0 ? result : fd; };
  const accept = (fd) => {
    const record = new Int32Array(1);
    const count = waiting(() => sys.disk.read(sys.files.get(fd), new Uint8Array(record.buffer), 0, 4, -1));
    return count === 4 ? sys.files.alloc(record[0]) : count;
  };
  const bytes = Buffer.alloc(70_000);
  const read = (fd) => waiting(() => sys.disk.read(sys.files.get(fd), bytes, 0, bytes.length, -1));
  const write = (fd, text) => waiting(() => sys.disk.write(sys.files.get(fd), Buffer.from(text), 0, text.length, -1));
  const close = (fd) => sys.disk.close(sys.files.free(fd));
`;

const run = (code: string) => machine.run(`${sockets}\n${code}`);

/** Open files of the disk that somebody refers to, blocks and inodes that are free. */
function held(): number[] {
  const owner = { id: 1, gate: new Int32Array(1), gateIndex: 0 };
  const disk = new Disk(machine.memory, owner, { uid: 0, gid: 0, umask: 0, cwd: 1 });
  const out = new Float64Array(7);
  disk.statfs("/", out);
  return [out[3] as number, out[6] as number];
}

it("a connection carries bytes both ways, and names both sides", async () => {
  const { stdout } = await run(`
    const server = bind(8080);
    say(listen(server));
    const client = connect(8080);
    const far = accept(server);
    write(client, "question");
    say(read(far), bytes.toString("latin1", 0, 8));
    write(far, "answer");
    close(far);
    say(read(client), read(client));
    const own = sys.disk.sockets.name(sys.files.get(client), false);
    say(own, String(Buffer.from(sys.disk.result.slice(4, 13))));
    sys.disk.sockets.name(sys.files.get(client), true);
    say(sys.disk.result[2] + 256 * sys.disk.result[3]);
  `);
  expect(stdout).toBe("0\n8 question\n6 0\n112 127.0.0.1\n8080\n");
});

it("nobody connects to a port without a listener", async () => {
  const { stdout } = await run(`
    say(connect(8080), connect(8080, "127.5.6.7"), connect(80, "0.0.0.0"));
    const server = bind(8080);
    say(connect(8080));
    say(listen(server));
    say(connect(8080) > 0);
    close(server);
    say(connect(8080));
  `);
  expect(stdout).toBe("-111 -111 -111\n-111\n0\ntrue\n-111\n");
});

it("a port has one listener at an address, or several that say so", async () => {
  const { stdout } = await run(`
    const one = bind(8080);
    const other = bind(8080);
    say(one > 0, other > 0, listen(one), listen(other), bind(8080), bind(8080, TCP_QUEUE, "0.0.0.0"));
    say(bind(8080, TCP_QUEUE, "127.0.0.2") > 0, bind(8080, UDP_QUEUE) > 0, bind(8080, UDP_QUEUE));
    close(one);
    say(listen(other));
    const shared = [bind(9000, TCP_QUEUE, "127.0.0.1", 2), bind(9000, TCP_QUEUE, "127.0.0.1", 2)];
    say(...shared.map((fd) => listen(fd)));
    const [first, second] = [connect(9000), connect(9000)];
    say(...shared.map((fd) => accept(fd) > 0));
    say(bind(8080, TCP_QUEUE, "192.0.2.1"));
  `);
  expect(stdout).toBe("true true 0 -98 -98 -98\ntrue true -98\n0\n0 0\ntrue true\n-99\n");
});

it("a full queue makes connections wait, and all of them come", async () => {
  const { stdout } = await run(`
    const server = bind(0);
    listen(server, 2);
    sys.disk.sockets.name(sys.files.get(server), false);
    const port = sys.disk.result[2] + 256 * sys.disk.result[3];
    const clients = [];
    for (let i = 0; i < 10; i++) clients.push(begin(port));
    status(clients[0]);
    say(clients.filter((fd) => sys.disk.sockets.status(sys.files.get(fd)) === 0).length <= 2);
    const taken = clients.map(() => accept(server));
    say(clients.every((fd) => status(fd) === 0), taken.every((fd) => fd > 0));
    clients.forEach((fd, i) => write(fd, "x".repeat(i + 1)));
    say(taken.map(read).sort((a, b) => a - b).join());
  `);
  expect(stdout).toBe("true\ntrue true\n1,2,3,4,5,6,7,8,9,10\n");
});

it("what waits for a listener that goes is reset or refused", async () => {
  const { stdout } = await run(`
    const server = bind(8080);
    listen(server, 1);
    const first = connect(8080);
    const second = begin(8080);
    close(server);
    sys.channel.post(sys.SYS_UNBOUND, 0, 0);
    say(status(second), read(first), read(first));
  `);
  expect(stdout).toBe("-111 -104 0\n");
});

it("unread bytes and a reset are no orderly end for the other side", async () => {
  const { stdout } = await run(`
    const server = bind(8080);
    listen(server);
    for (const end of [
      (far) => close(far),
      (far) => sys.disk.sockets.reset(sys.files.free(far)),
      (far) => { read(far); close(far); },
    ]) {
      const client = connect(8080);
      const far = accept(server);
      write(client, "unread");
      write(far, "on its way");
      end(far);
      say(read(client), read(client), read(client), write(client, "late"));
    }
  `);
  expect(stdout).toBe("10 -104 0 -32\n10 -104 0 -32\n10 0 0 -32\n");
});

it("a process that is killed ends its connections, and leaves nothing behind", async () => {
  await run("");
  const before = held();
  const server = machine.start(`${sockets}
    const server = bind(8080);
    listen(server);
    say("listening");
    for (let i = 0; ; i++) { const far = accept(server); if (i === 1) read(far); }
  `);
  while (server.output.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  const client = machine.start(`${sockets}
    const [idle, busy, waiting_] = [connect(8080), connect(8080), connect(8080)];
    write(idle, "nobody reads this");
    write(busy, "somebody reads this");
    say("connected");
    say(read(idle), read(busy), read(waiting_), connect(8080));
  `);
  while (client.output.length === 0) await new Promise((resolve) => setTimeout(resolve, 5));
  server.call.kill(SIGKILL, "killed");
  await server.ended;
  const { stdout } = await client.ended;
  expect(stdout).toMatch(/^connected\n-104 0 0 -111\n$/);
  await machine.run("");
  expect(held()).toEqual(before);
});

it("datagrams come whole, or not at all", async () => {
  const { stdout } = await run(`
    const receiver = bind(5000, UDP_QUEUE);
    const sender = bind(0, UDP_QUEUE, "0.0.0.0");
    const to = name("127.0.0.1", 5000);
    const send = (payload, target = to) =>
      sys.channel.call(sys.SYS_SEND, sender, target.length, Buffer.concat([target, Buffer.from(payload)]));
    say(send("one"), send(""), send("x".repeat(40_000)), send("y".repeat(40_000)), send("z"));
    const take = () => sys.disk.sockets.take(sys.files.get(receiver), bytes);
    // Four bytes of lengths, and a name of thirteen.
    say(take() - 17, take() - 17, take() - 17, take() - 17, take());
    say(send("x", name("127.0.0.1", 5001)), send("x", name("8.8.8.8", 53)));
  `);
  expect(stdout).toBe("0 0 0 0 0\n3 0 40000 1 -512\n0 -13\n");
});
