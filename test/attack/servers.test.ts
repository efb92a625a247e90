import { once } from "node:events";
import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, expect, test } from "vitest";

/** Servers that mean harm to who asks them. */
const program = `
  import net from "node:net";
  const serve = (port, attack) => new Promise((done) => net.createServer((socket) => {
    socket.on("error", () => {});
    socket.on("data", () => {});
    attack(socket);
  }).listen(port, done));
  const flood = (piece) => (socket) => {
    const more = () => { while (!socket.destroyed && socket.write(piece)); };
    socket.on("drain", more);
    more();
  };
  let written = 0;
  await serve(4001, flood("HTTP/1.1 103 Early Hints\\r\\nlink: <x>\\r\\n\\r\\n"));
  await serve(4002, (socket) => { socket.write("HTTP/1.1 200 OK\\r\\n\\r\\n"); flood(Buffer.alloc(65536, "x"))(socket); });
  await serve(4003, (socket) => { socket.write("HTTP/1.1 200 OK\\r\\ntransfer-encoding: chunked\\r\\n\\r\\n"); flood("1\\r\\nx\\r\\n")(socket); });
  await serve(4004, (socket) => socket.end("HTTP/1.1 200 OK\\r\\n__proto__: polluted\\r\\nconstructor: x\\r\\nset-cookie: a\\r\\ncontent-length: 2\\r\\n\\r\\nok"));
  await serve(4005, (socket) => socket.end("HTTP/1.1 200 OK\\r\\ncontent-length: 5\\r\\ncontent-length: 50\\r\\n\\r\\nsmuggled"));
  await serve(4006, (socket) => { const more = () => { while (!socket.destroyed && socket.write(Buffer.alloc(65536))) written += 65536; }; socket.on("drain", more); more(); });
  await serve(4007, (socket) => socket.end(String(written)));
  await serve(4008, (socket) => socket.end("HTTP/1.1 302 Found\\r\\nlocation: http://169.254.169.254/\\r\\ncontent-length: 0\\r\\n\\r\\n"));
  console.log("ready");
`;

let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create({ limits: { responseBytes: 100_000 } });
  const server = await rt.spawn(program);
  for await (const text of server.stdout) if (text.includes("ready")) break;
});
afterAll(() => rt.dispose());

const failure = (promise: Promise<unknown>) =>
  promise.then(
    () => "no error",
    (error: unknown) => error,
  );

test("answers that never come to an end are given up in time", async () => {
  expect(await failure(rt.fetch(4001, { timeout: 300 }))).toMatchObject({ reason: "timeout" });
});

test("bodies that never come to an end are given up at the limit", async () => {
  for (const port of [4002, 4003])
    expect(await failure(rt.fetch(port, { timeout: 60_000 }))).toMatchObject({ reason: "size", port });
});

test("names of headers are nothing but names", async () => {
  const { headers, body } = await rt.fetch(4004, { timeout: 60_000 });
  expect(body).toBe("ok");
  expect(Object.getPrototypeOf(headers)).toBe(Object.prototype);
  expect(Object.keys(headers).sort()).toEqual(["__proto__", "constructor", "content-length", "set-cookie"]);
  expect(({} as Record<string, unknown>)["polluted"]).toBeUndefined();
});

test("an answer that can be read in two ways is none", async () => {
  expect(await failure(rt.fetch(4005, { timeout: 60_000 }))).toMatchObject({ reason: "malformed" });
});

test("a server is stalled that nobody reads", async () => {
  const connection = await rt.connect(4006);
  // It has written what fits, and then no more.
  const written = async () => {
    const other = await rt.connect(4007);
    const [text] = (await once(other, "data")) as [Buffer];
    other.destroy();
    return Number(text);
  };
  let before = -1;
  for (let now = await written(); now !== before || now === 0; now = await written()) before = now;
  expect(before).toBeLessThan(4 * 2 ** 20);
  connection.destroy();
});

test("nobody is sent elsewhere", async () => {
  const { status } = await rt.fetch(4008, { timeout: 60_000 });
  expect(status).toBe(302);
  const answer = await rt.fetchHandler(4008)("http://169.254.169.254/latest", { redirect: "follow" });
  expect({ status: answer.status, redirected: answer.redirected }).toEqual({
    status: 302,
    redirected: false,
  });
});

test("connections beyond what the host keeps are refused, and given back", async () => {
  const all = await Promise.allSettled(Array.from({ length: 520 }, () => rt.connect(4007)));
  const open = all.flatMap((one) => (one.status === "fulfilled" ? [one.value] : []));
  expect(open.length).toBeLessThanOrEqual(512);
  for (const one of all)
    if (one.status === "rejected") expect(one.reason).toMatchObject({ reason: "refused" });
  await Promise.all(
    open.map(async (connection) => {
      connection.destroy();
      if (!connection.closed) await once(connection, "close");
    }),
  );
  (await rt.connect(4007)).destroy();
});
