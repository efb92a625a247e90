// Making, listing, walking and removing directories.
await check("mkdir", () => [fs.mkdirSync("d"), fs.statSync("d").mode.toString(8)]);
await everyForm("mkdir existing", "mkdir", "d");
await everyForm("mkdir nowhere", "mkdir", "missing/d");
fs.writeFileSync("file", "x");
await everyForm("mkdir below file", "mkdir", "file/d");
await everyForm("mkdir over file", "mkdir", "file");
await everyForm("mkdir recursive over file", "mkdir", "file", { recursive: true });
await everyForm("mkdir recursive below file", "mkdir", "file/a/b", { recursive: true });
await everyForm("mkdir recursive existing", "mkdir", "d", { recursive: true });
await check("mkdir recursive", () => fs.mkdirSync("r/s/t", { recursive: true }));
await check("mkdir recursive, part is there", () => fs.mkdirSync("r/s/u/v", { recursive: true }));
await check("mkdir recursive absolute", () => fs.mkdirSync(`${cwd}/abs/b`, { recursive: true }));
await check("mkdir recursive callback", () => call(fs.mkdir, "cb/b/c", { recursive: true }));
await check("mkdir recursive promise", () => fs.promises.mkdir("pr/b/c/", { recursive: true }));
await check("mkdir recursive with dots", () => fs.mkdirSync("dots/./a/../b", { recursive: true }));
await check("mkdir recursive one", () => fs.mkdirSync("single", { recursive: true }));
await check("mkdir recursive empty", () => fs.mkdirSync("", { recursive: true }));
await check("mkdir trailing slash", () => [fs.mkdirSync("slash/"), fs.existsSync("slash")]);
await check("mkdir mode", () => [fs.mkdirSync("mode", 0o700), fs.statSync("mode").mode.toString(8)]);
await check("mkdir recursive mode", () => [
  fs.mkdirSync("mode2/a", { recursive: true, mode: 0o750 }),
  fs.statSync("mode2").mode.toString(8),
]);
await check("mkdir unwritable", () => [fs.mkdirSync("locked", 0o555), fs.mkdirSync("locked/x")]);
await check("mkdir recursive unwritable", () => fs.mkdirSync("locked/x/y", { recursive: true }));
await check("mkdir unicode", () => fs.mkdirSync("ü/ö", { recursive: true }));

for (const form of ["sync", "callback", "promise"]) {
  await check(`mkdtemp ${form}`, async () => {
    const made =
      form === "sync"
        ? fs.mkdtempSync("tmp-")
        : form === "callback"
          ? (await call(fs.mkdtemp, "tmp-"))[1]
          : await fs.promises.mkdtemp("tmp-");
    const stats = fs.statSync(made);
    fs.rmdirSync(made);
    return [/^tmp-[A-Za-z0-9]{6}$/.test(made), stats.isDirectory(), stats.mode.toString(8)];
  });
}
await everyForm("mkdtemp nowhere", "mkdtemp", "missing/tmp-");
await check("mkdtemp as buffer", () => {
  const made = fs.mkdtempSync("tmp-", "buffer");
  fs.rmdirSync(made);
  return [Buffer.isBuffer(made), made.length];
});
await check("mkdtemp disposable", () => {
  const made = fs.mkdtempDisposableSync("tmp-");
  fs.writeFileSync(`${made.path}/x`, "x");
  made.remove();
  return fs.existsSync(made.path);
});

fs.mkdirSync("tree/b/c", { recursive: true });
fs.mkdirSync("tree/a");
for (const name of ["z", "B", "a/1", "b/2", "b/c/3", "ä", "_", "10", "9"])
  fs.writeFileSync(`tree/${name}`, name);
fs.symlinkSync("b", "tree/link");
fs.symlinkSync("nowhere", "tree/broken");
await everyForm("readdir", "readdir", "tree");
await everyForm("readdir missing", "readdir", "missing");
await everyForm("readdir file", "readdir", "file");
await everyForm("readdir with types", "readdir", "tree", { withFileTypes: true });
await everyForm("readdir recursive", "readdir", "tree", { recursive: true });
await everyForm("readdir recursive missing", "readdir", "missing", { recursive: true });
await everyForm("readdir recursive with types", "readdir", "tree", { recursive: true, withFileTypes: true });
await everyForm("readdir recursive slash", "readdir", "tree/", { recursive: true });
for (const encoding of ["buffer", "hex", "latin1", "base64", "nonsense"]) {
  await check(`readdir as ${encoding}`, () => fs.readdirSync("tree", encoding));
  await check(`readdir recursive as ${encoding}`, () =>
    fs.readdirSync("tree", { encoding, recursive: true }),
  );
  await check(`readdir typed as ${encoding}`, () =>
    fs.readdirSync("tree", { encoding, withFileTypes: true }),
  );
  await check(`readdir recursive typed as ${encoding}`, () =>
    fs.readdirSync("tree", { encoding, withFileTypes: true, recursive: true }),
  );
}
await check("readdir empty", () => fs.readdirSync("d"));
await check("readdir buffer path", () => fs.readdirSync(Buffer.from("tree"), { withFileTypes: true }));
await check("readdir many", () => {
  fs.mkdirSync("many");
  for (let i = 0; i < 2500; i++) fs.writeFileSync(`many/file-${i}`, "");
  const names = fs.readdirSync("many");
  return [names.length, names[0], names[2499], new Set(names).size];
});
await check("readdir unreadable", () => [fs.chmodSync("mode", 0o300), fs.readdirSync("mode")]);

