import { NodeRuntime, type Permissions } from "secure-exec";
import { describe, expect, test } from "vitest";

/*
 * What ordinary JavaScript can try against the rules of its own process: to have a path lead elsewhere
 * between the judgement and the deed, and to change what the judgement is made with.
 */

const rules: Permissions = {
  fs: { default: "allow", rules: [{ mode: "deny", operations: ["read", "write"], paths: ["/secret"] }] },
};
const files = { "/secret/key": "SECRET", "/tmp/open/key": "open", "/tmp/path/key": "open" };

/** How long each race is run, in milliseconds. */
const RACE = 1200;

/** Two processes: one changes where paths lead, the other tries them and tells what it got. */
async function race(prepare: string, change: string, attempt: string): Promise<string[]> {
  await using rt = await NodeRuntime.create({ files, permissions: rules });
  const until = `const end = Date.now() + ${RACE};\nwhile (Date.now() < end)`;
  const timeout = 20_000;
  const prepared = await rt.exec(`import fs from "node:fs"; ${prepare}`);
  expect(prepared.stderr).toBe("");
  const [changer, trier] = await Promise.all([
    rt.exec(`import fs from "node:fs";\n${until} { ${change} }`, { timeout }),
    rt.run<{ got: string[]; tries: number }>(
      `import fs from "node:fs";
      const got = new Set();
      let tries = 0;
      ${until} {
        tries++;
        try { got.add(String((${attempt}))) } catch (error) { got.add(error.code) }
      }
      __return({ got: [...got].sort(), tries });`,
      { timeout },
    ),
  ]);
  expect(changer.stderr).toBe("");
  expect(trier.stderr).toBe("");
  expect(trier.value?.tries).toBeGreaterThan(100);
  expect(await rt.readFile("/secret/key", "utf8")).toBe("SECRET");
  return trier.value?.got ?? [];
}

describe("a path that leads elsewhere by the time", () => {
  test("through a link that is made anew", async () => {
    const got = await race(
      `fs.symlinkSync("/tmp/open", "/tmp/l");`,
      `fs.symlinkSync("/secret", "/tmp/n"); fs.renameSync("/tmp/n", "/tmp/l");
      fs.symlinkSync("/tmp/open", "/tmp/n"); fs.renameSync("/tmp/n", "/tmp/l");`,
      `fs.readFileSync("/tmp/l/key", "utf8")`,
    );
    expect(got).toEqual(["EACCES", "open"]);
  });

  test("through a link at its end, written to", async () => {
    const got = await race(
      `fs.symlinkSync("/tmp/open/key", "/tmp/l");`,
      `fs.symlinkSync("/secret/key", "/tmp/n"); fs.renameSync("/tmp/n", "/tmp/l");
      fs.symlinkSync("/tmp/open/key", "/tmp/n"); fs.renameSync("/tmp/n", "/tmp/l");`,
      `fs.writeFileSync("/tmp/l", "open")`,
    );
    expect(got).toEqual(["EACCES", "undefined"]);
  });

  test("through a directory that moves, with a link that goes up from there", async () => {
    const got = await race(
      `fs.mkdirSync("/tmp/a/b/c", { recursive: true }); fs.mkdirSync("/tmp/a/b/secret");
      fs.writeFileSync("/tmp/a/b/secret/key", "open"); fs.symlinkSync("../secret/key", "/tmp/a/b/c/l");`,
      // From /tmp/c, the link goes up to /tmp/secret, which leads on.
      `fs.renameSync("/tmp/a/b/c", "/tmp/c"); fs.symlinkSync("/secret", "/tmp/secret");
      fs.symlinkSync("/tmp/c", "/tmp/a/b/c"); fs.unlinkSync("/tmp/a/b/c");
      fs.unlinkSync("/tmp/secret"); fs.renameSync("/tmp/c", "/tmp/a/b/c");`,
      `fs.readFileSync("/tmp/a/b/c/l", "utf8")`,
    );
    expect(got).toContain("open");
    expect(got).not.toContain("SECRET");
  });

  test("from a working directory that another thread changes", async () => {
    await using rt = await NodeRuntime.create({ files, permissions: rules });
    const { stdout, stderr } = await rt.exec(
      `import { Worker } from "node:worker_threads";
      const worker = new Worker(\`
        import fs from "node:fs";
        const got = new Set();
        const end = Date.now() + ${RACE};
        while (Date.now() < end) {
          try { got.add(fs.readFileSync("key", "utf8")) } catch (error) { got.add(error.code) }
        }
        console.log([...got].sort().join(" "));
      \`, { eval: true });
      worker.on("exit", () => process.exit());
      (function turn() {
        for (let i = 0; i < 500; i++) { process.chdir("/secret"); process.chdir("/tmp/open"); }
        setImmediate(turn);
      })();`,
      { timeout: 20_000, cwd: "/tmp/open" },
    );
    expect(stderr).toBe("");
    expect(stdout).not.toContain("SECRET");
    expect(stdout).toContain("open");
  });

  test("by bytes that another thread writes", async () => {
    await using rt = await NodeRuntime.create({ files, permissions: rules });
    const { stdout, stderr } = await rt.exec(
      `import fs from "node:fs";
      import { Worker } from "node:worker_threads";
      const one = Buffer.from("/tmp/path/key"), other = Buffer.from("/secret///key");
      const path = new Uint8Array(new SharedArrayBuffer(one.length));
      path.set(one);
      new Worker(\`
        import { workerData } from "node:worker_threads";
        const { path, one, other } = workerData;
        for (;;) { path.set(other); path.set(one); }
      \`, { eval: true, workerData: { path, one, other } });
      const got = new Set();
      setTimeout(() => {
        const end = Date.now() + ${RACE};
        while (Date.now() < end) {
          try { got.add(fs.readFileSync(path).toString()) } catch (error) { got.add(error.code) }
        }
        console.log([...got].sort().join(" "));
        process.exit();
      }, 100);`,
      { timeout: 20_000 },
    );
    expect(stderr).toBe("");
    expect(stdout).toContain("open");
    expect(stdout).not.toContain("SECRET");
  });
});

