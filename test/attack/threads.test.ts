import { mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { fileAttacks, processAttacks } from "./tricks.js";

/** What no guest may ever print: it stands in a file of the host. */
const secret = `host-secret-${process.pid}-${Math.random().toString(36).slice(2)}`;
const folder = mkdtempSync(join(tmpdir(), "secure-exec-threads-"));
const secretFile = join(folder, "secret.txt");

let runtime: NodeRuntime;
beforeAll(async () => {
  writeFileSync(secretFile, secret);
  runtime = await NodeRuntime.create();
});
afterAll(async () => {
  await runtime.dispose();
  rmSync(folder, { recursive: true });
});

const names = `const [FILE, FOLDER, PORT, HOSTPID] = ${JSON.stringify([secretFile, folder, 1, process.pid])};`;

/** All tricks of a list, one after another in one thread; each yields a line. */
function allOf(tricks: Record<string, string>): string {
  const steps = Object.entries(tricks)
    // They leave the thread, or wait for what never comes where nobody listens.
    .filter(([name]) => !/Worker|module.register|cluster|test runner|fork|execve/.test(name))
    .map(
      ([name, expression]) => `
      await Promise.race([new Promise((r) => setTimeout(r, 500)), (async () => {
        const got = ${expression};
        console.log(${JSON.stringify(name)}, "GOT", typeof got === "string" ? got : require("node:util").inspect(got));
      })().catch((error) => console.log(${JSON.stringify(name)}, "REFUSED", error?.message))]);`,
    );
  return `(async () => { const fs = require("node:fs"); ${names} ${steps.join("\n")} console.log("ALL"); process.exit() })()`;
}

/** Runs code in a thread that a guest makes with these options. */
async function inThread(code: string, options: Record<string, unknown> = {}) {
  return await runtime.exec(
    `import { Worker } from "node:worker_threads";
     process.on("uncaughtException", (error) => console.log(error.code, error.message));
     new Worker(${JSON.stringify(code)}, { eval: true, ...${JSON.stringify(options)} })
       .on("error", (error) => console.log(error.code, error.message));`,
    { timeout: 60_000 },
  );
}

describe("a thread has nothing that its process hasn't", () => {
  for (const [what, tricks] of Object.entries({ files: fileAttacks, processes: processAttacks })) {
    test(what, { timeout: 90_000 }, async () => {
      const before = readdirSync(folder);
      const { stdout, stderr } = await inThread(allOf(tricks), { execArgv: ["--expose-internals"] });
      expect(stdout + stderr).not.toContain(secret);
      expect(stdout).not.toMatch(/LISTENING|SENT/);
      expect(stdout).toContain("ALL");
      expect(readdirSync(folder)).toEqual(before);
    });
  }

  test("a thread of a thread", { timeout: 90_000 }, async () => {
    const inner = JSON.stringify(allOf(fileAttacks));
    const { stdout } = await inThread(
      `new (require("worker_threads").Worker)(${inner}, { eval: true, execArgv: ["--expose-internals"] })`,
    );
    expect(stdout).not.toContain(secret);
    expect(stdout).toContain("ALL");
  });

  test("the thread of loader hooks", async () => {
    await runtime.writeFile(
      "/tmp/hooks.mjs",
      `import fs from "node:fs"; import { createRequire } from "node:module";
       const require = createRequire(import.meta.url);
       export async function load(url, context, next) {
         if (url !== "trick:") return next(url, context);
         ${names}
         const seen = [];
         for (const path of [FILE, "/proc/self/root" + FILE, "/proc/1/environ"])
           try { seen.push(fs.readFileSync(path, "utf8")) } catch (error) { seen.push(error.code) }
         try { seen.push(typeof require("node:ffi").dlopen) } catch (error) { seen.push(error.code) }
         try { process.dlopen({ exports: {} }, FILE) } catch (error) { seen.push(error.code) }
         return { format: "json", source: JSON.stringify(seen), shortCircuit: true };
       }
       export const resolve = (name, context, next) =>
         name === "trick:" ? { url: name, importAttributes: { type: "json" }, shortCircuit: true } : next(name, context);`,
    );
    const { stdout, stderr } = await runtime.exec(
      `import { register } from "node:module"; register("file:///tmp/hooks.mjs");
       console.log((await import("trick:", { with: { type: "json" } })).default.join(" "));`,
      { timeout: 20_000, env: { NODE_NO_WARNINGS: "1" } },
    );
    expect(stdout + stderr).not.toContain(secret);
    expect(stdout).toBe("ENOENT ENOENT ENOENT ERR_UNKNOWN_BUILTIN_MODULE ERR_DLOPEN_DISABLED\n");
  });
});

describe("the options of a thread", () => {
  const looks = `
    const seen = [process.execArgv.join()];
    for (const id of ["node:ffi", "internal/test/binding"])
      try { require(id); seen.push(id) } catch (error) { seen.push(error.code) }
    try { process.dlopen({ exports: {} }, "/x.node") } catch (error) { seen.push(error.code) }
    console.log(seen.join(" "));`;
  const nothing = "ERR_UNKNOWN_BUILTIN_MODULE MODULE_NOT_FOUND";

  test.each([
    [{ execArgv: ["--experimental-ffi"] }],
    [{ execArgv: ["--no-experimental-ffi", "--experimental-ffi"] }],
    [{ execArgv: ["--experimental_ffi"] }],
    [{ execArgv: ["--allow-addons"] }],
    [{ execArgv: ["--inspect=0"] }],
    [{ execArgv: ["--inspect-brk"] }],
    [{ execArgv: ["--cpu-prof"] }],
    [{ execArgv: ["--heap-prof"] }],
    [{ execArgv: ["--experimental-network-inspection"] }],
    [{ execArgv: ["--report-on-signal"] }],
    [{ execArgv: ["--allow-natives-syntax"] }],
    [{ execArgv: ["--expose-gc"] }],
    [{ execArgv: ["--trace-event-categories=v8"] }],
    [{ execArgv: ["--localstorage-file=/etc/passwd"] }],
    [{ execArgv: ["--use-system-ca"] }],
    [{ env: { NODE_OPTIONS: "--experimental-ffi" } }],
    [{ env: { NODE_OPTIONS: "--expose-internals" } }],
    [{ env: { NODE_OPTIONS: "--inspect" } }],
    [{ env: { NODE_OPTIONS: '--title="x' } }],
  ])("are refused: %j", async (options) => {
    const { stdout } = await inThread(looks, options);
    expect(stdout).toMatch(/^ERR_WORKER_INVALID_EXEC_ARGV /);
  });

  test("open nothing where they are accepted", async () => {
    const { stdout } = await inThread(looks, {
      execArgv: ["--addons", "--no-warnings"],
      env: { NODE_OPTIONS: "--addons", LD_PRELOAD: "/x.so", NODE_EXTRA_CA_CERTS: "/etc/passwd" },
    });
    expect(stdout).toContain(nothing);
    expect(stdout).not.toContain("invalid");
  });

  test("show replaced bindings alone", async () => {
    const { stdout } = await inThread(
      `const { internalBinding } = require("internal/test/binding");
       const seen = [];
       for (const [name, key] of [["fs", "open"], ["worker", "Worker"], ["spawn_sync", "spawn"], ["process_methods", "dlopen"]])
         seen.push(/native code/.test(Function.prototype.toString.call(internalBinding(name)[key])));
       console.log(seen.join());`,
      { execArgv: ["--expose-internals", "--no-warnings"] },
    );
    expect(stdout).toBe("false,false,false,false\n");
  });
});
