// Calls on descriptors and handles that are closed or none, and wrong places in buffers and files.
fs.writeFileSync("f", "text");
const closed = fs.openSync("f", "r");
fs.closeSync(closed);
const buffer = Buffer.alloc(4);
const calls = {
  close: [],
  fstat: [],
  fsync: [],
  fdatasync: [],
  ftruncate: [1],
  fchmod: [0o600],
  fchown: [1000, 1000],
  futimes: [1, 1],
  read: [buffer, 0, 4, 0],
  readv: [[buffer]],
  write: [buffer],
  writev: [[buffer]],
  readFile: [],
  writeFile: ["x"],
  appendFile: ["x"],
};
const descriptors = [
  closed,
  99,
  2 ** 31 - 1,
  2 ** 31,
  -1,
  1.5,
  Number.NaN,
  Infinity,
  "0",
  "",
  null,
  undefined,
  {},
  [],
  true,
  1n,
];
for (const [method, args] of Object.entries(calls)) {
  for (const wrong of descriptors) {
    const name = `${method} of ${typeof wrong} ${wrong === closed ? "closed" : String(wrong)}`;
    // What is no number is a path there, and text would be read from stdin.
    if (/File$/.test(method) && typeof wrong !== "number") continue;
    await check(`${name} sync`, () => fs[`${method}Sync`](wrong, ...args));
    // Node throws that one where nobody catches it.
    if (method === "readFile" && !(wrong >= 0 && wrong < 2 ** 31 && Number.isInteger(wrong))) continue;
    await check(`${name} callback`, async () => await call(fs[method], wrong, ...args));
  }
}
for (const wrong of [closed, 2 ** 31 - 1])
  for (const text of ["text", ""])
    await check(`write text ${wrong === closed} ${text}`, () => fs.writeSync(wrong, text));

const handleCalls = {
  stat: [],
  sync: [],
  datasync: [],
  truncate: [1],
  chmod: [0o600],
  chown: [1000, 1000],
  utimes: [1, 1],
  read: [buffer],
  readv: [[buffer]],
  write: [buffer],
  writev: [[buffer]],
  readFile: [],
  writeFile: ["x"],
  appendFile: ["x"],
  readLines: [],
  createReadStream: [],
  createWriteStream: [],
  readableWebStream: [],
  close: [],
};
for (const [method, args] of Object.entries(handleCalls)) {
  const handle = await fs.promises.open("f", "r+");
  await handle.close();
  await check(`closed handle ${method}`, async () => {
    const value = await handle[method](...args);
    if (typeof value?.on !== "function") return typeof value;
    return await new Promise((resolve) => value.on("error", resolve).on("close", () => resolve("closed")));
  });
}

const wrongNumbers = [
  -1,
  1.5,
  Number.NaN,
  Infinity,
  "1",
  null,
  undefined,
  {},
  true,
  1n,
  5n,
  -1n,
  2 ** 31,
  2 ** 53,
  2n ** 63n,
  2n ** 64n,
];
const open = fs.openSync("f", "r+");
const handle = await fs.promises.open("f", "r+");
const show4 = () => fs.readFileSync("f", "latin1");
for (const [place, method] of ["read", "write"].flatMap((method) =>
  [0, 1, 2].map((place) => [place, method]),
)) {
  for (const wrong of wrongNumbers) {
    const args = [0, 4, 0];
    args[place] = wrong;
    const name = `${method} with ${typeof wrong} ${String(wrong)} at ${place}`;
    fs.writeFileSync("f", "text");
    await check(`${name} sync`, () => [fs[`${method}Sync`](open, buffer, ...args), show4().length]);
    await check(`${name} callback`, async () => [
      await call(fs[method], open, buffer, ...args),
      show4().length,
    ]);
    await check(`${name} handle`, async () => [await handle[method](buffer, ...args), show4().length]);
  }
}
for (const wrong of [
  undefined,
  null,
  1,
  "text",
  {},
  [],
  [1],
  ["text"],
  new ArrayBuffer(4),
  new DataView(new ArrayBuffer(4)),
  new Uint16Array(2),
]) {
  const name = `${typeof wrong} ${wrong?.constructor?.name} ${wrong?.length}`;
  for (const method of ["read", "write", "readv", "writev"]) {
    await check(`${method} of ${name} sync`, () => fs[`${method}Sync`](open, wrong));
    // Node answers that one before the call has returned.
    if (method !== "readv" || wrong?.length !== 0)
      await check(`${method} of ${name} callback`, async () => await call(fs[method], open, wrong));
    await check(`${method} of ${name} handle`, async () => await handle[method](wrong));
  }
}
for (const wrong of wrongNumbers) {
  const name = `${typeof wrong} ${String(wrong)}`;
  await check(`readv position ${name}`, () => fs.readvSync(open, [buffer], wrong));
  await check(`writev position ${name}`, () => fs.writevSync(open, [buffer], wrong));
  await check(`ftruncate ${name}`, () => [
    fs.ftruncateSync(open, typeof wrong === "number" && wrong > 1e9 ? 3 : wrong),
    show4().length,
  ]);
  await check(`handle truncate ${name}`, async () => [
    await handle.truncate(typeof wrong === "number" && wrong > 1e9 ? 3 : wrong),
    show4().length,
  ]);
  await check(`fchmod ${name}`, () =>
    fs.fchmodSync(open, typeof wrong === "number" && wrong > 1e9 ? -2 : wrong),
  );
  await check(`fchown ${name}`, () => fs.fchownSync(open, wrong, wrong));
  await check(`futimes ${name}`, () => fs.futimesSync(open, wrong, wrong));
  await check(`utimes callback ${name}`, async () => await call(fs.utimes, "f", wrong, wrong));
}
fs.closeSync(open);
await handle.close();
for (const wrong of [
  { start: -1 },
  { start: "1" },
  { start: 5, end: 1 },
  { end: -1 },
  { highWaterMark: -1 },
  { fd: 99 },
  { fd: -1 },
  { flags: "nonsense" },
  { encoding: "nonsense" },
  { fs: {} },
  { signal: 1 },
  { mode: "nonsense" },
]) {
  for (const method of ["createReadStream", "createWriteStream"]) {
    await check(`${method} ${JSON.stringify(wrong)}`, async () => {
      const stream = fs[method]("f", wrong);
      return await new Promise((resolve) => {
        stream.on("error", resolve).on("close", () => resolve("closed"));
        if (method === "createReadStream") stream.resume();
        else stream.end("x");
      });
    });
  }
}
await check("the file", () => fs.statSync("f").isFile());
