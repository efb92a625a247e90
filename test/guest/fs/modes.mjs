// Permission bits as they bind a user, and what else depends on the filesystem.
const bits = (path, stats = fs.lstatSync(path)) => (stats.mode & 0o7777).toString(8);
const each = (values, act) =>
  values.map((value) => {
    try {
      return [String(value), act(value)];
    } catch ({ code, syscall }) {
      return [String(value), code, syscall];
    }
  });
const codes = (acts) => each(Object.keys(acts), (name) => acts[name]());
const { R_OK, W_OK, X_OK } = fs.constants;

await check("own files change their modes", () => {
  fs.writeFileSync("f", "x");
  return each([0o777, 0o000, 0o4755, 0o2755, 0o1644, 0o7777, 0o2644, 0o600], (mode) => [
    fs.chmodSync("f", mode),
    bits("f"),
  ]);
});
await check("own directories change their modes", () => {
  fs.mkdirSync("d");
  return each([0o777, 0o1777, 0o2775, 0o3770, 0o500, 0o755], (mode) => [fs.chmodSync("d", mode), bits("d")]);
});
await check("modes of what is made", () => {
  const answers = [];
  for (const mask of [0o022, 0o077, 0o000, 0o777, 0o027]) {
    process.umask(mask);
    const name = `made${mask}`;
    answers.push(
      codes({
        file: () => [fs.writeFileSync(name, ""), bits(name)],
        open: () => [fs.closeSync(fs.openSync(`${name}o`, "w", 0o7777)), bits(`${name}o`)],
        mkdir: () => [fs.mkdirSync(`${name}d`), bits(`${name}d`)],
        "mkdir with bits": () => [fs.mkdirSync(`${name}e`, 0o7777), bits(`${name}e`)],
        symlink: () => [fs.symlinkSync("x", `${name}l`), bits(`${name}l`)],
        mkdtemp: () => bits(fs.mkdtempSync(`${name}t`)),
        copy: () => [fs.copyFileSync("f", `${name}c`), bits(`${name}c`)],
        tree: () => [
          fs.mkdirSync(`${name}p/q/r`, { recursive: true, mode: 0o711 }),
          bits(`${name}p`),
          bits(`${name}p/q/r`),
        ],
      }),
    );
  }
  process.umask(0o022);
  return answers;
});
await check("setgid directories", () => {
  fs.mkdirSync("g");
  fs.chmodSync("g", 0o2775);
  fs.writeFileSync("g/f", "");
  fs.mkdirSync("g/d");
  fs.mkdirSync("g/e", 0o700);
  fs.mkdirSync("g/a/b", { recursive: true });
  fs.writeFileSync("g/x", "", { mode: 0o2775 });
  fs.renameSync("d", "g/moved");
  return ["g/f", "g/d", "g/e", "g/a", "g/a/b", "g/x", "g/moved"].map((path) => [
    bits(path),
    fs.statSync(path).gid === process.getgid(),
  ]);
});
await check("writing clears what ran as somebody else", () =>
  each([0o4777, 0o2777, 0o2767, 0o6777, 0o6666], (mode) => {
    fs.writeFileSync("s", "1");
    fs.chmodSync("s", mode);
    const before = bits("s");
    fs.appendFileSync("s", "2");
    const written = bits("s");
    fs.chmodSync("s", mode);
    fs.truncateSync("s", 1);
    const cut = bits("s");
    fs.chmodSync("s", mode);
    fs.chownSync("s", process.getuid(), process.getgid());
    return [before, written, cut, bits("s")];
  }),
);
await check("files without permissions", () => {
  fs.writeFileSync("n", "secret");
  return each([0o000, 0o200, 0o400, 0o100, 0o077, 0o700], (mode) => {
    fs.chmodSync("n", mode);
    return codes({
      read: () => fs.readFileSync("n", "utf8"),
      write: () => fs.writeFileSync("n", "secret"),
      append: () => fs.appendFileSync("n", ""),
      both: () => fs.closeSync(fs.openSync("n", "r+")),
      R_OK: () => fs.accessSync("n", R_OK),
      W_OK: () => fs.accessSync("n", W_OK),
      X_OK: () => fs.accessSync("n", X_OK),
      stat: () => fs.statSync("n").size,
      rename: () => [fs.renameSync("n", "n2"), fs.renameSync("n2", "n")],
      link: () => [fs.linkSync("n", "n3"), fs.unlinkSync("n3")],
      utimes: () => fs.utimesSync("n", 1, 2),
      truncate: () => fs.truncateSync("n", 6),
      copy: () => fs.copyFileSync("n", "n4"),
      "copy onto": () => fs.copyFileSync("f", "n"),
    });
  });
});
await check("directories without permissions", () => {
  fs.mkdirSync("dd/in", { recursive: true });
  fs.writeFileSync("dd/f", "x");
  const answers = each([0o000, 0o100, 0o200, 0o300, 0o400, 0o500, 0o600, 0o077, 0o700], (mode) => {
    fs.chmodSync("dd", mode);
    return codes({
      list: () => fs.readdirSync("dd"),
      "list with types": () => fs.readdirSync("dd", { withFileTypes: true }).length,
      enter: () => [process.chdir("dd"), process.chdir("..")].length,
      read: () => fs.readFileSync("dd/f", "utf8"),
      stat: () => fs.statSync("dd/f").size,
      missing: () => fs.statSync("dd/none"),
      exists: () => fs.existsSync("dd/f"),
      make: () => [fs.writeFileSync("dd/new", ""), fs.unlinkSync("dd/new")].length,
      mkdir: () => [fs.mkdirSync("dd/newd"), fs.rmdirSync("dd/newd")].length,
      rename: () => [fs.renameSync("dd/f", "dd/f2"), fs.renameSync("dd/f2", "dd/f")].length,
      symlink: () => [fs.symlinkSync("x", "dd/l"), fs.unlinkSync("dd/l")].length,
      below: () => fs.readdirSync("dd/in"),
      itself: () => fs.statSync("dd").isDirectory(),
      real: () => fs.realpathSync("dd/in") === `${cwd}/dd/in`,
      opendir: () => fs.opendirSync("dd").closeSync(),
      recursive: () => fs.readdirSync("dd", { recursive: true }).sort(),
    });
  });
  fs.chmodSync("dd", 0o755);
  return answers;
});
await check("removing what may not be read", () => {
  fs.mkdirSync("r/closed", { recursive: true });
  fs.writeFileSync("r/closed/f", "");
  fs.chmodSync("r/closed", 0o000);
  return codes({
    rm: () => fs.rmSync("r", { recursive: true }),
    "rm by force": () => fs.rmSync("r", { recursive: true, force: true }),
    rmdir: () => fs.rmdirSync("r"),
    opened: () => [fs.chmodSync("r/closed", 0o700), fs.rmSync("r", { recursive: true })].length,
  });
});
// Only what can't change anything on the computer that plain Node runs on, whoever runs it there.
await check("what one may not give away", () =>
  codes({
    owner: () => fs.chownSync("f", 0, 0),
    nobody: () => fs.chownSync("f", process.getuid(), process.getgid()),
    group: () => fs.chownSync("f", process.getuid(), 0),
    link: () => fs.lchownSync("f", 0, process.getgid()),
  }),
);
await check("the sticky bit binds no owner", () => {
  fs.mkdirSync("t");
  fs.chmodSync("t", 0o1777);
  fs.writeFileSync("t/f", "");
  return [fs.renameSync("t/f", "t/g"), fs.unlinkSync("t/g"), bits("t")];
});

