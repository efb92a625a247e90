// What a process sees of itself in /proc, and what can't be done there.
const own = (text) =>
  String(text)
    .replaceAll(String(process.pid), "PID")
    .replace(/\d{4,}/g, "N");
const kind = (path, stats = fs.statSync(path)) => [
  (stats.mode & 0o170000).toString(8),
  (stats.mode & 0o777).toString(8),
  stats.uid,
  stats.size,
];
const file = fs.openSync("opened", "w+");
fs.writeSync(file, "content");
const at = `/proc/self/fd/${file}`;

await check("self", () => [
  own(fs.readlinkSync("/proc/self")),
  Number(fs.readlinkSync("/proc/self")) === process.pid,
]);
await check("links", () => [
  fs.readlinkSync("/proc/self/cwd") === process.cwd(),
  fs.readlinkSync("/proc/self/exe") === process.execPath,
  fs.readlinkSync("/proc/self/root"),
  fs.realpathSync("/proc/self/cwd") === process.cwd(),
  fs.realpathSync.native("/proc/self/fd/../cwd/.") === process.cwd(),
  own(fs.realpathSync("/proc/self/status")),
  own(fs.realpathSync.native("/proc/self/fd")),
]);
for (const name of ["status", "cmdline", "environ", "limits", "stat", "statm", "fd", "cgroup", "mounts"]) {
  await check(`stat of ${name}`, () => {
    const [type, bits, uid] = kind(`/proc/self/${name}`);
    return [type, bits, uid === process.getuid()];
  });
}
for (const path of [
  "/proc/version",
  "/proc/meminfo",
  "/proc/cpuinfo",
  "/proc/uptime",
  "/proc/loadavg",
  "/proc/filesystems",
]) {
  await check(path, () => [kind(path), fs.readFileSync(path, "utf8").length > 5]);
}
await check("kinds of links", () =>
  ["/proc/self", "/proc/self/cwd", "/proc/self/exe", at, "/proc/self/fd/0"].map((path) => {
    const [type, bits, , size] = kind(path, fs.lstatSync(path));
    return [type, bits, size];
  }),
);
await check("texts", () => [
  fs
    .readFileSync("/proc/self/status", "utf8")
    .split("\n")
    .filter((line) => /^(Umask|Pid|Uid|Gid|TracerPid)/.test(line))
    .map(own),
  fs.readFileSync(`/proc/${process.pid}/stat`, "utf8").split(" ").length,
  fs.readFileSync("/proc/self/statm", "utf8").split(" ").length,
  fs.readFileSync("/proc/self/cmdline", "utf8").split("\0")[0] === process.execPath,
  fs.readFileSync("/proc/uptime", "utf8").split(" ").length,
  fs.readFileSync("/proc/loadavg", "utf8").split(" ").length,
  /^[0-9a-f]{8}-[0-9a-f]{4}-4[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}\n$/.test(
    fs.readFileSync("/proc/sys/kernel/random/uuid", "utf8"),
  ),
  new Set([1, 2, 3].map(() => fs.readFileSync("/proc/sys/kernel/random/uuid", "utf8"))).size,
  fs.readFileSync("/proc/sys/kernel/ostype", "utf8"),
]);
await check("listed", () =>
  ["cwd", "exe", "fd", "status", "environ"].map((name) => fs.readdirSync("/proc/self").includes(name)),
);
await check("listed with types", () =>
  fs
    .readdirSync("/proc/self", { withFileTypes: true })
    .filter(({ name }) => ["cwd", "fd", "status"].includes(name))
    .map((entry) => [entry.name, entry.isDirectory(), entry.isFile(), entry.isSymbolicLink()])
    .sort(),
);
await check("listed in parts", async () => {
  const names = [];
  for await (const { name } of await fs.promises.opendir("/proc/sys/kernel/random"))
    if (name === "uuid") names.push(name);
  return names;
});
await check("descriptors", () =>
  ["0", "1", "2", String(file)].map((fd) => fs.readdirSync("/proc/self/fd").includes(fd)),
);
await check("an open file", () => [
  fs.readlinkSync(at) === `${process.cwd()}/opened`,
  fs.readFileSync(at, "utf8"),
  fs.readFileSync(`/dev/fd/${file}`, "utf8"),
  fs.statSync(at).ino === fs.fstatSync(file).ino,
  fs.realpathSync(at) === `${process.cwd()}/opened`,
  fs.appendFileSync(at, " more"),
  fs.readFileSync("opened", "utf8"),
  fs.chmodSync(at, 0o640),
  (fs.fstatSync(file).mode & 0o777).toString(8),
  fs.utimesSync(at, 5, 6),
  fs.fstatSync(file).mtimeMs,
  fs.truncateSync(at, 3),
  fs.existsSync(`/proc/self/fd/${file + 40}`),
]);
await check("an open file is opened anew", () => {
  const again = fs.openSync(at, "r");
  const bytes = Buffer.alloc(3);
  const answers = [fs.readSync(again, bytes), bytes.toString()];
  fs.closeSync(again);
  return answers;
});
await check("an open file may not be opened so", () => {
  fs.chmodSync("opened", 0o400);
  try {
    return fs.openSync("/proc/self/cwd/opened", "r+");
  } finally {
    fs.chmodSync("opened", 0o600);
  }
});
await check("a renamed file", () => {
  fs.renameSync("opened", "renamed");
  return fs.readlinkSync(at) === `${process.cwd()}/renamed`;
});
await check("a removed file", () => {
  fs.unlinkSync("renamed");
  const data = [
    fs.readFileSync(at, "utf8"),
    fs.statSync(at).nlink,
    fs.readlinkSync(at).endsWith(" (deleted)"),
  ];
  fs.closeSync(file);
  return data;
});
await check("a directory's descriptor", () => {
  fs.mkdirSync("inner");
  fs.writeFileSync("inner/x", "in it");
  const fd = fs.openSync("inner", "r");
  const answers = [
    fs.readFileSync(`/proc/self/fd/${fd}/x`, "utf8"),
    fs.readdirSync(`/proc/self/fd/${fd}`),
    fs.readdirSync(`/proc/self/fd/${fd}/../inner/`),
    fs.writeFileSync(`/dev/fd/${fd}/y`, "new"),
    fs.readFileSync("inner/y", "utf8"),
  ];
  fs.closeSync(fd);
  return answers;
});
await check("through the working directory", () => [
  fs.writeFileSync("/proc/self/cwd/made", "1"),
  fs.readFileSync("made", "utf8"),
  fs.renameSync("/proc/self/cwd/made", "moved"),
  fs.copyFileSync("moved", "/proc/self/cwd/copied"),
  fs.linkSync("/proc/self/cwd/copied", "/proc/self/cwd/linked"),
  fs.symlinkSync("moved", "/proc/self/cwd/link"),
  fs.mkdirSync("/proc/self/cwd/d"),
  fs.rmdirSync("/proc/self/cwd/d"),
  fs.unlinkSync("/proc/self/cwd/linked"),
  fs.readdirSync("."),
]);
await check("through links of one's own", () => {
  fs.symlinkSync("/proc/self/cwd/moved", "round");
  fs.symlinkSync("/dev/null", "nothing");
  fs.symlinkSync("/dev/fd", "fds");
  fs.symlinkSync(`/proc/self/cwd/again`, "again");
  return [
    fs.readFileSync("round", "utf8"),
    fs.writeFileSync("nothing", "x"),
    fs.readFileSync("nothing", "utf8"),
    fs.statSync("nothing").isCharacterDevice(),
    fs.existsSync("fds/0"),
  ];
});
await check("round and round", () => fs.readFileSync("again"));
await check("small reads", () => {
  const fd = fs.openSync("/proc/sys/kernel/ostype", "r");
  const bytes = Buffer.alloc(4);
  const answers = [];
  for (const position of [null, null, null, 2])
    answers.push([fs.readSync(fd, bytes, 0, 3, position), bytes.toString("latin1", 0, 3)]);
  fs.closeSync(fd);
  return answers;
});
await check("streams and promises", async () => [
  await fs.promises.readFile("/proc/sys/kernel/ostype", "utf8"),
  await call(fs.readFile, "/proc/sys/kernel/ostype", "utf8"),
  (await fs.promises.stat("/proc/self/status")).isFile(),
  await fs.promises.readlink("/proc/self/root"),
]);

