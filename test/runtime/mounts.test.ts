import { appendFileSync, renameSync, rmSync, writeFileSync } from "node:fs";
import { NodeRuntime } from "secure-exec";
import { describe, expect, test } from "vitest";
import { TestDirectory } from "../broker/mounts/directory.js";

/** What a program prints, without an error. */
async function printed(rt: NodeRuntime, code: string): Promise<string> {
  const { stdout, stderr } = await rt.exec(`import fs from "node:fs";\n${code}`);
  expect(stderr).toBe("");
  return stdout.trim();
}

function withResolvers(): { promise: Promise<void>; resolve: () => void } {
  let resolve: () => void = () => undefined;
  const promise = new Promise<void>((settle) => {
    resolve = settle;
  });
  return { promise, resolve };
}

/** The code and the text of what is thrown, a line each. */
const attempts = (...calls: string[]) =>
  calls.map((call) => `try { ${call}; console.log("done") } catch (e) { console.log(e.message) }`).join("\n");

describe("a read-only directory of the host", () => {
  test("is read as any other, in each way that Node has", async () => {
    using dir = new TestDirectory({ "a.txt": "hello", "lib/m.mjs": "export default 42", "lib/deep/x": "x" });
    await using rt = await NodeRuntime.create({ mounts: [{ guestPath: "/data", hostPath: dir.path }] });
    const code = `
      console.log(fs.readFileSync("/data/a.txt", "utf8"), await fs.promises.readFile("/data/a.txt", "utf8"));
      console.log(await new Promise((done) => fs.readFile("/data/a.txt", "utf8", (_, text) => done(text))));
      console.log(fs.readdirSync("/data").sort().join(), (await fs.promises.readdir("/data/lib")).sort().join());
      console.log(fs.readdirSync("/data", { recursive: true }).sort().join());
      console.log((await import("/data/lib/m.mjs")).default);
      const { size, mode, blocks } = fs.statSync("/data/lib/m.mjs");
      console.log(size, (mode & 0o777).toString(8), blocks, fs.existsSync("/data/nothing"));
      for await (const piece of fs.createReadStream("/data/lib/deep/x")) console.log(String(piece));
      process.chdir("/data/lib"); console.log(fs.realpathSync("deep"), process.cwd());
      console.log((await fs.openAsBlob("/data/a.txt")).size);
    `;
    expect((await printed(rt, code)).split("\n")).toEqual([
      "hello hello",
      "hello",
      "a.txt,lib deep,m.mjs",
      "a.txt,lib,lib/deep,lib/deep/x,lib/m.mjs",
      "42",
      "17 644 8 false",
      "x",
      "/data/lib/deep /data/lib",
      "5",
    ]);
  });

  test("is there for the host, for commands and as a working directory", async () => {
    using dir = new TestDirectory({
      "bin/tool": "#!/usr/bin/env node\nconsole.log('tool')",
      "a.txt": "hello",
    });
    const path = dir.at("bin/tool");
    const { chmodSync } = await import("node:fs");
    chmodSync(path, 0o755);
    await using rt = await NodeRuntime.create({
      mounts: [{ guestPath: "/data", hostPath: dir.path }],
      cwd: "/data/bin",
    });
    expect(await rt.readFile("/data/a.txt", "utf8")).toBe("hello");
    expect((await rt.readdir("/data")).sort()).toEqual(["a.txt", "bin"]);
    await expect(rt.writeFile("/data/b", "")).rejects.toThrow("EROFS");
    await expect(rt.rm("/data/a.txt")).rejects.toThrow("EROFS");
    const shell = `import { execSync } from "node:child_process";
      console.log(execSync("cat ../a.txt; echo; ./tool").toString());`;
    expect((await rt.exec(shell)).stdout.trim()).toBe("hello\ntool");
  });

  test("can't be changed, moved or removed", async () => {
    using dir = new TestDirectory({ "a.txt": "hello", "d/x": "x" });
    await using rt = await NodeRuntime.create({
      mounts: [{ guestPath: "/home/user/m", hostPath: dir.path }],
    });
    const code = attempts(
      `fs.writeFileSync("m/a.txt", "x")`,
      `fs.truncateSync("m/a.txt", 1)`,
      `fs.chmodSync("m/a.txt", 0o777)`,
      `fs.utimesSync("m/a.txt", 1, 1)`,
      `fs.unlinkSync("m/a.txt")`,
      `fs.mkdirSync("m/n")`,
      `fs.symlinkSync("a", "m/n")`,
      `fs.renameSync("m/a.txt", "out")`,
      `fs.linkSync("m/a.txt", "out")`,
      `fs.rmSync("m/d", { recursive: true })`,
      `fs.renameSync("m", "n")`,
      `fs.rmdirSync("m")`,
    );
    expect((await printed(rt, code)).split("\n")).toEqual([
      "EROFS: read-only file system, open 'm/a.txt'",
      "EROFS: read-only file system, open 'm/a.txt'",
      "EROFS: read-only file system, chmod 'm/a.txt'",
      "EROFS: read-only file system, utime 'm/a.txt'",
      "EROFS: read-only file system, unlink 'm/a.txt'",
      "EROFS: read-only file system, mkdir 'm/n'",
      "EROFS: read-only file system, symlink 'a' -> 'm/n'",
      "EXDEV: cross-device link not permitted, rename 'm/a.txt' -> 'out'",
      "EXDEV: cross-device link not permitted, link 'm/a.txt' -> 'out'",
      expect.stringContaining("Read-only file system 'm/d'"),
      "EBUSY: resource busy or locked, rename 'm' -> 'n'",
      "EBUSY: resource busy or locked, rmdir 'm'",
    ]);
    expect(await printed(rt, `console.log(fs.readFileSync("m/a.txt", "utf8"))`)).toBe("hello");
  });

  test("follows links that stay inside, and tells of none that leave", async () => {
    using outside = new TestDirectory({ "d/secret": "SECRET" });
    using dir = new TestDirectory({ "d/x": "inside", rel: ["d/x"], "d/up": ["../d/x"] });
    dir.put("abs", [dir.at("d")]);
    dir.put("out", [outside.at("d/secret")]);
    dir.put("outdir", [outside.at("d")]);
    dir.put("up", [`../${outside.path.split("/").at(-1)}`]);
    await using rt = await NodeRuntime.create({ mounts: [{ guestPath: "/m", hostPath: dir.path }] });
    const links = `for (const p of ["rel", "d/up", "abs/x"]) console.log(fs.readFileSync("/m/" + p, "utf8"), fs.realpathSync("/m/" + p));`;
    expect(await printed(rt, links)).toBe("inside /m/d/x\ninside /m/d/x\ninside /m/d/x");
    const code = attempts(
      ...["out", "outdir/secret", "up/d/secret"].map((name) => `fs.readFileSync("/m/${name}")`),
      `fs.readlinkSync("/m/out")`,
      `fs.realpathSync("/m/out")`,
      `fs.readdirSync("/m/outdir")`,
    );
    const got = await printed(rt, `${code}\nconsole.log(fs.lstatSync("/m/out").isSymbolicLink())`);
    expect(got.split("\n")).toEqual([
      ...Array(6).fill(expect.stringMatching(/^EACCES: permission denied/)),
      "true",
    ]);
    expect(got).not.toContain(outside.path);
  });

  test("a change on the host is seen by the next call", async () => {
    using dir = new TestDirectory({ a: "1", "d/x": "1", "t/f": "1" });
    await using rt = await NodeRuntime.create({ mounts: [{ guestPath: "/m", hostPath: dir.path }] });
    const look = async () =>
      await printed(
        rt,
        `const text = (p) => { try { return fs.readFileSync(p, "utf8") } catch (e) { return e.code } };
        console.log(text("/m/a"), text("/m/d/x"), text("/m/d/y"), text("/m/t/f"), text("/m/t"), fs.readdirSync("/m").join());`,
      );
    expect(await look()).toMatch(/^1 1 ENOENT 1 EISDIR/);
    for (let round = 2; round < 8; round++) {
      appendFileSync(dir.at("a"), String(round));
      writeFileSync(dir.at("d/n"), String(round));
      renameSync(dir.at("d/n"), dir.at("d/x"));
      writeFileSync(dir.at("d/y"), String(round));
      expect(await look()).toMatch(new RegExp(`^1.*${round} ${round} ${round} 1 EISDIR`));
      expect(await rt.readFile("/m/d/y", "utf8")).toBe(String(round));
      rmSync(dir.at("d/y"));
    }
    rmSync(dir.at("t"), { recursive: true });
    dir.put("t", "file now");
    rmSync(dir.at("a"));
    dir.put("a", ["t"]);
    expect(await look()).toMatch(/^file now 7 ENOENT ENOTDIR file now/);
  });

  test("a program sees changes while it runs, and keeps what it has open", async () => {
    using dir = new TestDirectory({ a: "first" });
    await using rt = await NodeRuntime.create({ mounts: [{ guestPath: "/m", hostPath: dir.path }] });
    const ready = withResolvers();
    const running = rt.exec(
      `import fs from "node:fs";
      const fd = fs.openSync("/m/a"); console.log("open");
      while (fs.readFileSync("/m/a", "utf8") !== "second") await new Promise((done) => setTimeout(done, 2));
      console.log(fs.readFileSync(fd, "utf8"));`,
      { onStdout: () => ready.resolve() },
    );
    await ready.promise;
    writeFileSync(dir.at("n"), "second");
    renameSync(dir.at("n"), dir.at("a"));
    expect((await running).stdout).toBe("open\nfirst\n");
  });

  test("rules judge what is mounted as all else", async () => {
    using dir = new TestDirectory({ "open/x": "x", "secret/x": "x", link: ["secret/x"] });
    await using rt = await NodeRuntime.create({
      mounts: [{ guestPath: "/m", hostPath: dir.path }],
      permissions: { fs: { default: "allow", rules: [{ mode: "deny", paths: ["/m/secret"] }] } },
    });
    const calls = ["open/x", "secret/x", "link"].map(
      (name) => `console.log(fs.readFileSync("/m/${name}", "utf8"))`,
    );
    expect((await printed(rt, attempts(...calls))).split("\n")).toEqual([
      "x",
      "done",
      "EACCES: permission denied, open '/m/secret/x'",
      "EACCES: permission denied, open '/m/link'",
    ]);
  });

  test("what was brought makes room on a full disk, and is brought again", async () => {
    const text = "x".repeat(600_000);
    using dir = new TestDirectory({ a: text, b: text, c: text });
    await using rt = await NodeRuntime.create({
      mounts: [{ guestPath: "/m", hostPath: dir.path }],
      limits: { diskBytes: 2 ** 20 },
    });
    const code = `
      for (const name of ["a", "b", "c", "a"]) console.log(fs.readFileSync("/m/" + name).length);
      fs.writeFileSync("own", "y".repeat(600_000)); console.log(fs.statSync("own").size);
      try { fs.readFileSync("/m/b") } catch (e) { console.log(e.message) }`;
    expect(await printed(rt, code)).toBe(
      "600000\n600000\n600000\n600000\n600000\nENOSPC: no space left on device, open '/m/b'",
    );
  });

  test("a machine that takes the place of a dead one has the mounts too", async () => {
    using dir = new TestDirectory({ a: "1", "d/x": "1" });
    const revived = withResolvers();
    await using rt = await NodeRuntime.create({
      mounts: [{ guestPath: "/p/m", hostPath: dir.path }],
      onRevive: () => revived.resolve(),
    });
    await printed(rt, `fs.readFileSync("/m/../p/m/d/x"); fs.renameSync("/p/m/a", "/p/m/a")`).catch(
      () => undefined,
    );
    const death = rt.exec(`const a = []; for (;;) a.push(new Array(1e6).fill(a.length));`, {
      timeout: 20_000,
    });
    const kill = `import("node:vm").then(({ Script }) => new Script("a".repeat(2 ** 29)));`;
    await Promise.allSettled([death, rt.exec(kill, { timeout: 20_000 })]);
    writeFileSync(dir.at("d/x"), "2");
    expect(await printed(rt, `console.log(fs.readFileSync("/p/m/d/x", "utf8"))`)).toBe("2");
  });
});

