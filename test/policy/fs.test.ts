import { NodeRuntime, type Permissions } from "secure-exec";
import { describe, expect, test } from "vitest";

type Fs = Permissions["fs"];

/** What is on the disk, by the host's hand, which no rule binds. */
const files = {
  "/secret/key": "key",
  "/secret/deep/key": "deep",
  "/Secret/key": "another",
  "/secrets": "another",
  "/fixed/a": "fixed",
  "/tmp/a": "a",
  "/home/user/a": "a",
  "/home/user/.env": "hidden",
  "/home/user/app/.env.local": "told",
  "/home/user/app/.env": "hidden",
  "/home/user/app/x": "x",
  "/unlisted/a": "a",
  "/blind/a": "a",
  "/lib/index.mjs": "export default 'lib';",
  "/keep/one": "1",
  "/mode/a": "a",
  "/é/ü": "umlaut",
};

const open: Fs = {
  default: "allow",
  rules: [
    { mode: "deny", paths: ["/secret"] },
    { mode: "deny", operations: ["write", "create", "delete", "chmod"], paths: ["/fixed"] },
    { mode: "deny", operations: ["read"], paths: ["**/.env"] },
    { mode: "deny", operations: ["list"], paths: ["/unlisted"] },
    { mode: "deny", operations: ["stat"], paths: ["/blind/**"] },
    { mode: "deny", operations: ["delete"], paths: ["/keep/*"] },
    { mode: "deny", operations: ["chmod"], paths: ["/mode"] },
    { mode: "deny", paths: ["/é"] },
  ],
};

const closed: Fs = {
  rules: [
    { mode: "deny", operations: ["read"], paths: ["/home/user/.env"] },
    { mode: "allow", paths: ["/home/user"] },
    { mode: "allow", operations: ["read", "stat"], paths: ["/lib/*.mjs"] },
    { mode: "allow", operations: ["create", "write"], paths: ["/tmp/out/**"] },
  ],
};

/** Runs expressions one after the other, and tells of each its value or the error's code. */
async function outcomes(rules: Fs, cases: readonly (readonly [expression: string, expected: unknown])[]) {
  await using rt = await NodeRuntime.create({ files, permissions: { fs: rules } });
  const lines = cases.map(([expression]) => `attempt(async () => (${expression}))`).join(",\n");
  const { value, stderr } = await rt.run<unknown[]>(`
    import fs from "node:fs";
    import { pathToFileURL } from "node:url";
    import path from "node:path";
    const { O_CREAT, O_EXCL, O_RDONLY, O_RDWR, O_DIRECTORY } = fs.constants;
    const attempt = (work) => async () => {
      try {
        const value = await work();
        return value === undefined ? "done" : value;
      } catch (error) {
        return error.code ?? String(error);
      }
    };
    const out = [];
    for (const work of [${lines}]) out.push(await work());
    __return(out);
  `);
  expect(stderr).toBe("");
  return cases.map(([expression], i) => [expression, value?.[i]]);
}

const text = (path: string) => `fs.readFileSync(${JSON.stringify(path)}, "utf8")`;

