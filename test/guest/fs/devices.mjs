// The files of /dev that programs use.
const short = (stats) => [stats.isCharacterDevice(), stats.isFIFO(), stats.isFile(), stats.isDirectory()];

await check("null", () => [
  fs.readFileSync("/dev/null"),
  fs.readFileSync("/dev/null", "utf8"),
  fs.writeFileSync("/dev/null", "x"),
]);
await check("null exists", () => [
  fs.existsSync("/dev/null"),
  fs.accessSync("/dev/null"),
  short(fs.statSync("/dev/null")),
]);
await check("null promise", async () => [
  await fs.promises.readFile("/dev/null"),
  await fs.promises.writeFile("/dev/null", "x"),
]);
await check("null callback", async () => [
  await call(fs.readFile, "/dev/null"),
  await call(fs.appendFile, "/dev/null", "x"),
]);
await check("null opened", () => {
  const fd = fs.openSync("/dev/null", "r+");
  const answers = [fs.writeSync(fd, "abc"), fs.readSync(fd, Buffer.alloc(4)), short(fs.fstatSync(fd))];
  fs.closeSync(fd);
  return answers;
});
await check(
  "null stream",
  () =>
    new Promise((resolve) => {
      const stream = fs.createWriteStream("/dev/null");
      stream.end("x");
      stream.on("close", () => resolve(stream.bytesWritten));
    }),
);
await check("null as buffer", () => fs.readFileSync(Buffer.from("/dev/null")));
await check("stdin", () => [fs.existsSync("/dev/stdin"), short(fs.statSync("/dev/stdin"))]);
await check("stdin read", () => fs.readFileSync("/dev/stdin", "utf8"));
await check("stdin read again", () => fs.readFileSync("/dev/stdin"));
await check("stdin promise", () => fs.promises.readFile("/dev/stdin", "utf8"));
await check("stderr", () => [
  fs.writeFileSync("/dev/stderr", "to stderr\n"),
  fs.appendFileSync("/dev/stderr", Buffer.from("more\n")),
]);
await check("stderr opened", () => {
  const fd = fs.openSync("/dev/fd/2", "w");
  fs.writeSync(fd, "and more\n");
  fs.closeSync(fd);
});
await check("stderr promise", () => fs.promises.writeFile("/dev/stderr", "by promise\n"));
await check("missing", () => fs.readFileSync("/dev/nothing"));
await check("missing as text", () => fs.readFileSync("/dev/nothing", "utf8"));
for (const name of [
  "null",
  "zero",
  "full",
  "random",
  "urandom",
  "tty",
  "fd",
  "stdin",
  "stdout",
  "stderr",
  "shm",
]) {
  await check(`kind of ${name}`, () => {
    const followed = fs.statSync(`/dev/${name}`);
    const link = fs.lstatSync(`/dev/${name}`);
    return [
      short(followed),
      followed.isCharacterDevice() && followed.rdev,
      (link.mode & 0o1777).toString(8),
      link.isSymbolicLink() && fs.readlinkSync(`/dev/${name}`),
    ];
  });
}
await check("listed", () => {
  const names = fs.readdirSync("/dev", { withFileTypes: true });
  return ["null", "fd", "shm"].map((name) => {
    const entry = names.find((each) => each.name === name);
    return [entry.isCharacterDevice(), entry.isSymbolicLink(), entry.isDirectory()];
  });
});
await check("zero", () => {
  const fd = fs.openSync("/dev/zero", "r+");
  const bytes = Buffer.alloc(100_000, 1);
  const answers = [
    fs.readSync(fd, bytes),
    bytes.every((byte) => byte === 0),
    fs.readSync(fd, bytes, 0, 5, 1e6),
    fs.writeSync(fd, "abc"),
  ];
  fs.closeSync(fd);
  return answers;
});
await check("random", () => {
  const fd = fs.openSync("/dev/urandom", "r");
  const [one, other] = [Buffer.alloc(70_000), Buffer.alloc(70_000)];
  const answers = [
    fs.readSync(fd, one),
    fs.readSync(fd, other),
    one.equals(other),
    new Set(one).size,
    fs.readSync(fd, one, 0, 0),
  ];
  fs.closeSync(fd);
  return answers;
});
await check("random to a small buffer", async () => {
  const handle = await fs.promises.open("/dev/random");
  const { bytesRead } = await handle.read(Buffer.alloc(16), 0, 16, null);
  await handle.close();
  return bytesRead;
});
await check("random as a stream", async () => {
  let length = 0;
  for await (const chunk of fs.createReadStream("/dev/urandom", { end: 99_999 })) length += chunk.length;
  return length;
});
await check("full", () => fs.writeFileSync("/dev/full", "x"));
await check("full promise", () => fs.promises.writeFile("/dev/full", "x"));
await check("full with nothing", () => fs.writeFileSync("/dev/full", ""));
await check("terminal", () => fs.openSync("/dev/tty", "r"));
await check("exclusive", () => fs.openSync("/dev/null", "wx"));
await check("no directory", () => fs.opendirSync("/dev/null"));
await check("copied from", () => [fs.copyFileSync("/dev/null", "empty"), fs.statSync("empty").size]);
await check("shared memory", () => [
  fs.writeFileSync(`/dev/shm/${process.pid}`, "x"),
  fs.unlinkSync(`/dev/shm/${process.pid}`),
]);
await check("watched over", () => {
  const fd = fs.openSync("/dev/null", "w");
  try {
    fs.fsyncSync(fd);
  } finally {
    fs.closeSync(fd);
  }
});
await check("stdin by descriptor", () => [
  fs.readdirSync("/dev/fd").includes("0"),
  fs.existsSync("/dev/fd/0"),
  fs.existsSync("/dev/fd/77"),
]);
