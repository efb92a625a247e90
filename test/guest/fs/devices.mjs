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