describe("paths and rules", () => {
  test("with what is named denied", async () => {
    const cases = [
      // As they are written.
      [text("/secret/key"), "EACCES"],
      [text("/secret/missing"), "EACCES"],
      [text("/secret/missing/deeper"), "EACCES"],
      [text("/secret//key"), "EACCES"],
      [text("//secret/key"), "EACCES"],
      [text("/secret/./key"), "EACCES"],
      [text("/tmp/../secret/key"), "EACCES"],
      [text("/secret/../tmp/a"), "a"],
      [text("/tmp/missing/../../secret/key"), "ENOENT"],
      [text("/tmp/a/../../secret/key"), "ENOTDIR"],
      [text("/secret/key/"), "EACCES"],
      [text("/Secret/key"), "another"],
      [text("/secrets"), "another"],
      [text("../../secret/key"), "EACCES"],
      [`fs.readFileSync(Buffer.from("/secret/key"))`, "EACCES"],
      [`fs.readFileSync(Buffer.from("/tmp/../secret/key"))`, "EACCES"],
      [`fs.readFileSync(pathToFileURL("/secret/key"))`, "EACCES"],
      [`fs.readFileSync(new URL("file:///tmp/%2e%2e/secret/key"))`, "EACCES"],
      [`fs.readFileSync("/secret/key\\0")`, "ERR_INVALID_ARG_VALUE"],
      [`fs.readFileSync("")`, "ENOENT"],
      [`fs.readFileSync("/" + "a".repeat(256))`, "ENAMETOOLONG"],
      [text("/é/ü"), "EACCES"],
      [`fs.readFileSync(Buffer.from("/é/ü"))`, "EACCES"],
      // By way of links.
      [`fs.symlinkSync("/secret", "/tmp/link")`, "done"],
      [text("/tmp/link/key"), "EACCES"],
      [`fs.statSync("/tmp/link").isDirectory()`, "EACCES"],
      [`fs.lstatSync("/tmp/link").isSymbolicLink()`, true],
      [`fs.lstatSync("/tmp/link/").isDirectory()`, "EACCES"],
      [`fs.readlinkSync("/tmp/link")`, "/secret"],
      [`fs.realpathSync("/tmp/link/key")`, "EACCES"],
      [`fs.realpathSync.native("/tmp/link/key")`, "EACCES"],
      [`fs.symlinkSync("../secret/made", "/tmp/dangling")`, "done"],
      [`fs.writeFileSync("/tmp/dangling", "x")`, "EACCES"],
      [`fs.openSync("/tmp/dangling", O_CREAT | O_EXCL | O_RDWR)`, "EEXIST"],
      // A judgement of what is missing must not outlive its being made.
      [text("/tmp/later/../link/key"), "ENOENT"],
      [`fs.mkdirSync("/tmp/later")`, "done"],
      [text("/tmp/later/../link/key"), "EACCES"],
      [`fs.unlinkSync("/tmp/link")`, "done"],
      [`fs.symlinkSync("/tmp", "/secret/link")`, "EACCES"],
      [`fs.linkSync("/secret/key", "/tmp/hard")`, "EACCES"],
      [`fs.linkSync("/tmp/a", "/secret/hard")`, "EACCES"],
      [`fs.readFileSync("/proc/self/root/secret/key")`, "EACCES"],
      [`(process.chdir("/secret"))`, "EACCES"],
      // Names that go elsewhere.
      [`fs.renameSync("/secret/key", "/tmp/key")`, "EACCES"],
      [`fs.renameSync("/tmp/a", "/secret/a")`, "EACCES"],
      [`fs.renameSync("/secret", "/tmp/secret")`, "EACCES"],
      [`fs.copyFileSync("/secret/key", "/tmp/key")`, "EACCES"],
      [`fs.copyFileSync("/tmp/a", "/secret/key")`, "EACCES"],
      [`fs.cpSync("/secret", "/tmp/copy", { recursive: true })`, "EACCES"],
      [`await fs.promises.cp("/secret", "/tmp/copy", { recursive: true })`, "EACCES"],
      [`fs.rmSync("/secret", { recursive: true, force: true })`, "EACCES"],
      // Part of the operations.
      [text("/fixed/a"), "fixed"],
      [`fs.writeFileSync("/fixed/a", "")`, "EACCES"],
      [`fs.truncateSync("/fixed/a")`, "EACCES"],
      [`fs.appendFileSync("/fixed/a", "")`, "EACCES"],
      [`fs.openSync("/fixed/a", "r+")`, "EACCES"],
      [`fs.mkdirSync("/fixed/b")`, "EACCES"],
      [`fs.mkdirSync("/fixed", { recursive: true })`, "done"],
      [`fs.mkdtempSync("/fixed/b")`, "EACCES"],
      [`fs.chmodSync("/fixed/a", 0o777)`, "EACCES"],
      [`fs.fchmodSync(fs.openSync("/fixed/a"), 0o777)`, "EACCES"],
      [`fs.futimesSync(fs.openSync("/fixed/a"), 1, 1)`, "EACCES"],
      [`fs.linkSync("/fixed/a", "/tmp/won")`, "EACCES"],
      [`fs.openSync("/proc/self/fd/" + fs.openSync("/fixed/a"), "r+")`, "EACCES"],
      [`fs.accessSync("/fixed/a", fs.constants.W_OK)`, "EACCES"],
      [`fs.accessSync("/fixed/a", fs.constants.R_OK)`, "done"],
      [text("/home/user/.env"), "EACCES"],
      [text("/home/user/app/.env"), "EACCES"],
      [text("/home/user/app/.env.local"), "told"],
      [`fs.writeFileSync("/home/user/app/.env", "new")`, "done"],
      [`fs.renameSync("/home/user/app/.env", "/home/user/app/env")`, "EACCES"],
      [`fs.renameSync("/home/user/app", "/home/user/other")`, "done"],
      [text("/home/user/other/.env"), "EACCES"],
      [`fs.readdirSync("/unlisted")`, "EACCES"],
      [`fs.opendirSync("/unlisted")`, "EACCES"],
      [`fs.readdirSync("/", { recursive: true }).length`, "EACCES"],
      [text("/unlisted/a"), "a"],
      [`fs.readdirSync("/").includes("secret")`, true],
      [text("/blind/a"), "a"],
      [`fs.existsSync("/blind/a")`, false],
      [`fs.copyFileSync("/keep/one", "/mode/one")`, "done"],
      [`fs.chmodSync("/keep/one", 0o751)`, "done"],
      [`fs.copyFileSync("/keep/one", "/mode/one")`, "done"],
      [`fs.statSync("/mode/one").mode & 0o777`, 0o644],
      [`fs.unlinkSync("/keep/one")`, "EACCES"],
      [`fs.renameSync("/keep", "/tmp/kept")`, "EACCES"],
    ] as const;
    expect(cases.length).toBeGreaterThan(60);
    expect(await outcomes(open, cases)).toEqual(cases);
  });

  test("with what is named allowed", async () => {
    const cases = [
      [text("/home/user/a"), "a"],
      [text("a"), "a"],
      [text("../user/./a"), "a"],
      [text("/home/user/.env"), "EACCES"],
      [text("/secret/key"), "EACCES"],
      [text("/missing"), "EACCES"],
      [`fs.existsSync("/secret")`, false],
      // What leads there can be asked about, and is not listed.
      [`fs.statSync("/home").isDirectory()`, true],
      [`fs.statSync("/").isDirectory()`, true],
      [`fs.readdirSync("/home")`, "EACCES"],
      [`fs.realpathSync("/home/user/a")`, "/home/user/a"],
      [`fs.statSync("/secrets")`, "EACCES"],
      [`fs.mkdirSync("/home")`, "EEXIST"],
      [`fs.mkdirSync("/other")`, "EACCES"],
      [`fs.mkdirSync("/home/user/a/b", { recursive: true })`, "ENOTDIR"],
      [`fs.mkdirSync("/home/user/b/c", { recursive: true })`, "/home/user/b"],
      [`fs.renameSync("/home/user/b", "/home/user/d")`, "done"],
      [`fs.renameSync("/home/user/d", "/tmp/out")`, "done"],
      [`fs.renameSync("/tmp/out", "/home/user/d")`, "EACCES"],
      [`fs.renameSync("/home/user/.env", "/home/user/env")`, "EACCES"],
      [`fs.linkSync("/home/user/.env", "/home/user/env")`, "EACCES"],
      [`fs.copyFileSync("/home/user/.env", "/home/user/env")`, "EACCES"],
      [`fs.renameSync("/home/user/a", "/home/user/b")`, "done"],
      [`fs.symlinkSync("/secret/key", "/home/user/link")`, "done"],
      [text("/home/user/link"), "EACCES"],
      [`fs.rmSync("/home/user/link")`, "done"],
      [`(await import("/lib/index.mjs")).default`, "lib"],
      [`fs.writeFileSync("/lib/index.mjs", "")`, "EACCES"],
      [`fs.readdirSync("/lib")`, "EACCES"],
      [`await import("/secret/key")`, "ERR_MODULE_NOT_FOUND"],
      [`require("/secret/key")`, "MODULE_NOT_FOUND"],
      [`fs.readFileSync("/dev/null")`, "EACCES"],
      [`fs.readFileSync("/proc/self/cmdline")`, "EACCES"],
      [`process.chdir("/tmp")`, "done"],
      [`process.chdir("/secret")`, "EACCES"],
      [`process.chdir("/home/user/app")`, "done"],
      [text("x"), "x"],
      [text("../../../secret/key"), "EACCES"],
    ] as const;
    expect(await outcomes(closed, cases)).toEqual(cases);
  });

  test("with everything denied, a program still runs", async () => {
    await using rt = await NodeRuntime.create({ files, permissions: { fs: "deny" } });
    const { stdout, stderr, exitCode } = await rt.exec(`
      import { readFileSync } from "node:fs";
      import path from "node:path";
      console.log(process.cwd(), path.basename("/a/b"));
      try { readFileSync("/home/user/a") } catch ({ message, errno, code, syscall, path, stack }) {
        console.log(message, errno, code, syscall, path, stack.includes("at readFileSync"));
      }
      process.exitCode = 3;
    `);
    expect(stderr).toBe("");
    expect(stdout).toBe(
      "/home/user b\nEACCES: permission denied, open '/home/user/a' -13 EACCES open /home/user/a true\n",
    );
    expect(exitCode).toBe(3);
    // The host is not bound.
    await rt.writeFile("/home/user/b", "b");
    expect(await rt.readFile("/secret/key", "utf8")).toBe("key");
  });
});

