// Streams over files.
const { pipeline } = await import("node:stream/promises");
const { createGzip, gunzipSync } = await import("node:zlib");
const big = Buffer.from("0123456789".repeat(30000));
fs.writeFileSync("big", big);

function collect(stream) {
  return new Promise((resolve, reject) => {
    const chunks = [];
    stream.on("data", (chunk) => chunks.push(chunk));
    stream.on("error", reject);
    stream.on("end", () => resolve(chunks));
  });
}
const events = (stream, names) =>
  new Promise((resolve) => {
    const seen = [];
    for (const name of names)
      stream.on(name, (argument) =>
        seen.push([name, argument instanceof Error ? argument.code : typeof argument]),
      );
    stream.on("close", () => resolve(seen));
  });

await check("read", async () => {
  const chunks = await collect(fs.createReadStream("big"));
  return [chunks.map((chunk) => chunk.length), Buffer.concat(chunks).equals(big)];
});
await check("read a range", async () =>
  Buffer.concat(await collect(fs.createReadStream("big", { start: 5, end: 14 }))),
);
await check("read as text", async () =>
  (await collect(fs.createReadStream("big", { encoding: "utf8", highWaterMark: 100000 }))).map(
    (part) => part.length,
  ),
);
await check("read missing", () => collect(fs.createReadStream("missing")));
await check("read directory", () => collect(fs.createReadStream(".")));
await check("events of reading", () => {
  const stream = fs.createReadStream("big");
  stream.resume();
  return events(stream, ["open", "ready", "end", "error"]);
});
await check("events of a failure", () =>
  events(fs.createReadStream("missing"), ["open", "ready", "end", "error"]),
);
await check("events of writing", () => {
  const stream = fs.createWriteStream("w");
  stream.end("x");
  return events(stream, ["open", "ready", "finish", "error"]);
});
await check("write", async () => {
  const stream = fs.createWriteStream("w");
  for (let i = 0; i < 1000; i++) stream.write(`line ${i}\n`);
  stream.end();
  await new Promise((resolve) => stream.on("finish", resolve));
  return [fs.statSync("w").size, stream.bytesWritten];
});
await check("write in the middle", async () => {
  fs.writeFileSync("m", "0123456789");
  const stream = fs.createWriteStream("m", { flags: "r+", start: 3 });
  stream.end("ABC");
  await new Promise((resolve) => stream.on("close", resolve));
  return fs.readFileSync("m", "utf8");
});
await check("append", async () => {
  const stream = fs.createWriteStream("m", { flags: "a" });
  stream.end("!");
  await new Promise((resolve) => stream.on("close", resolve));
  return fs.readFileSync("m", "utf8");
});
await check("write nowhere", () => events(fs.createWriteStream("missing/x"), ["open", "finish", "error"]));
await check("pipeline", async () => {
  await pipeline(fs.createReadStream("big"), createGzip(), fs.createWriteStream("big.gz"));
  return gunzipSync(fs.readFileSync("big.gz")).equals(big);
});
await check("corked", async () => {
  const stream = fs.createWriteStream("c");
  stream.cork();
  stream.write("a");
  stream.write("b");
  stream.uncork();
  stream.end("c");
  await new Promise((resolve) => stream.on("close", resolve));
  return fs.readFileSync("c", "utf8");
});
await check("destroyed", () => {
  const stream = fs.createReadStream("big");
  stream.on("data", () => stream.destroy());
  return events(stream, ["end", "error"]);
});
await check("by descriptor", async () => {
  const fd = fs.openSync("m");
  const chunks = await collect(fs.createReadStream(null, { fd, autoClose: false, start: 2 }));
  fs.closeSync(fd);
  return Buffer.concat(chunks);
});
await check("lines", async () => {
  const { createInterface } = await import("node:readline");
  let count = 0;
  for await (const line of createInterface({ input: fs.createReadStream("w") })) count += line.length;
  return count;
});
await check("web", async () => {
  const { Readable } = await import("node:stream");
  const response = new Response(Readable.toWeb(fs.createReadStream("big")));
  return (await response.arrayBuffer()).byteLength;
});
await check("aborted", () => {
  const controller = new AbortController();
  const stream = fs.createReadStream("big", { signal: controller.signal });
  controller.abort();
  return events(stream, ["end", "error"]);
});
await check("files over HTTP/2", async () => {
  const { connect, createServer } = await import("node:http2");
  const { duplexPair } = await import("node:stream");
  fs.writeFileSync("page", "x".repeat(100000));
  const handle = await fs.promises.open("page");
  const server = createServer();
  server.on("stream", (stream, headers) => {
    const path = headers[":path"];
    if (path === "/file") stream.respondWithFile("page", {}, { offset: 10, length: 70000 });
    else if (path === "/handle") stream.respondWithFD(handle, {}, { length: 5 });
    else
      stream.respondWithFile(
        "missing",
        {},
        { onError: (error) => stream.respond({ ":status": 404, why: error.code }, { endStream: true }) },
      );
  });
  const [near, far] = duplexPair();
  server.emit("connection", far);
  const client = connect("http://localhost", { createConnection: () => near });
  const get = (path) =>
    new Promise((resolve, reject) => {
      const request = client.request({ ":path": path });
      let length = 0;
      let head;
      request.on("response", (headers) => (head = [headers[":status"], headers.why]));
      request.on("data", (chunk) => (length += chunk.length));
      request.on("end", () => resolve([head, length]));
      request.on("error", reject);
    });
  const answers = [await get("/file"), await get("/handle"), await get("/missing")];
  client.destroy();
  await handle.close();
  return answers;
});
