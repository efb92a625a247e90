// Arguments that are wrong.
fs.writeFileSync("f", "x");
const wrongPaths = [
  undefined,
  null,
  1,
  true,
  {},
  [],
  Symbol("s"),
  () => {},
  1n,
  NaN,
  "a\0b",
  Buffer.from("a\0b"),
  new URL("http://a/b"),
  new URL("file:///a%2fb"),
  new URL("file://host/a"),
  new Date(0),
];
const methods = {
  access: [],
  stat: [],
  lstat: [],
  readFile: [],
  writeFile: ["x"],
  appendFile: ["x"],
  open: ["r"],
  mkdir: [],
  rmdir: [],
  readdir: [],
  unlink: [],
  rename: ["b"],
  link: ["b"],
  symlink: ["b"],
  readlink: [],
  chmod: [0o600],
  chown: [1, 1],
  utimes: [1, 1],
  truncate: [1],
  copyFile: ["b"],
  rm: [],
  mkdtemp: [],
  opendir: [],
  statfs: [],
  lutimes: [1, 1],
  lchown: [1, 1],
  cp: ["b"],
};
for (const [method, rest] of Object.entries(methods)) {
  for (const [index, wrong] of wrongPaths.entries()) {
    // A number is a descriptor there.
    if (typeof wrong === "number" && /File$/.test(method)) continue;
    await check(`${method}Sync path ${index}`, () => fs[`${method}Sync`](wrong, ...rest));
    await check(`${method} path ${index}`, () => call(fs[method], wrong, ...rest));
    await check(`${method} promise path ${index}`, () => fs.promises[method](wrong, ...rest));
  }
}
for (const method of ["rename", "link", "copyFile", "symlink", "cp"]) {
  for (const wrong of [undefined, 1, {}, "a\0b"]) {
    await check(`${method}Sync second ${String(wrong)}`, () => fs[`${method}Sync`]("f", wrong));
    await check(`${method} promise second ${String(wrong)}`, () => fs.promises[method]("f", wrong));
  }
}
for (const wrong of ["x", -1, 8, 1.5, NaN, Infinity, {}, null, 2 ** 31, 2 ** 32]) {
  await check(`access mode ${String(wrong)}`, () => fs.accessSync("f", wrong));
  await check(`access mode callback ${String(wrong)}`, () => call(fs.access, "f", wrong));
  await check(`access mode promise ${String(wrong)}`, () => fs.promises.access("f", wrong));
  await check(`copyFile mode ${String(wrong)}`, () => fs.copyFileSync("f", "g", wrong));
  await check(`copyFile mode promise ${String(wrong)}`, () => fs.promises.copyFile("f", "g", wrong));
  // A mode above 2^31 makes plain Node abort.
  if (wrong === 2 ** 31) continue;
  await check(`open mode ${String(wrong)}`, () => fs.closeSync(fs.openSync("f", "r", wrong)));
  await check(`mkdir mode ${String(wrong)}`, () => [fs.mkdirSync("m", wrong), fs.rmdirSync("m")]);
  await check(`readdir options ${String(wrong)}`, () => fs.readdirSync(".", wrong).length > 0);
  if (wrong !== -1) await check(`open flags ${String(wrong)}`, () => fs.closeSync(fs.openSync("f", wrong)));
  await check(`truncate length ${String(wrong)}`, () => fs.truncateSync("f", wrong));
}
for (const method of [
  "stat",
  "readFile",
  "open",
  "mkdir",
  "readdir",
  "access",
  "rename",
  "close",
  "unlink",
]) {
  await check(`${method} without callback`, () => fs[method]("f"));
  await check(`${method} with text as callback`, () => fs[method]("f", "x"));
}
for (const data of [undefined, null, 1, {}, [], true, Symbol("s"), () => {}, { toString: () => "x" }]) {
  await check(`write data ${typeof data} ${data === null}`, () => fs.writeFileSync("w", data));
  await check(`write data promise ${typeof data} ${data === null}`, () => fs.promises.writeFile("w", data));
}
await check("encoding", () => fs.readFileSync("f", "nonsense"));
await check("encoding in options", () => fs.readFileSync("f", { encoding: 5 }));
await check("throwing callback", async () => {
  const caught = new Promise((resolve) =>
    process.once("uncaughtException", (error, origin) => resolve([error.message, origin])),
  );
  fs.stat("f", () => {
    throw new Error("from the callback");
  });
  const after = call(fs.stat, "f").then(([error]) => error);
  return [await caught, await after];
});
await check(
  "callback's this",
  () =>
    new Promise((resolve) => {
      fs.stat("f", function () {
        resolve(this?.constructor?.name);
      });
    }),
);
await check("async is asynchronous", async () => {
  const order = [];
  const done = call(fs.stat, "f").then(() => order.push("callback"));
  order.push("after the call");
  await Promise.resolve();
  process.nextTick(() => order.push("tick"));
  await done;
  return order;
});
