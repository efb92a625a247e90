import { readdirSync, readFileSync, readlinkSync, statSync } from "node:fs";
import { arch, cpus, hostname, release, totalmem, userInfo } from "node:os";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NodeRuntime } from "../../src/index.js";

let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create({ env: { VISIBLE: "yes" } });
});
afterAll(() => rt.dispose());

async function value<T>(code: string): Promise<T> {
  const { stderr, value } = await rt.run<T>(code);
  expect(stderr).toBe("");
  return value as T;
}

/** All that can be read below /proc and /dev, by path: what it is, its link's text, its bytes. */
const walk = `
  const found = {};
  const visit = (path) => {
    const stats = fs.lstatSync(path);
    found[path] = [stats.mode.toString(8), stats.uid, stats.ino, stats.mtimeMs].join(" ");
    if (stats.isSymbolicLink()) found[path] += " -> " + fs.readlinkSync(path);
    else if (stats.isDirectory()) for (const name of fs.readdirSync(path)) visit(path + "/" + name);
    else if (stats.isFile()) found[path] += "\\n" + fs.readFileSync(path, "latin1");
  };
  visit("/proc");
  visit("/dev");
  __return(found);
`;

test("/proc and /dev say nothing of the host", async () => {
  const found = await value<Record<string, string>>(walk);
  expect(Object.keys(found).length).toBeGreaterThan(40);
  const { username } = userInfo();
  const secrets = [
    ...[hostname(), release(), process.cwd(), process.execPath, cpus()[0]?.model, process.env["HOME"]],
    ...[`/home/${username}`, String(totalmem()), String(Math.floor(totalmem() / 1024)), "node_modules"],
    ...(Object.values(process.env).filter((text) => (text ?? "").length > 12) as string[]),
    readFileSync("/proc/sys/kernel/random/boot_id", "utf8").trim(),
  ].filter((secret): secret is string => secret !== undefined && secret.length > 5);
  for (const [path, text] of Object.entries(found)) {
    for (const secret of secrets) expect(text, `${path} tells ${secret}`).not.toContain(secret);
  }
  const hostPids = readdirSync("/proc").filter((name) => /^\d{3,}$/u.test(name));
  const status = Object.entries(found).find(([path]) => path.endsWith("/status"))?.[1] as string;
  for (const pid of [...hostPids, String(process.pid)])
    expect(status).not.toMatch(new RegExp(`:\\t${pid}\\n`, "u"));
});

test("/proc says what os and process say", async () => {
  const answers = await value<Record<string, unknown>>(`
    const os = await import("node:os");
    const read = (path) => fs.readFileSync("/proc/" + path, "utf8");
    const field = (text, name) => new RegExp("^" + name + ":\\\\s*(.*)$", "m").exec(text)[1];
    const status = read("self/status");
    __return({
      pid: field(status, "Pid") === String(process.pid) && read("self/stat").startsWith(process.pid + " (node) R " + process.ppid),
      ppid: field(status, "PPid") === String(process.ppid),
      ids: field(status, "Uid") === Array(4).fill(process.getuid()).join("\\t"),
      umask: field(status, "Umask") === "0" + process.umask().toString(8).padStart(3, "0"),
      memory: field(read("meminfo"), "MemTotal") === os.totalmem() / 1024 + " kB" && field(read("meminfo"), "MemFree") === os.freemem() / 1024 + " kB",
      cpus: read("cpuinfo").match(/^processor/gm).length === os.cpus().length && read("cpuinfo").includes(os.cpus()[0].model),
      names: [read("sys/kernel/hostname").trim() === os.hostname(), read("sys/kernel/osrelease").trim() === os.release(), read("sys/kernel/ostype").trim() === os.type()],
      version: read("version").includes(os.release()),
      uptime: Math.abs(parseFloat(read("uptime")) - os.uptime()) < 1,
      load: read("loadavg").startsWith(os.loadavg().map((n) => n.toFixed(2)).join(" ")),
      command: read("self/cmdline").split("\\0")[0] === process.execPath,
      environment: read("self/environ").split("\\0").includes("VISIBLE=yes"),
      limit: /Max open files +\\d+ +\\d+ +files/.test(read("self/limits")),
    });`);
  for (const [name, right] of Object.entries(answers)) expect([right].flat(), name).not.toContain(false);
  expect(arch()).toMatch(/x64|arm64/u);
});

test("what one process has open, no other finds in /proc", async () => {
  const other = rt.exec(
    `fs.writeFileSync("/tmp/mine", "secret"); fs.openSync("/tmp/mine"); console.log(process.pid); setTimeout(() => {}, 1500);`,
  );
  await new Promise((resolve) => setTimeout(resolve, 500));
  const answers = await value<unknown[]>(`
    const own = String(process.pid);
    const processes = fs.readdirSync("/proc").filter((name) => /^\\d+$/.test(name));
    const others = Array.from({ length: 200 }, (_, i) => String(i)).filter((pid) => pid !== own && fs.existsSync("/proc/" + pid));
    __return([processes.length === 1 && processes[0] === own, others]);`);
  expect(answers).toEqual([true, []]);
  expect((await other).exitCode).toBe(0);
});

