// package.json files, and the resolution of modules that rests on them.
const { createRequire, findPackageJSON } = await import("node:module");
const { pathToFileURL } = await import("node:url");
const require = createRequire(`${cwd}/main.js`);

function put(files) {
  for (const [path, content] of Object.entries(files)) {
    fs.mkdirSync(path.slice(0, path.lastIndexOf("/")), { recursive: true });
    fs.writeFileSync(
      path,
      typeof content === "string" || Buffer.isBuffer(content) ? content : JSON.stringify(content),
    );
  }
}
const here = (path) => pathToFileURL(`${cwd}/${path}`).href;
const cjs = "module.exports = { kind: 'cjs', file: __filename.slice(__filename.lastIndexOf('/') + 1) };";
const esm =
  "export const kind = 'esm'; export const file = import.meta.url.slice(import.meta.url.lastIndexOf('/') + 1);";
let number = 0;

// What may stand in a package.json.
const contents = [
  "{}",
  '{"name":"x","type":"module","main":"./main.js"}',
  '{"name":5}',
  '{"name":"\\u0041\\n"}',
  '{"main":5}',
  '{"type":5}',
  '{"type":"zzz"}',
  '{"type":"commonjs"}',
  '{"exports":"./main.js"}',
  '{"exports":null}',
  '{"exports":5}',
  '{"exports":{}}',
  '{"exports":{".":"./main.js"}}',
  '{"exports":{"import":"./main.js","require":"./other.js"}}',
  '{"exports":["./missing.js","./main.js"]}',
  '{"exports":{"./sub/*":"./*.js"}}',
  '{"exports":{"1":"./main.js"}}',
  "[]",
  "null",
  "5",
  "",
  "{",
  '{"a":1,}',
  '{"name":"x"} trash',
  '{"a":tru,"type":"module"}',
  '\ufeff{"type":"module"}',
  '{"type":"module","type":"commonjs"}',
  '{"exports":{"a":tru}}',
  "{'a':1}",
  '{"name":"tab\tx"}',
  '{"name":null}',
  '{"main":null}',
  '{"imports":"x"}',
  '{"exports":{"a":1]}',
  '{"main":"\\x"}',
  '  {"type" : "module" }  ',
  '{"type":"module"}}',
  Buffer.from([0x7b, 0x22, 0x61, 0x22, 0x3a, 0x22, 0xff, 0x22, 0x7d]),
  "x".repeat(70000),
  `{"type":"module","filler":"${"y".repeat(70000)}"}`,
];
for (const content of contents) {
  const name = `pkg-${number++}`;
  const shown = Buffer.isBuffer(content) ? "bytes" : content.slice(0, 60);
  put({
    [`node_modules/${name}/package.json`]: content,
    [`node_modules/${name}/main.js`]: "",
    [`node_modules/${name}/other.js`]: "",
    [`node_modules/${name}/index.js`]: "",
  });
  await check(`require with ${shown}`, () => require.resolve(name).slice(cwd.length));
  await check(`require below with ${shown}`, () => require.resolve(`${name}/sub/main`).slice(cwd.length));
  await check(`import with ${shown}`, async () =>
    Object.keys(await import(here(`node_modules/${name}/main.js`))),
  );
  await check(`resolve with ${shown}`, () => import.meta.resolve(name).split("/node_modules/")[1]);
  await check(`find with ${shown}`, () => findPackageJSON(name, here("x.js"))?.slice(cwd.length));
}
for (const main of ["lib", "lib/", "./lib/start", "lib/start.js", "data", "missing", "../outside", "."]) {
  const name = `main-${number++}`;
  put({
    [`node_modules/${name}/package.json`]: { main },
    [`node_modules/${name}/index.js`]: cjs,
    [`node_modules/${name}/lib/index.js`]: cjs,
    [`node_modules/${name}/lib/start.js`]: cjs,
    [`node_modules/${name}/data.json`]: { kind: "json" },
  });
  await check(`main ${main}`, () => require(name));
  await check(
    `main ${main} imported`,
    async () => (await import(here(`node_modules/${name}/index.js`))).default.kind,
  );
  await check(
    `main ${main} resolved`,
    async () => await import(`${cwd}/entry-${number}.mjs`).catch((error) => error.code),
  );
  put({ [`${cwd}/by-name-${number}.mjs`]: `export { default } from ${JSON.stringify(name)};` });
  await check(`main ${main} by name`, async () => (await import(`${cwd}/by-name-${number}.mjs`)).default);
}
put({
  "node_modules/none/readme": "",
  "node_modules/empty/package.json": {},
  "node_modules/file.js": cjs,
  "node_modules/@scope/pack/package.json": {
    name: "@scope/pack",
    exports: { ".": "./a.js", "./b": "./b.js", "./hidden/*": null, "./dir/*": "./d/*.js" },
  },
  "node_modules/@scope/pack/a.js": cjs,
  "node_modules/@scope/pack/b.js": cjs,
  "node_modules/@scope/pack/d/e.js": cjs,
});
for (const name of [
  "none",
  "empty",
  "file",
  "missing",
  "@scope/pack",
  "@scope/pack/b",
  "@scope/pack/c",
  "@scope/pack/dir/e",
  "@scope/pack/dir/f",
  "@scope/missing",
  "@scope",
  "./relative",
  "#internal",
  "",
]) {
  await check(`require ${name}`, () => require(name));
  put({ [`${cwd}/import-${number}.mjs`]: `export { default } from ${JSON.stringify(name)};` });
  await check(`import ${name}`, async () => (await import(`${cwd}/import-${number++}.mjs`)).default);
}
put({
  "mod/package.json": {
    type: "module",
    name: "mod",
    imports: { "#own": "./own.js", "#dep": "@scope/pack" },
    exports: { "./own": "./own.js" },
  },
  "mod/own.js": esm,
  "mod/uses.js":
    "export * from '#own'; export { default } from '#dep'; export { kind as self } from 'mod/own';",
  "mod/inner/deep.js": esm,
  "mod/common.cjs": cjs,
  "mod/data.json": { a: 1 },
  "com/package.json": { type: "commonjs" },
  "com/a.js": cjs,
  "com/b.mjs": esm,
  "com/wrong.js": "export const a = 1;",
  "plain/a.js": cjs,
  "plain/b.js": esm,
  "plain/sub/package.json": "{}",
  "plain/sub/c.js": esm,
  "plain/extensionless": cjs,
  "mod/extensionless": esm,
  "plain/types.ts": "export const kind: string = 'ts';",
  "dir/index.js": cjs,
  "cycle/a.cjs": "exports.early = true; exports.b = require('./b.cjs').seen; ",
  "cycle/b.cjs": "exports.seen = require('./a.cjs').early;",
});
fs.writeFileSync("mod/wasm-file", Buffer.from([0, 0x61, 0x73, 0x6d, 1, 0, 0, 0]));
fs.symlinkSync("../mod/own.js", "plain/linked.js");
for (const path of [
  "mod/own.js",
  "mod/uses.js",
  "mod/inner/deep.js",
  "mod/common.cjs",
  "com/a.js",
  "com/b.mjs",
  "com/wrong.js",
  "plain/a.js",
  "plain/b.js",
  "plain/sub/c.js",
  "plain/extensionless",
  "mod/extensionless",
  "plain/types.ts",
  "dir",
  "dir/index",
  "missing.js",
  "plain/linked.js",
  "mod/own.js?query",
  "mod/wasm-file",
  "cycle/a.cjs",
]) {
  await check(`import ${path}`, async () => ({ ...(await import(here(path))) }));
  await check(`require ${path}`, () => ({ ...require(`./${path}`) }));
  await check(`find ${path}`, () => findPackageJSON(here(path))?.slice(cwd.length));
}
await check(
  "import JSON",
  async () => (await import(here("mod/data.json"), { with: { type: "json" } })).default,
);
await check("import JSON without a type", () => import(here("mod/data.json")));
await check("require JSON", () => require("./mod/data.json"));
await check("require bad JSON", () => [put({ "bad/x.json": "{" }), require("./bad/x.json")]);
await check("require directory", () => require("./dir"));
await check("require itself again", () => require("./dir") === require("./dir/index.js"));
await check("import a directory", () => import(here("dir")));
await check("import outside of file URLs", () => import("http://example.test/x.js"));
await check("import with an encoded slash", () => import(`${here("mod").replace("/mod", "%2fmod")}/own.js`));
await check("import data", async () => (await import("data:text/javascript,export default 5")).default);
await check("main of a package", () => require("./plain/sub"));
await check("paths", () =>
  require.resolve
    .paths("x")
    .filter((path) => path.startsWith(cwd))
    .map((path) => path.slice(cwd.length)),
);
await check("self reference refused", () => createRequire(`${cwd}/mod/x.js`)("mod/missing"));
await check("findPackageJSON missing", () => findPackageJSON("missing", here("x.js")));
await check("findPackageJSON up", () => findPackageJSON("..", here("mod/inner/deep.js"))?.slice(cwd.length));
await check("syntax error", () => [put({ "syntax/x.cjs": "let a = ;" }), require("./syntax/x.cjs")]);
await check("nested packages", async () => {
  put({
    "node_modules/outer/package.json": {},
    "node_modules/outer/index.js": "module.exports = require('inner');",
    "node_modules/outer/node_modules/inner/index.js": cjs,
  });
  return require("outer");
});