const sorted = (list) => list.sort((a, b) => (a.name < b.name ? -1 : 1));
await check("opendir sync", () => {
  const dir = fs.opendirSync("tree");
  const found = [];
  for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) found.push(entry);
  dir.closeSync();
  return [dir.path, sorted(found)];
});
await check("opendir iterate", async () => {
  const found = [];
  for await (const entry of await fs.promises.opendir("tree", { bufferSize: 2 })) found.push(entry);
  return sorted(found);
});
await check("opendir recursive", async () => {
  const found = [];
  for await (const entry of await fs.promises.opendir("tree", { recursive: true }))
    found.push(`${entry.parentPath}/${entry.name}`);
  return found.sort();
});
await check("opendir recursive sync", () => {
  const dir = fs.opendirSync("tree", { recursive: true });
  const found = [];
  for (let entry = dir.readSync(); entry !== null; entry = dir.readSync())
    found.push(`${entry.parentPath}/${entry.name}`);
  dir.closeSync();
  return found.sort();
});
await check("opendir callback", async () => {
  const [error, dir] = await call(fs.opendir, "d");
  const first = await dir.read();
  return [error, first, await call(dir.close.bind(dir))];
});
await check("opendir missing", () => fs.opendirSync("missing"));
await check("opendir file", () => fs.opendirSync("file"));
await check("opendir missing callback", () => call(fs.opendir, "missing"));
await check("opendir missing promise", () => fs.promises.opendir("missing"));
await check("opendir file promise", () => fs.promises.opendir("file"));
await check("opendir many", () => {
  const dir = fs.opendirSync("many");
  const seen = new Set();
  for (let entry = dir.readSync(); entry !== null; entry = dir.readSync()) seen.add(entry.name);
  dir.closeSync();
  return seen.size;
});
await check("opendir as buffer", () => {
  const dir = fs.opendirSync("tree/a", { encoding: "buffer" });
  const entry = dir.readSync();
  dir.closeSync();
  return entry;
});
await check("opendir closed", () => {
  const dir = fs.opendirSync("d");
  dir.closeSync();
  return dir.readSync();
});
await check("opendir closed twice", () => {
  const dir = fs.opendirSync("d");
  dir.closeSync();
  dir.closeSync();
});
await check("glob", () => fs.globSync("tree/**/*[0-9]").sort());
await check("glob promise", async () => {
  const found = [];
  for await (const name of fs.promises.glob("tree/*")) found.push(name);
  return found.sort();
});

await everyForm("rm missing", "rm", "missing");
await everyForm("rm missing force", "rm", "missing", { force: true });
await everyForm("rm directory", "rm", "d");
await check("rm file", () => [fs.rmSync("file"), fs.existsSync("file")]);
await check("rm recursive", () => [fs.rmSync("tree", { recursive: true }), fs.existsSync("tree")]);
await check("rm recursive promise", async () => [
  await fs.promises.rm("r", { recursive: true }),
  fs.existsSync("r"),
]);
await check("rm recursive callback", async () => [
  await call(fs.rm, "cb", { recursive: true }),
  fs.existsSync("cb"),
]);
await check("rm many", () => [fs.rmSync("many", { recursive: true }), fs.existsSync("many")]);
await check("rm link to directory", () => {
  fs.mkdirSync("kept/x", { recursive: true });
  fs.symlinkSync("kept", "to-kept");
  fs.rmSync("to-kept", { recursive: true });
  return fs.existsSync("kept/x");
});
await check("rm unwritable", () => {
  fs.mkdirSync("guard/inner", { recursive: true });
  fs.chmodSync("guard", 0o555);
  fs.rmSync("guard", { recursive: true });
});
await check("rm file in unwritable", () => [
  fs.chmodSync("locked", 0o755),
  fs.writeFileSync("locked/f", ""),
  fs.chmodSync("locked", 0o555),
  fs.rmSync("locked/f"),
]);
await check("rm deep", () => {
  let path = "deep";
  for (let i = 0; i < 200; i++) path += "/a";
  fs.mkdirSync(path, { recursive: true });
  fs.rmSync("deep", { recursive: true });
  return fs.existsSync("deep");
});
await check("unlink in unwritable", () => fs.unlinkSync("locked/f"));
await check("rename out of unwritable", () => fs.renameSync("locked/f", "f"));
await check("list outside", () => fs.accessSync("/root-of-nothing/x"));
