// Open files by number.
fs.writeFileSync("f", "0123456789");
const fd = fs.openSync("f", "r+");
const closed = fs.openSync("f");
fs.closeSync(closed);

const calls = {
  read: [Buffer.alloc(4), 0, 4, 0],
  write: [Buffer.from("x"), 0, 1, 0],
  fstat: [],
  fsync: [],
  fdatasync: [],
  ftruncate: [1],
  fchmod: [0o644],
  fchown: [process.getuid(), process.getgid()],
  futimes: [1, 2],
  readv: [[Buffer.alloc(2)]],
  writev: [[Buffer.from("y")]],
  close: [],
};
for (const [method, args] of Object.entries(calls)) {
  await check(`${method}Sync closed`, () => fs[`${method}Sync`](closed, ...args));
  await check(`${method} closed`, () => call(fs[method], closed, ...args));
  for (const wrong of [
    "1",
    -1,
    1.5,
    NaN,
    Infinity,
    2 ** 31,
    null,
    undefined,
    {},
    [],
    true,
    1n,
    "it's",
    "x".repeat(40),
  ]) {
    const name = typeof wrong === "bigint" ? "1n" : (JSON.stringify(wrong) ?? String(wrong));
    await check(`${method}Sync ${name}`, () => fs[`${method}Sync`](wrong, ...args));
    await check(`${method} ${name}`, () => call(fs[method], wrong, ...args));
  }
}
await check("closeSync function", () => fs.closeSync(() => {}));
await check("closeSync symbol", () => fs.closeSync(Symbol("s")));
await check("closeSync object", () => fs.closeSync(new (class Thing {})()));