const refused = {
  mkdir: () => fs.mkdirSync("/proc/new"),
  "mkdir there": () => fs.mkdirSync("/proc/version"),
  unlink: () => fs.unlinkSync("/proc/version"),
  "unlink missing": () => fs.unlinkSync("/proc/new"),
  "rename out": () => fs.renameSync("/proc/version", "out"),
  "rename in": () => fs.renameSync("moved", "/proc/in"),
  "rename missing": () => fs.renameSync("/proc/new", "out"),
  "link out": () => fs.linkSync("/proc/version", "out"),
  symlink: () => fs.symlinkSync("x", "/proc/new"),
  write: () => fs.writeFileSync("/proc/version", "x"),
  "write promise": () => fs.promises.writeFile("/proc/version", "x"),
  create: () => fs.writeFileSync("/proc/new", "x"),
  chmod: () => fs.chmodSync("/proc/version", 0o777),
  chown: () => fs.chownSync("/proc/version", process.getuid(), process.getgid()),
  utimes: () => fs.utimesSync("/proc/version", 1, 1),
  truncate: () => fs.truncateSync("/proc/version", 0),
  readlink: () => fs.readlinkSync("/proc/version"),
  "access to write": () => fs.accessSync("/proc/version", fs.constants.W_OK),
  "access to run": () => fs.accessSync("/proc/version", fs.constants.X_OK),
  mkdtemp: () => fs.mkdtempSync("/proc/t-"),
  rm: () => fs.rmSync("/proc/version"),
  opendir: () => fs.opendirSync("/proc/version"),
  readdir: () => fs.readdirSync("/proc/version"),
  below: () => fs.statSync("/proc/version/x"),
  slash: () => fs.statSync("/proc/version/"),
  "no descriptor": () => fs.statSync("/proc/self/fd/99"),
  "no number": () => fs.statSync("/proc/self/fd/x"),
  "no such number": () => fs.statSync("/proc/self/fd/00"),
  "no process": () => fs.statSync("/proc/4194305"),
  "no process by name": () => fs.statSync("/proc/process"),
  "read a directory": () => fs.readFileSync("/proc/self"),
  "write a directory": () => fs.writeFileSync("/proc/self", ""),
  exclusive: () => fs.openSync("/proc/version", "wx"),
  "copy onto": () => fs.copyFileSync("moved", "/proc/version"),
};
for (const [name, act] of Object.entries(refused)) await check(`refused: ${name}`, act);
await check("copied", () => {
  fs.copyFileSync("/proc/version", "version");
  fs.cpSync("/proc/version", "version2");
  return [
    fs.statSync("version").size,
    (fs.statSync("version").mode & 0o777).toString(8),
    fs.statSync("version2").size,
  ];
});
await check("statfs", () => fs.statfsSync("/proc").type.toString(16));
