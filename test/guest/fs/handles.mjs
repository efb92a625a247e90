// FileHandle, and the promise forms that go through it.
const { open } = fs.promises;
fs.writeFileSync("f", "0123456789");

await check("handle", async () => {
  const handle = await open("f", "r+");
  const answers = [typeof handle.fd, handle.constructor.name];
  answers.push(await handle.read(Buffer.alloc(4), 0, 4, 2));
  answers.push(await handle.read({ buffer: Buffer.alloc(3), position: 0 }));
  answers.push(await handle.write("AB", 0), await handle.write(Buffer.from("xyz"), 1, 2, 5));
  answers.push(
    await handle.readv([Buffer.alloc(2), Buffer.alloc(2)], 0),
    await handle.writev([Buffer.from("1"), Buffer.from("2")], 8),
  );
  answers.push(await handle.stat(), await handle.truncate(9), await handle.sync(), await handle.datasync());
  answers.push(
    await handle.chmod(0o600),
    await handle.chown(process.getuid(), process.getgid()),
    await handle.utimes(1, 2),
  );
  answers.push(await handle.readFile("utf8"), await handle.readFile("utf8"));
  answers.push(await handle.appendFile("more"), await handle.writeFile("even more"));
  answers.push(await handle.close(), handle.fd, await handle.close());
  answers.push(fs.readFileSync("f", "utf8"));
  return answers;
});
for (const method of [
  "read",
  "write",
  "stat",
  "truncate",
  "sync",
  "readFile",
  "writeFile",
  "chmod",
  "utimes",
]) {
  await check(`${method} closed`, async () => {
    const handle = await open("f", "r+");
    await handle.close();
    return await handle[method](Buffer.alloc(1), 1);
  });
}
await check("open missing", () => open("missing"));
await check("open exclusive", () => open("f", "wx"));
await check("open directory for writing", () => open(".", "w"));
await check("disposal", async () => {
  let kept;
  {
    await using handle = await open("f");
    kept = handle;
  }
  return kept.fd;
});
await check("lines", async () => {
  fs.writeFileSync("lines", "one\ntwo\r\nthree");
  const found = [];
  for await (const line of (await open("lines")).readLines()) found.push(line);
  return found;
});
await check("web stream", async () => {
  const handle = await open("lines");
  const chunks = [];
  for await (const chunk of handle.readableWebStream()) chunks.push(Buffer.from(chunk));
  await handle.close();
  return Buffer.concat(chunks);
});
await check("read stream of a handle", async () => {
  const handle = await open("lines");
  const chunks = [];
  for await (const chunk of handle.createReadStream({ start: 2, end: 6 })) chunks.push(chunk);
  return [Buffer.concat(chunks), handle.fd];
});
await check("write stream of a handle", async () => {
  const handle = await open("out", "w");
  const stream = handle.createWriteStream();
  stream.write("a");
  stream.end("b");
  await new Promise((resolve) => stream.on("close", resolve));
  return [fs.readFileSync("out", "utf8"), handle.fd];
});
await check("close while reading", async () => {
  const handle = await open("lines");
  const reading = handle.read(Buffer.alloc(3), 0, 3, 0);
  const closing = handle.close();
  return [(await reading).bytesRead, await closing];
});
await check("read nothing", async () => {
  const handle = await open("lines");
  const answer = await handle.read(Buffer.alloc(4), 0, 0, 0);
  await handle.close();
  return answer;
});
await check("read wrong", async () => {
  const handle = await open("lines");
  try {
    return await handle.read(Buffer.alloc(4), 0, 9, 0);
  } finally {
    await handle.close();
  }
});
await check("read-only write", async () => {
  const handle = await open("lines");
  try {
    return await handle.write("x");
  } finally {
    await handle.close();
  }
});
await check("BigInt stat", async () => {
  const handle = await open("lines");
  const { size } = await handle.stat({ bigint: true });
  await handle.close();
  return size;
});
await check("iterables", async () => {
  await fs.promises.writeFile(
    "iterated",
    (function* () {
      yield "a";
      yield Buffer.from("b");
    })(),
  );
  return fs.readFileSync("iterated", "utf8");
});
await check("descriptor of a closed handle", async () => {
  const handle = await open("lines");
  const { fd } = handle;
  await handle.close();
  return fs.fstatSync(fd);
});
await check("many at once", async () => {
  await Promise.all(Array.from({ length: 50 }, (_, i) => fs.promises.writeFile(`many-${i}`, String(i))));
  const read = await Promise.all(
    Array.from({ length: 50 }, (_, i) => fs.promises.readFile(`many-${i}`, "utf8")),
  );
  return read.join();
});
await check("inspection", async () => {
  const { inspect } = await import("node:util");
  const handle = await open("lines");
  const shown = inspect(handle).replace(/kFd\): \d+/, "kFd)");
  await handle.close();
  return shown;
});
await check("forgotten", async () => {
  const caught = new Promise((resolve) => process.once("uncaughtException", resolve));
  await (async () => void (await open("lines")))();
  let done = false;
  caught.then(() => (done = true));
  for (let i = 0; i < 2000 && !done; i++) {
    Array.from({ length: 50000 }, () => ({}));
    await new Promise((resolve) => setImmediate(resolve));
  }
  if (!done) return "not collected";
  const { code, message } = await caught;
  return [code, message.replace(/descriptor: \d+/, "descriptor")];
});
