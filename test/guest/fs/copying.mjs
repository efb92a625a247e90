// fs.cp and fs.cpSync.
function build(root) {
  fs.mkdirSync(`${root}/a/b`, { recursive: true });
  fs.mkdirSync(`${root}/empty`);
  fs.writeFileSync(`${root}/one`, "1", { mode: 0o640 });
  fs.writeFileSync(`${root}/a/two`, "22");
  fs.writeFileSync(`${root}/a/b/three`, "333");
  fs.symlinkSync("one", `${root}/link`);
  fs.symlinkSync("../one", `${root}/a/up`);
  fs.symlinkSync("a", `${root}/dirlink`);
  fs.chmodSync(`${root}/empty`, 0o750);
  fs.utimesSync(`${root}/one`, 100, 200);
}
function listing(root) {
  const found = {};
  for (const entry of fs.readdirSync(root, { recursive: true, withFileTypes: true })) {
    const path = `${entry.parentPath}/${entry.name}`;
    const stats = fs.lstatSync(path);
    const content = entry.isSymbolicLink()
      ? `-> ${fs.readlinkSync(path)}`
      : entry.isFile()
        ? fs.readFileSync(path, "utf8")
        : "/";
    found[path] = [stats.mode.toString(8), content];
  }
  return Object.entries(found).sort();
}
build("src");
let count = 0;
async function copies(name, from, options, prepare = () => {}) {
  for (const form of ["sync", "promise", "callback"]) {
    const target = `out-${count++}`;
    await check(`${name} ${form}`, async () => {
      prepare(target);
      if (form === "sync") fs.cpSync(from, target, options);
      else if (form === "promise") await fs.promises.cp(from, target, options);
      else {
        const [error] = await call(fs.cp, from, target, options);
        if (error) throw error;
      }
      return fs.statSync(target).isDirectory()
        ? listing(target).map(([path, ...rest]) => [path.slice(target.length), ...rest])
        : fs.readFileSync(target, "utf8");
    });
  }
}
await copies("tree", "src", { recursive: true });
await copies("tree with slash", "src/", { recursive: true });
await copies("file", "src/one", {});
await copies("not recursive", "src", {});
await copies("missing", "missing", { recursive: true });
await copies("dereference", "src", { recursive: true, dereference: true });
await copies("verbatim links", "src", { recursive: true, verbatimSymlinks: true });
await copies("link", "src/link", {});
await copies("link dereferenced", "src/link", { dereference: true });
await copies("filter", "src", { recursive: true, filter: (source) => !source.endsWith("two") });
await copies("into existing", "src", { recursive: true }, (target) => {
  fs.mkdirSync(`${target}/a`, { recursive: true });
  fs.writeFileSync(`${target}/one`, "old");
  fs.writeFileSync(`${target}/own`, "own");
});
await copies("into existing without force", "src", { recursive: true, force: false }, (target) => {
  fs.mkdirSync(target);
  fs.writeFileSync(`${target}/one`, "old");
});
await copies(
  "into existing with error",
  "src",
  { recursive: true, force: false, errorOnExist: true },
  (target) => {
    fs.mkdirSync(target);
    fs.writeFileSync(`${target}/one`, "old");
  },
);
await copies("again", "src", { recursive: true }, (target) => fs.cpSync("src", target, { recursive: true }));
await copies("directory over file", "src", { recursive: true }, (target) => fs.writeFileSync(target, "file"));
await copies("file over directory", "src/one", {}, (target) => fs.mkdirSync(target));
await copies("file over file", "src/one", {}, (target) => fs.writeFileSync(target, "old"));
await copies("file over file without force", "src/one", { force: false }, (target) =>
  fs.writeFileSync(target, "old"),
);
await copies("file over file with error", "src/one", { force: false, errorOnExist: true }, (target) =>
  fs.writeFileSync(target, "old"),
);
await copies("file over file with mode", "src/one", { mode: fs.constants.COPYFILE_FICLONE }, (target) =>
  fs.writeFileSync(target, "old"),
);
await copies("new parents", "src/one", {}, () => {});
await check("parents are made", () => [
  fs.cpSync("src/one", "new/deep/one"),
  fs.readFileSync("new/deep/one", "utf8"),
]);
await check("parents are made promise", async () => [
  await fs.promises.cp("src/one", "new2/deep/one"),
  fs.readFileSync("new2/deep/one", "utf8"),
]);
await check("into itself", () => fs.cpSync("src", "src/inner", { recursive: true }));
await check("into itself promise", () => fs.promises.cp("src", "src/inner", { recursive: true }));
await check("onto itself", () => fs.cpSync("src", "src", { recursive: true }));
await check("onto itself promise", () => fs.promises.cp("src", "src", { recursive: true }));
await check("file onto itself", () => fs.cpSync("src/one", "src/one"));
await check("times", () => {
  fs.cpSync("src", "timed", { recursive: true, preserveTimestamps: true });
  return fs.statSync("timed/one").mtimeMs;
});
await check("times promise", async () => {
  await fs.promises.cp("src", "timed2", { recursive: true, preserveTimestamps: true });
  return fs.statSync("timed2/one").mtimeMs;
});
await check("times of one file", () => [
  fs.cpSync("src/one", "timed3", { preserveTimestamps: true }),
  fs.statSync("timed3").mtimeMs,
]);
await check("dangling", () => {
  fs.mkdirSync("dangles");
  fs.symlinkSync("nowhere", "dangles/x");
  fs.cpSync("dangles", "dangles-copy", { recursive: true });
  return fs.readlinkSync("dangles-copy/x");
});
await check("dangling dereferenced", () =>
  fs.cpSync("dangles", "dangles-copy2", { recursive: true, dereference: true }),
);
await check("unreadable", () => {
  fs.mkdirSync("closed");
  fs.writeFileSync("closed/x", "x", { mode: 0 });
  fs.cpSync("closed", "closed-copy", { recursive: true });
});
await check("unreadable promise", () => fs.promises.cp("closed", "closed-copy2", { recursive: true }));
await check("unwritable target", () => {
  fs.mkdirSync("sealed", 0o555);
  fs.cpSync("src", "sealed/x", { recursive: true });
});
await check("options", () => fs.cpSync("src", "x", { recursive: "yes" }));
await check("unicode", () => {
  fs.mkdirSync("quelle-ü");
  fs.writeFileSync("quelle-ü/ö", "x");
  fs.cpSync("quelle-ü", "ziel-ü", { recursive: true });
  return fs.readdirSync("ziel-ü");
});
await check("unicode error", () => fs.cpSync("quelle-ü", "z"));