describe("an overlay", () => {
  test("takes changes that the host never sees", async () => {
    using dir = new TestDirectory({ a: "1", "d/x": "1", "e/x": "1", f: "1", "g/x": "1" });
    await using rt = await NodeRuntime.create({
      mounts: [{ guestPath: "/m", hostPath: dir.path, overlay: true }],
    });
    const code = `
      fs.appendFileSync("/m/a", "2"); fs.unlinkSync("/m/d/x"); fs.rmdirSync("/m/d"); fs.mkdirSync("/m/n");
      fs.writeFileSync("/m/e/y", "y"); fs.renameSync("/m/f", "/m/n/f"); fs.chmodSync("/m/g/x", 0o600);
      fs.linkSync("/m/e/x", "/m/n/x");
      console.log(fs.readFileSync("/m/a", "utf8"), fs.readdirSync("/m", { recursive: true }).sort().join());
      try { fs.renameSync("/m/g", "/m/h") } catch (e) { console.log(e.code) }
      console.log(fs.readFileSync("/m/n/x", "utf8"), fs.readFileSync("/m/n/f", "utf8"));`;
    expect(await printed(rt, code)).toBe("12 a,e,e/x,e/y,g,g/x,n,n/f,n/x\nEXDEV\n1 1");
    const { readdirSync, readFileSync } = await import("node:fs");
    expect(readdirSync(dir.path).sort()).toEqual(["a", "d", "e", "f", "g"]);
    expect(readFileSync(dir.at("a"), "utf8")).toBe("1");
    // What the guest has changed stays as it is; elsewhere the host's changes are seen.
    writeFileSync(dir.at("a"), "host");
    writeFileSync(dir.at("e/x"), "host");
    writeFileSync(dir.at("g/y"), "host");
    const after = `console.log(fs.readFileSync("/m/a", "utf8"), fs.readFileSync("/m/e/x", "utf8"), fs.readdirSync("/m/g").sort().join(), fs.readFileSync("/m/g/y", "utf8"));`;
    expect(await printed(rt, after)).toBe("12 1 x,y host");
  });
});