test("paths that lead in and out of /proc for ever end", async () => {
  const answers = await value<string[]>(`
    const code = (act) => { try { act(); return "worked" } catch ({ code }) { return code } };
    fs.symlinkSync("/proc/self/cwd/loop", "loop");
    fs.symlinkSync("/proc/self/root/home/user/b", "a");
    fs.symlinkSync("/proc/self/cwd/a", "b");
    const fd = fs.openSync(".");
    fs.symlinkSync("/proc/self/fd/" + fd + "/c", "c");
    const long = "/proc/self/cwd".repeat(290);
    __return([
      ...["loop", "a", "b", "c"].map((path) => code(() => fs.statSync(path))),
      code(() => fs.statSync(long)),
      code(() => fs.statSync("/proc/self/cwd".repeat(300))),
      code(() => fs.openSync("loop", "w")),
      code(() => fs.renameSync("loop", "/proc/self/cwd/loop2")),
      code(() => fs.copyFileSync("a", "/proc/self/cwd/b")),
      code(() => fs.statSync("/proc/self/" + "../self/".repeat(400))),
    ]);`);
  expect(answers).toEqual([
    "ELOOP",
    "ELOOP",
    "ELOOP",
    "ELOOP",
    "ENOENT",
    "ENAMETOOLONG",
    "ELOOP",
    "worked",
    "ELOOP",
    "ELOOP",
  ]);
});

test("descriptors of /proc are bounded, and no more than the process's", async () => {
  const answers = await value<unknown[]>(`
    const fds = [];
    let error;
    try { for (;;) fds.push(fs.openSync("/proc/self/status")) } catch (thrown) { error = thrown.code }
    const first = fds[0];
    for (const fd of fds) fs.closeSync(fd);
    let closed;
    try { fs.readSync(first, Buffer.alloc(1)) } catch (thrown) { closed = thrown.code }
    __return([error, closed, fs.readFileSync("/proc/self/status", "utf8").length > 100]);`);
  expect(answers).toEqual(["EMFILE", "EBADF", true]);
});

test("a program that has changed what it could gets no further", async () => {
  const answers = await value<unknown[]>(`
    const seen = [];
    for (const name of ["indexOf", "slice", "startsWith", "padStart", "padEnd", "charCodeAt", "split"])
      String.prototype[name] = function () { seen.push(name); return "/etc/passwd" };
    for (const name of ["push", "join", "slice"]) Array.prototype[name] = function () { seen[seen.length] = name; return this };
    Array.prototype[Symbol.iterator] = function* () { seen[seen.length] = "iterator" };
    Object.defineProperty(Object.prototype, "text", { configurable: true, get() { seen[seen.length] = "text" } });
    Object.keys = () => { seen[seen.length] = "keys"; return [] };
    Number.prototype.toString = function () { seen[seen.length] = "number"; return "0" };
    const fd = fs.openSync("/proc/self/status", "r");
    const bytes = Buffer.allocUnsafe(10);
    const count = fs.readSync(fd, bytes, 0, 10, null);
    const directory = fs.statSync("/proc/self/fd", { bigint: false }).mode;
    const random = fs.readSync(fs.openSync("/dev/urandom", "r"), bytes, 0, 10, null);
    const mine = seen.length;
    delete Object.prototype.text;
    globalThis.__return({ count, directory, random, mine });`);
  expect(answers).toEqual({ count: 10, directory: 0o040500, random: 10, mine: 0 });
});

test("devices are no way to another process or to the computer", async () => {
  const answers = await value<unknown[]>(`
    const code = (act) => { try { return act() } catch ({ code }) { return code } };
    __return([
      fs.readdirSync("/dev").sort(),
      ...["/dev/tty", "/dev/mem", "/dev/kmsg", "/dev/pts/0", "/dev/ptmx", "/dev/console"].map((path) => code(() => fs.openSync(path, "r+"))),
      code(() => fs.chmodSync("/dev/null", 0o777)),
      code(() => fs.renameSync("/dev/null", "/dev/zero")),
      code(() => fs.writeFileSync("/dev/new", "")),
      code(() => fs.linkSync("/dev/null", "/tmp/null")),
    ]);`);
  expect(answers).toEqual([
    ["fd", "full", "null", "random", "shm", "stderr", "stdin", "stdout", "tty", "urandom", "zero"],
    ...["ENXIO", "ENOENT", "ENOENT", "ENOENT", "ENOENT", "ENOENT"],
    ...["EPERM", "EACCES", "EACCES", "EPERM"],
  ]);
});

test("memory of files that are gone goes back to the computer", async () => {
  const used = () =>
    Math.max(
      ...readdirSync("/proc/self/fd").map((fd) => {
        try {
          const path = `/proc/self/fd/${fd}`;
          return readlinkSync(path).includes("secure-exec disk") ? statSync(path).blocks * 512 : 0;
        } catch {
          return 0;
        }
      }),
    );
  await using own = await NodeRuntime.create();
  await own.exec(
    `fs.writeFileSync("/tmp/big", Buffer.alloc(96 << 20, 1)); fs.writeFileSync("/tmp/kept", Buffer.alloc(3 << 20, 2));`,
  );
  expect(used()).toBeGreaterThan(96 << 20);
  await own.rm("/tmp/big");
  const end = performance.now() + 20_000;
  while (used() > 40 << 20 && performance.now() < end)
    await new Promise((resolve) => setTimeout(resolve, 200));
  expect(used()).toBeLessThan(40 << 20);
  const { stdout } = await own.exec(`console.log(fs.readFileSync("/tmp/kept").every((byte) => byte === 2));`);
  expect(stdout).toBe("true\n");
});
