// Names: links of both kinds, rename, unlink, existence, realpath.
fs.writeFileSync("file", "content");
fs.mkdirSync("dir/sub", { recursive: true });
fs.writeFileSync("dir/inner", "x");
fs.symlinkSync("file", "link");
fs.symlinkSync("dir", "dirlink");
fs.symlinkSync("missing", "dangling");
fs.symlinkSync("loop-b", "loop-a");
fs.symlinkSync("loop-a", "loop-b");

const places = [
  "file",
  "dir",
  "link",
  "dirlink",
  "dangling",
  "loop-a",
  "missing",
  "file/below",
  "dir/inner/",
  "dir/",
  ".",
  "..",
  "",
  "dir/../file",
  "dir/./inner",
  "//",
  `${cwd}/file`,
  "a".repeat(256),
  "a/".repeat(2100),
];
for (const place of places) {
  const name = place.length > 60 ? `${place.slice(0, 20)}… (${place.length})` : place;
  await check(`exists ${name}`, () => fs.existsSync(place));
  await everyForm(`access ${name}`, "access", place);
  // What lies outside differs, and the C library looks for the parts of a long path before its length.
  if (place !== ".." && place !== "//") {
    await everyForm(`stat ${name}`, "stat", place);
    await everyForm(`lstat ${name}`, "lstat", place);
    await check(`realpath ${name}`, () => fs.realpathSync(place));
    if (place.length < 4096) {
      await check(`realpath native ${name}`, () => fs.realpathSync.native(place));
      await check(`realpath callback ${name}`, () => call(fs.realpath.native, place));
    }
  }
  await everyForm(`readlink ${name}`, "readlink", place);
  await check(`open ${name}`, () => fs.closeSync(fs.openSync(place)));
  await check(`stat quiet ${name}`, () => fs.statSync(place, { throwIfNoEntry: false })?.isFile());
  await check(`lstat quiet ${name}`, () => fs.lstatSync(place, { throwIfNoEntry: false })?.isFile());
}
await check("stat quiet callback", () => call(fs.stat, "missing", { throwIfNoEntry: false }));
await check("stat quiet promise", () => fs.promises.stat("missing", { throwIfNoEntry: false }));
await check("path as buffer", () => fs.statSync(Buffer.from("file")).isFile());
await check("path as buffer, missing", () => fs.statSync(Buffer.from("missing")));
await check("path as bytes", () => fs.readFileSync(new Uint8Array([102, 105, 108, 101]), "utf8"));
await check("path as URL", () => fs.readFileSync(new URL(`file://${cwd}/file`), "utf8"));
await check("exists callback", () => call(fs.exists, "file"));
await check("exists promise", async () => (await import("node:util")).promisify(fs.exists)("missing"));

await everyForm("rename missing", "rename", "missing", "other");
await everyForm("rename onto directory", "rename", "file", "dir");
await everyForm("rename directory onto file", "rename", "dir", "file");
await everyForm("rename into itself", "rename", "dir", "dir/sub/deep");
await everyForm("rename to itself", "rename", "file", "file");
fs.writeFileSync("r1", "1");
fs.writeFileSync("r2", "2");
await check("rename over", () => [
  fs.renameSync("r1", "r2"),
  fs.readFileSync("r2", "utf8"),
  fs.existsSync("r1"),
]);
fs.mkdirSync("e1");
fs.mkdirSync("e2");
await check("rename over empty directory", () => [
  fs.renameSync("e1", "e2"),
  fs.readdirSync(".").includes("e1"),
]);
await check("rename over full directory", () => fs.renameSync("e2", "dir"));

await everyForm("link missing", "link", "missing", "hard");
await everyForm("link directory", "link", "dir", "hard");
await check("link", () => [
  fs.linkSync("file", "hard"),
  fs.statSync("file").nlink,
  fs.readFileSync("hard", "utf8"),
]);
await everyForm("link existing", "link", "file", "hard");
await check("unlink one of two", () => [fs.unlinkSync("hard"), fs.statSync("file").nlink]);
await everyForm("symlink existing", "symlink", "x", "link");
await everyForm("symlink nowhere", "symlink", "x", "missing/link");
await check("symlink empty", () => fs.symlinkSync("", "empty-link"));
for (const encoding of ["utf8", "buffer", "hex", "base64", "latin1", "ascii", "utf16le", "base64url"]) {
  await check(`readlink as ${encoding}`, () => fs.readlinkSync("link", encoding));
  await check(`realpath as ${encoding}`, () => fs.realpathSync.native("dirlink", { encoding }).length > 4);
}
await everyForm("unlink missing", "unlink", "missing");
await everyForm("unlink directory", "unlink", "dir");
await check("unlink link", () => [fs.unlinkSync("link"), fs.existsSync("file")]);
await everyForm("rmdir file", "rmdir", "file");
await everyForm("rmdir full", "rmdir", "dir");
await everyForm("rmdir missing", "rmdir", "missing");
await check("rmdir", () => [fs.rmdirSync("dir/sub"), fs.existsSync("dir/sub")]);
await check("unicode names", () => {
  fs.writeFileSync("grüße-日本-🎉", "x");
  return [fs.readdirSync(".").filter((name) => name.startsWith("gr")), fs.statSync("grüße-日本-🎉").size];
});
await check("unicode error", () => fs.readFileSync("fehlt-ü"));
await check("bytes that are no UTF-8", () => {
  const name = Buffer.from([0x66, 0xff, 0xfe]);
  fs.writeFileSync(name, "odd");
  return [
    fs.readFileSync(name, "utf8"),
    fs.readdirSync(".", "buffer").filter((entry) => entry[0] === 0x66 && entry[1] === 0xff),
  ];
});
await check("name too long", () => fs.writeFileSync("n".repeat(256), "x"));
await check("longest name", () => [fs.writeFileSync("n".repeat(255), "x"), fs.unlinkSync("n".repeat(255))]);