test("tampering with what judgements might be made with", async () => {
  await using rt = await NodeRuntime.create({
    files,
    env: { HIDDEN: "SECRET" },
    permissions: {
      ...rules,
      env: { default: "allow", rules: [{ mode: "deny", patterns: ["HIDDEN", "FIXED"] }] },
      process: { default: "allow", rules: [{ mode: "deny", operations: ["chdir", "umask"] }] },
    },
  });
  const { stdout, stderr } = await rt.exec(`
    import fs from "node:fs";
    const attempt = (work) => { try { return work() ?? "done" } catch (error) { return error?.code } };
    const log = console.log, { chdir, umask, env } = process;
    const always = (value) => function () { return value };
    const targets = [RegExp, String, Array, Map, Set, Object, Function, Uint8Array, Reflect, Proxy, Int32Array];
    log(attempt(() => fs.readFileSync("/tmp/open/key", "utf8")));
    for (const [name, value] of Object.entries({ allowed: 127, mode: "allow", rules: [], patterns: [], default: "allow",
      operations: 0, rule: null, judged: false, resolution: 0 })) {
      Object.defineProperty(Object.prototype, name, { configurable: true, get: () => value, set() {} });
    }
    Object.defineProperty(Array.prototype, "0", { configurable: true, get: () => "x", set() {} });
    for (const name of ["exec", "test"]) RegExp.prototype[name] = always(null);
    for (const name of ["charCodeAt", "slice", "startsWith", "codePointAt", "split", "normalize"]) {
      String.prototype[name] = always("/tmp/open/key");
    }
    for (const name of ["get", "has", "set", "clear"]) Map.prototype[name] = always({ allowed: 127, resolution: 0 });
    for (const name of ["call", "apply", "bind"]) Function.prototype[name] = always(127);
    for (const name of ["push", "some", "every", "indexOf"]) Array.prototype[name] = always(true);
    Array.prototype[Symbol.iterator] = always({ next: () => ({ done: true }) });
    Object.prototype.hasOwnProperty = always(true);
    Object.getPrototypeOf(Uint8Array.prototype).set = always(undefined);
    Atomics.load = Atomics.exchange = always(0);
    globalThis.Map = globalThis.Uint8Array = globalThis.Proxy = globalThis.RegExp = undefined;
    process.env = undefined;
    const results = "" + attempt(() => fs.readFileSync("/secret/key", "utf8")) + " " +
      attempt(() => fs.readFileSync("/tmp/../secret/key", "utf8")) + " " +
      attempt(() => fs.writeFileSync("/secret/key", "x")) + " " +
      attempt(() => fs.copyFileSync("/secret/key", "/tmp/k")) + " " +
      attempt(() => chdir("/tmp")) + " " + attempt(() => umask(0)) + " " +
      attempt(() => env.HIDDEN) + " " + attempt(() => { env.FIXED = "x" });
    fs.writeSync(1, results);
  `);
  expect(stderr).toBe("");
  expect(stdout).toBe("open\nEACCES EACCES EACCES EACCES EACCES EACCES done EACCES");
  expect(await rt.readFile("/secret/key", "utf8")).toBe("SECRET");
});
