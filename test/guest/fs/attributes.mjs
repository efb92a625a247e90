// Modes, owners, times, and what stat tells.
fs.writeFileSync("f", "0123456789");
fs.mkdirSync("d");
fs.symlinkSync("f", "l");
const fd = fs.openSync("f", "r+");
const mode = (path) => fs.lstatSync(path).mode.toString(8);

for (const value of [0o600, 0o4755, 0o1777, 0, 0o777, "644"]) {
  await check(`chmod ${value}`, () => [fs.chmodSync("f", value), mode("f")]);
}
await check("chmod through link", () => [fs.chmodSync("l", 0o640), mode("f"), mode("l")]);
await check("fchmod", () => [fs.fchmodSync(fd, 0o604), mode("f")]);
await check("chmod promise", async () => [await fs.promises.chmod("f", 0o644), mode("f")]);
await check("chmod callback", async () => [await call(fs.chmod, "f", 0o645), mode("f")]);
await everyForm("chmod missing", "chmod", "missing", 0o600);
await check("chmod foreign", () => fs.chmodSync("/", 0o777));
for (const wrong of [-1, 1.5, "xyz", null, {}, 2 ** 33])
  await check(`chmod ${JSON.stringify(wrong)}`, () => fs.chmodSync("f", wrong));

const own = [process.getuid(), process.getgid()];
await check("chown", () => fs.chownSync("f", ...own));
await check("chown unchanged", () => fs.chownSync("f", -1, -1));
await check("lchown", () => fs.lchownSync("l", ...own));
await check("fchown", () => fs.fchownSync(fd, ...own));
await everyForm("chown away", "chown", "f", 12345, 12345);
await everyForm("chown missing", "chown", "missing", ...own);
await everyForm("lchown missing", "lchown", "missing", ...own);
await check("chown wrong", () => fs.chownSync("f", "1", 1));

const times = (path) => {
  const { atimeMs, mtimeMs } = fs.lstatSync(path);
  return [atimeMs, mtimeMs];
};
for (const [atime, mtime] of [
  [1, 2],
  [1.5, 2.25],
  ["3", "4"],
  [new Date(5000), new Date(6000)],
  [1e9, 2e9],
  [4e9, 5e9],
  [0, 0],
]) {
  await check(`utimes ${atime} ${mtime}`, () => [fs.utimesSync("f", atime, mtime), times("f")]);
  await check(`futimes ${atime} ${mtime}`, () => [fs.futimesSync(fd, atime, mtime), times("f")]);
  await check(`lutimes ${atime} ${mtime}`, () => [fs.lutimesSync("l", atime, mtime), times("l"), times("f")]);
}
for (const wrong of [-1, NaN, Infinity, "x", null, {}, undefined])
  await check(`utimes ${String(wrong)}`, () => [
    fs.utimesSync("f", wrong, 1),
    Math.abs(fs.statSync("f").atimeMs - Date.now()) < 60000,
  ]);
await everyForm("utimes missing", "utimes", "missing", 1, 2);
await everyForm("lutimes missing", "lutimes", "missing", 1, 2);
await check("utimes promise", async () => [await fs.promises.utimes("f", 7, 8), times("f")]);
await check("nanoseconds", () => {
  fs.utimesSync("f", 1.000001, 2.000002);
  const { atimeNs, mtimeNs, mtimeMs } = fs.statSync("f", { bigint: true });
  return [atimeNs, mtimeNs, mtimeMs];
});
await check("birth time", () => {
  const { birthtimeMs, ctimeMs } = fs.statSync("f");
  return [birthtimeMs > 1.6e12, ctimeMs > 1.6e12];
});
await check("write changes the time", () => {
  fs.utimesSync("f", 1, 1);
  fs.writeFileSync("f", "x");
  return fs.statSync("f").mtimeMs > 1e12;
});
await check("listing changes the directory", () => {
  fs.utimesSync("d", 1, 1);
  fs.writeFileSync("d/x", "");
  return fs.statSync("d").mtimeMs > 1e12;
});
await check("links of a directory", () => [fs.mkdirSync("d/e"), fs.statSync("d").nlink]);
await check("stat", () => fs.statSync("f"));
await check("stat BigInt", () => fs.statSync("f", { bigint: true }));
await check("lstat", () => fs.lstatSync("l"));
await check("stat callback BigInt", () => call(fs.stat, "f", { bigint: true }));
await check("stat promise BigInt", () => fs.promises.lstat("l", { bigint: true }));
await check("owner", () => [fs.statSync("f").uid === own[0], fs.statSync("f").gid === own[1]]);
await check("statfs", () => Object.keys(fs.statfsSync(".")));
await check("statfs BigInt", () =>
  Object.values(fs.statfsSync(".", { bigint: true })).map((value) => typeof value),
);
await check("statfs callback", () =>
  call(fs.statfs, ".").then(([e, s]) => [e, s.bsize > 0, s.bfree <= s.blocks, s.ffree <= s.files]),
);
await check("statfs promise", () => fs.promises.statfs(".").then((s) => typeof s.bavail));
await everyForm("statfs missing", "statfs", "missing");
for (const bits of [fs.constants.R_OK, fs.constants.W_OK, fs.constants.X_OK]) {
  for (const allowed of [0o400, 0o200, 0o100, 0o700, 0]) {
    await check(`access ${bits} at ${allowed.toString(8)}`, () => [
      fs.chmodSync("f", allowed),
      fs.accessSync("f", bits),
    ]);
  }
}
await everyForm("access forbidden", "access", "f", 7);
fs.chmodSync("d", 0);
for (const method of ["stat", "readdir", "unlink", "readFile", "access", "lstat", "readlink"])
  await everyForm(`${method} below a closed directory`, method, "d/x");
await check("exists below a closed directory", () => fs.existsSync("d/x"));
await check("write below a closed directory", () => fs.writeFileSync("d/y", ""));
fs.chmodSync("d", 0o700);
await check("umask", () => {
  const before = process.umask(0o077);
  fs.writeFileSync("u", "");
  fs.mkdirSync("ud");
  process.umask(before);
  return [before.toString(8), mode("u"), mode("ud")];
});
await check("blocks", () => [
  fs.writeFileSync("b", "x".repeat(10000)),
  fs.statSync("b").blocks * 512 >= 10000,
]);
await check("chdir", () => {
  process.chdir("d");
  const inner = [process.cwd(), fs.existsSync("x")];
  process.chdir("..");
  return inner;
});