await check("mkdtemp", () => [
  /^pre[A-Za-z0-9]{6}$/.test(fs.mkdtempSync("pre")),
  fs.mkdtempSync(Buffer.from("pre"), "buffer") instanceof Buffer,
]);
await check("mkdtempDisposable", () => {
  let path;
  {
    const made = fs.mkdtempDisposableSync("disp-");
    path = made.path;
    fs.writeFileSync(`${path}/f`, "x");
    const { remove } = made;
    if (typeof remove !== "function" || !fs.existsSync(path)) return "no";
    made[Symbol.dispose]();
  }
  return [/^disp-[A-Za-z0-9]{6}$/.test(path), fs.existsSync(path)];
});
await check("mkdtempDisposable, removed twice and from elsewhere", () => {
  const made = fs.mkdtempDisposableSync("disp2-");
  const before = process.cwd();
  fs.mkdirSync("other");
  process.chdir("other");
  made.remove();
  made.remove();
  process.chdir(before);
  return fs.existsSync(made.path);
});
await check("mkdtempDisposable of promises", async () => {
  const made = await fs.promises.mkdtempDisposable("disp3-");
  fs.mkdirSync(`${made.path}/in`);
  await made[Symbol.asyncDispose]();
  return [typeof made.remove, fs.existsSync(made.path), Object.keys(made).sort()];
});
await check("mkdtempDisposable that can't be removed", () => {
  const made = fs.mkdtempDisposableSync("disp4-");
  fs.mkdirSync(`${made.path}/in`);
  fs.writeFileSync(`${made.path}/in/f`, "");
  fs.chmodSync(`${made.path}/in`, 0);
  const answers = codes({ remove: () => made.remove() });
  fs.chmodSync(`${made.path}/in`, 0o700);
  return [answers.map(([, code]) => code), made.remove()];
});
await check("mkdtempDisposable nowhere", () => fs.mkdtempDisposableSync("none/x"));

