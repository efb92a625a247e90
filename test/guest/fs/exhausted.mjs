// When a process has as many files open as it may have.
fs.writeFileSync("f", "text");
fs.mkdirSync("d/e", { recursive: true });
fs.writeFileSync("d/f", "text");
const files = [];
let last;
for (;;) {
  try {
    files.push(fs.openSync("f", "r"));
  } catch (error) {
    last = error;
    break;
  }
}
await check("the last open", () => {
  throw last;
});
const calls = {
  open: ["f", "r"],
  readFile: ["f"],
  writeFile: ["new", "x"],
  appendFile: ["f", "x"],
  opendir: ["d"],
  readdir: ["d"],
  copyFile: ["f", "copy"],
  truncate: ["f", 2],
  stat: ["f"],
  lstat: ["f"],
  access: ["f"],
  mkdir: ["made"],
  rmdir: ["made"],
  rename: ["f", "g"],
  link: ["g", "f"],
  symlink: ["f", "l"],
  readlink: ["l"],
  realpath: ["l"],
  chmod: ["f", 0o600],
  utimes: ["f", 1, 1],
  unlink: ["l"],
};
for (const [method, args] of Object.entries(calls)) {
  await check(`${method} sync`, () => fs[`${method}Sync`](...args));
  await check(`${method} callback`, () => call(fs[method], ...args));
  await check(`${method} promise`, () => fs.promises[method](...args));
}
const more = {
  "readdir with types": ["readdir", "d", { withFileTypes: true }],
  "readdir of all": ["readdir", "d", { recursive: true }],
  "rm of all": ["rm", "d", { recursive: true }],
  "rm by force": ["rm", "d/f", { force: true }],
  "cp of all": ["cp", "d", "c", { recursive: true }],
  "cp of one": ["cp", "f", "c"],
  mkdtemp: ["mkdtemp", "missing/tmp-"],
};
for (const [name, [method, ...args]] of Object.entries(more)) {
  await check(`${name} sync`, () => fs[`${method}Sync`](...args));
  await check(`${name} callback`, () => call(fs[method], ...args));
  await check(`${name} promise`, () => fs.promises[method](...args));
}
for (const method of ["createReadStream", "createWriteStream"]) {
  await check(method, () => new Promise((resolve) => fs[method]("f").on("error", resolve)));
}
await check("exists", () => [fs.existsSync("f"), fs.existsSync("d/f")]);
await check("a module", () => import("./nothing.mjs").catch(({ code }) => code));
for (const file of files) fs.closeSync(file);
await check("and then again", () => [fs.readFileSync("f", "utf8"), fs.readdirSync(".").sort()]);
