// When the disk has no room: first for more files, then for more bytes.

/** Makes files until there can be no more, and answers what the last attempt gave. */
function fill(make) {
  for (let i = 0; ; i++) {
    try {
      make(i);
    } catch (error) {
      return error;
    }
  }
}
async function everyCall(calls) {
  for (const [title, [method, ...args]] of Object.entries(calls)) {
    await check(`${title} sync`, () => fs[`${method}Sync`](...args));
    await check(`${title} callback`, () => call(fs[method], ...args));
    await check(`${title} promise`, () => fs.promises[method](...args));
  }
}
const streamed = (path, ...pieces) =>
  new Promise((resolve) => {
    const stream = fs.createWriteStream(path);
    stream.on("error", resolve).on("close", () => resolve("closed"));
    for (const piece of pieces) stream.write(piece);
    stream.end();
  });

fs.writeFileSync("f", "text");
fs.mkdirSync("d");
fs.writeFileSync("d/f", "text");
await check("more files", () => {
  const { code, syscall } = fill((i) => fs.writeFileSync(`many${i}`, "", { flag: "wx" }));
  return [code, syscall];
});
await everyCall({
  "open a new file": ["open", "new", "w"],
  "write a new file": ["writeFile", "new", "x"],
  "append to a new file": ["appendFile", "new", "x"],
  "make a folder": ["mkdir", "new"],
  "make folders": ["mkdir", "d/new/new", { recursive: true }],
  "make a link": ["symlink", "f", "new"],
  "make a file's copy": ["copyFile", "f", "new"],
  "make a folder's copy": ["cp", "d", "new", { recursive: true }],
  "make a folder of any name": ["mkdtemp", "missing/tmp-"],
  "truncate what is there": ["writeFile", "f", "text"],
  "rename what is there": ["rename", "d/f", "d/f"],
});
await check("stream to a new file", () => streamed("new", "x"));
for (const name of fs.readdirSync(".")) if (name.startsWith("many")) fs.unlinkSync(name);
await check("then there is room again", () => [fs.writeFileSync("new", "x"), fs.unlinkSync("new")]);

const piece = Buffer.alloc(65_536, "x");
const large = fs.openSync("large", "w");
await check("more bytes", () => {
  throw fill(() => fs.writeSync(large, piece));
});
// What is left of the last piece.
fill(() => {
  if (fs.writeSync(large, Buffer.alloc(4096)) < 4096) throw new Error("full");
});
await check("the rest", () => {
  throw fill(() => fs.writeSync(large, Buffer.alloc(1)));
});
fs.writeFileSync("empty", "");
await everyCall({
  "write to an empty file": ["writeFile", "empty", "x"],
  "write many bytes to it": ["writeFile", "empty", piece],
  "write text to it": ["writeFile", "empty", "é".repeat(100_000), "latin1"],
  "append to it": ["appendFile", "empty", "x"],
  "copy to it": ["copyFile", "f", "empty"],
  "copy beside it": ["copyFile", "f", "copy"],
  "make it larger": ["truncate", "empty", 100_000],
});
const beside = fs.openSync("beside", "w+");
await check("write", () => fs.writeSync(beside, piece));
await check("write a string", () => fs.writeSync(beside, "text"));
await check("write nothing", () => fs.writeSync(beside, ""));
await check("writev", () => fs.writevSync(beside, [piece, piece]));
await check("write with a callback", () => call(fs.write, beside, piece));
await check("writev with a callback", () => call(fs.writev, beside, [piece]));
const handle = await fs.promises.open("handle", "w");
await check("write by a handle", () => handle.write(piece));
await check("writev by a handle", () => handle.writev([piece]));
await check("writeFile by a handle", () => handle.writeFile(piece));
await handle.close();
await check("stream", () => streamed("stream", piece, piece));
await check("sizes", () =>
  ["f", "empty", "beside", "handle", "stream"].map((name) => fs.statSync(name).size),
);
await check("what was there", () => [fs.readFileSync("f", "utf8"), fs.readFileSync("d/f", "utf8")]);
fs.closeSync(large);
fs.unlinkSync("large");
await check("then there is room once more", () => [
  fs.writeFileSync("new", piece),
  fs.readFileSync("new").equals(piece),
]);