await check("statfs", () => {
  const stats = fs.statfsSync(".");
  const big = fs.statfsSync(".", { bigint: true });
  return [
    Object.keys(stats),
    Object.values(big).every((value) => typeof value === "bigint"),
    stats.constructor.name,
    stats.bsize === Number(big.bsize),
    stats.blocks >= stats.bfree && stats.bfree >= stats.bavail && stats.files >= stats.ffree,
  ];
});
await check("statfs promise", async () => [
  (await fs.promises.statfs(".")).bsize > 0,
  typeof (await fs.promises.statfs(".", { bigint: true })).type,
]);
await check("statfs callback", async () => [(await call(fs.statfs, ".")).bsize > 0]);
await check("statfs missing", () => fs.statfsSync("none"));

await check("bigint stats", async () => {
  fs.utimesSync("f", 1234.5678, 2345.25);
  const show = (stats) => [
    stats.constructor.name,
    Object.entries(stats).map(([key, value]) => [key, typeof value]),
    stats.mtimeNs === 2345250000000n,
    stats.mtimeMs === 2345250n,
    stats.mtime.getTime(),
    stats.atimeNs / 1000n,
    stats.isFile(),
    stats.mode,
    stats.uid,
    stats.nlink,
  ];
  return [
    show(fs.statSync("f", { bigint: true })),
    show(fs.lstatSync("f", { bigint: true })),
    show(await fs.promises.stat("f", { bigint: true })),
    show(await call(fs.stat, "f", { bigint: true })),
  ].map((shown) => JSON.stringify(shown, (_, value) => (typeof value === "bigint" ? `${value}n` : value)));
});

fs.mkdirSync("glob/a/b", { recursive: true });
fs.mkdirSync("glob/.hidden");
for (const name of [
  "glob/x.js",
  "glob/y.ts",
  "glob/a/z.js",
  "glob/a/b/w.js",
  "glob/.hidden/h.js",
  "glob/a/[odd].js",
])
  fs.writeFileSync(name, "");
fs.symlinkSync("a", "glob/link");
for (const pattern of [
  "glob/*",
  "glob/**",
  "glob/**/*.js",
  "glob/*/",
  "glob/{x,y}.*",
  "glob/a/../*.js",
  "glob/**/b/**",
  "glob/link/*.js",
  "glob/[xy].*",
  "none/*",
  "glob/a/\\[odd\\].js",
  "*/a/?.js",
  "./glob/*.ts",
]) {
  await check(`glob ${pattern}`, () => fs.globSync(pattern).sort());
}
await check("glob with options", async () => {
  const found = [];
  for await (const name of fs.promises.glob("**/*.js", { cwd: "glob", exclude: ["a/b/**"] }))
    found.push(name);
  const typed = fs
    .globSync("glob/*", { withFileTypes: true })
    .map((entry) => [
      entry.name,
      entry.isDirectory(),
      entry.isSymbolicLink(),
      entry.parentPath.endsWith("glob"),
    ]);
  return [found.sort(), typed.sort(), (await call(fs.glob, ["glob/*.js", "glob/*.ts"])).sort()];
});
await check("recursive listing", async () => {
  const typed = fs
    .readdirSync("glob", { recursive: true, withFileTypes: true })
    .map((entry) => [entry.parentPath, entry.name, entry.isDirectory()]);
  const opened = [];
  for await (const entry of await fs.promises.opendir("glob", { recursive: true }))
    opened.push(`${entry.parentPath}/${entry.name}`);
  return [
    fs.readdirSync("glob", { recursive: true }).sort(),
    (await fs.promises.readdir("glob", { recursive: true })).sort(),
    (await call(fs.readdir, "glob", { recursive: true, encoding: "buffer" })).map(String).sort(),
    typed.sort(),
    opened.sort(),
  ];
});