describe("open files keep the rights that they were opened with", () => {
  test("in whatever place the file is by then, and in every thread", async () => {
    await using rt = await NodeRuntime.create({
      files,
      permissions: {
        fs: { default: "allow", rules: [{ mode: "deny", operations: ["read", "chmod"], paths: ["/drop"] }] },
      },
    });
    const { stdout, stderr } = await rt.exec(`
      import fs from "node:fs";
      import { Worker } from "node:worker_threads";
      fs.mkdirSync("/tmp/drop");
      const free = fs.openSync("/tmp/drop/a", "w+");
      fs.writeSync(free, "before");
      const attempt = (work) => { try { return work() ?? "done" } catch (error) { return error.code } };
      fs.renameSync("/tmp/drop", "/home/user/drop");
      console.log(attempt(() => fs.readFileSync("/home/user/drop/a", "utf8")), attempt(() => fs.fchmodSync(free, 0o600)));
      const worker = new Worker(\`
        import fs from "node:fs";
        const attempt = (work) => { try { return work() ?? "done" } catch (error) { return error.code } };
        console.log(attempt(() => fs.readFileSync("/drop/a")), attempt(() => fs.fchmodSync(\${free}, 0o640)));
      \`, { eval: true });
      worker.on("exit", () => console.log("end"));
    `);
    expect(stderr).toBe("");
    expect(stdout).toBe("before done\nEACCES done\nend\n");
  });
});