await check("read in the file", () => {
  const bytes = Buffer.alloc(6, "-");
  return [fs.readSync(fd, bytes, 1, 3, 2), bytes];
});
await check("read on", () => {
  const bytes = Buffer.alloc(4);
  return [
    fs.readSync(fd, bytes),
    fs.readSync(fd, bytes),
    fs.readSync(fd, bytes),
    fs.readSync(fd, bytes),
    bytes,
  ];
});
await check("read at a BigInt", () => {
  const bytes = Buffer.alloc(4);
  return [fs.readSync(fd, bytes, 0, 4, 3n), bytes];
});
await check("read far behind", () => fs.readSync(fd, Buffer.alloc(4), 0, 4, 2 ** 40));
await check("read nothing", () => fs.readSync(fd, Buffer.alloc(4), 0, 0, 0));
await check("read options", () => fs.readSync(fd, Buffer.alloc(4), { offset: 1, length: 2, position: 5 }));
await check("read too much", () => fs.readSync(fd, Buffer.alloc(4), 2, 4, 0));
await check("read into nothing", () => fs.readSync(fd, Buffer.alloc(0), 0, 1, 0));
await check("read into text", () => fs.readSync(fd, "x", 0, 1, 0));
await check("read callback", () => call(fs.read, fd, Buffer.alloc(4), 0, 4, 1));
await check("read callback, few arguments", () =>
  call(fs.read, fd, { position: 7 }).then(([e, n, b]) => [e, n, b.length]),
);
await check("readv", () => {
  const views = [Buffer.alloc(3), new Uint16Array(2), Buffer.alloc(10)];
  return [fs.readvSync(fd, views, 0), views];
});
await check("readv none", () => fs.readvSync(fd, []));
await check("readv empty", () => fs.readvSync(fd, [Buffer.alloc(0)], 0));
await check("readv callback", () => call(fs.readv, fd, [Buffer.alloc(3), Buffer.alloc(3)], 4));
await check("write", () => [fs.writeSync(fd, "AB", 0), fs.readFileSync("f", "utf8")]);
await check("write bytes", () => [
  fs.writeSync(fd, Buffer.from("xyz"), 1, 2, 8),
  fs.readFileSync("f", "utf8"),
]);
await check("write behind the end", () => [fs.writeSync(fd, "!", 12), fs.readFileSync("f")]);
await check("write as hex", () => [
  fs.writeSync(fd, "4142", 0, "hex"),
  fs.readFileSync("f", "latin1").slice(0, 3),
]);
await check("write too much", () => fs.writeSync(fd, Buffer.from("xyz"), 2, 4));
await check("write number", () => fs.writeSync(fd, 5));
await check("write object", () => fs.writeSync(fd, { toString: () => "x" }));
await check("write nothing", () => fs.writeSync(fd, Buffer.alloc(0)));
await check("write options", () => fs.writeSync(fd, Buffer.from("pq"), { offset: 1, position: 0 }));
await check("write callback", () => call(fs.write, fd, Buffer.from("cb"), 0, 2, 3));
await check("write text callback", () => call(fs.write, fd, "text", 5));
await check("write text callback as latin1", () => call(fs.write, fd, "é", 5, "latin1"));
await check("writev", () => [
  fs.writevSync(fd, [Buffer.from("1"), new Uint8Array([50, 51])], 0),
  fs.readFileSync("f", "latin1").slice(0, 4),
]);
await check("writev callback", () => call(fs.writev, fd, [Buffer.from("1"), Buffer.from("2")]));
await check("writev none", () => fs.writevSync(fd, []));
await check("fstat", () => fs.fstatSync(fd));
await check("fstat BigInt", () => typeof fs.fstatSync(fd, { bigint: true }).size);
await check("fstat callback", () => call(fs.fstat, fd));
await check("fstat callback BigInt", () =>
  call(fs.fstat, fd, { bigint: true }).then(([e, s]) => [e, typeof s.mtimeNs]),
);
await check("fsync", () => [fs.fsyncSync(fd), fs.fdatasyncSync(fd)]);
await check("ftruncate", () => [fs.ftruncateSync(fd, 4), fs.fstatSync(fd).size]);
await check("ftruncate far", () => fs.ftruncateSync(fd, 2 ** 53));
await check("readFile by number", () => {
  const other = fs.openSync("f");
  try {
    return [fs.readFileSync(other, "utf8"), fs.readFileSync(other, "utf8"), fs.readFileSync(other)];
  } finally {
    fs.closeSync(other);
  }
});
await check("readFile by number callback", () => call(fs.readFile, fs.openSync("f"), "latin1"));
await check("writeFile by number", () => {
  const other = fs.openSync("g", "w");
  fs.writeFileSync(other, "one");
  fs.writeFileSync(other, "two");
  fs.writeFileSync(other, Buffer.from("three"));
  fs.closeSync(other);
  return fs.readFileSync("g", "utf8");
});
await check("writeFile by number callback", () =>
  call(fs.writeFile, fs.openSync("g", "a"), "more").then((a) => [a, fs.readFileSync("g", "utf8")]),
);
await check("readFile closed", () => fs.readFileSync(closed));
await check("readFile closed as text", () => fs.readFileSync(closed, "utf8"));
await check("writeFile closed", () => fs.writeFileSync(closed, "x"));
await check("unlink while open", () => {
  const other = fs.openSync("g", "r+");
  fs.unlinkSync("g");
  fs.writeSync(other, "alive", 0);
  const bytes = Buffer.alloc(5);
  fs.readSync(other, bytes, 0, 5, 0);
  const { nlink } = fs.fstatSync(other);
  fs.closeSync(other);
  return [bytes, nlink, fs.existsSync("g")];
});
await check("numbers are reused", () => {
  const one = fs.openSync("f");
  const two = fs.openSync("f");
  fs.closeSync(one);
  const three = fs.openSync("f");
  fs.closeSync(two);
  fs.closeSync(three);
  return one === three;
});
await check("read a directory", () => fs.readSync(fs.openSync("."), Buffer.alloc(1)));
await check("write read-only", () => fs.writeSync(fs.openSync("f"), "x"));
await check("read write-only", () => fs.readSync(fs.openSync("f", "a"), Buffer.alloc(1)));
await check("append ignores the position", () => {
  const other = fs.openSync("f", "a");
  fs.writeSync(other, "END", 0);
  fs.closeSync(other);
  return fs.readFileSync("f", "latin1").slice(-3);
});
await check("close twice", () => [fs.closeSync(fd), fs.closeSync(fd)]);
await check("close callback", () => call(fs.close, fs.openSync("f")));
await check("open callback", () => call(fs.open, "f").then(([e, n]) => [e, typeof n, fs.closeSync(n)]));
await check("open callback missing", () => call(fs.open, "missing", "r"));
await check("open mode", () => [
  fs.closeSync(fs.openSync("mode", "w", 0o755)),
  fs.statSync("mode").mode.toString(8),
]);
await check("open mode as text", () => [
  fs.closeSync(fs.openSync("mode2", "w", "600")),
  fs.statSync("mode2").mode.toString(8),
]);
await check("standard input", () => fs.fstatSync(0).isFIFO());
await check("standard output", () => fs.fstatSync(1).isFIFO());
await check("position on a pipe", () => fs.writeSync(1, Buffer.from("x"), 0, 1, 3));
await check("truncate a pipe", () => fs.ftruncateSync(1, 3));
await check("fsync a pipe", () => fs.fsyncSync(1));
await check("read the output", () => fs.readSync(1, Buffer.alloc(1)));
await check("write the input", () => fs.writeSync(0, "x"));
await check("input", () => fs.readFileSync(0, "utf8"));
await check("input again", () => fs.readSync(0, Buffer.alloc(4)));
await check("input callback", () => call(fs.read, 0, Buffer.alloc(4), 0, 4, null));