describe("nodeModules of a workspace", () => {
  test("links that leave it by naming the workspace's directory are followed in there", async () => {
    const store = "node_modules/.pnpm";
    using dir = new TestDirectory({
      // As pnpm lays them out: packages in a store, and links to each beside those that depend on it.
      [`${store}/dep@1.0.0/node_modules/dep/index.js`]: `module.exports = ["dep", ...require("inner")];`,
      [`${store}/dep@1.0.0/node_modules/inner`]: ["../../inner@2.0.0/node_modules/inner"],
      [`${store}/inner@2.0.0/node_modules/inner/index.js`]: `module.exports = ["inner"];`,
      "packages/lib/package.json": `{ "name": "@my/lib", "type": "module", "exports": "./src/lib.js" }`,
      "packages/lib/src/lib.js": `import dep from "dep"; export default ["lib", ...dep];`,
      "packages/lib/node_modules/dep": [`../../../${store}/dep@1.0.0/node_modules/dep`],
      "apps/web/node_modules/dep": [`../../../${store}/dep@1.0.0/node_modules/dep`],
      "apps/web/node_modules/@my/lib": ["../../../../packages/lib"],
      "apps/web/node_modules/out": ["../../../.."],
    });
    dir.put("apps/web/node_modules/absolute", [dir.at("packages/lib")]);
    const hostPath = dir.at("apps/web/node_modules");
    const code = `
      import dep from "dep";
      import lib from "@my/lib";
      import absolute from "absolute";
      console.log(dep.join(), lib.join(), absolute === lib, import.meta.resolve("@my/lib"));
      try { fs.readdirSync("/node_modules/out") } catch (e) { console.log(e.code) }`;
    await using rt = await NodeRuntime.create({ nodeModules: { hostPath, root: dir.path } });
    expect((await printed(rt, code)).split("\n")).toEqual([
      "dep,inner lib,dep,inner true file:///workspace/packages/lib/src/lib.js",
      "EACCES",
    ]);
    // Without the workspace nobody may follow them.
    await using alone = await NodeRuntime.create({ nodeModules: hostPath });
    expect((await alone.exec(`import "dep";`)).exitCode).toBe(1);
  });
});
