import { beforeAll, describe, expect, it } from "vitest";
import { buildGuest, TestMachine } from "./harness.js";

let machine: TestMachine;
beforeAll(async () => {
  machine = new TestMachine(await buildGuest());
});

/** Runs code that should throw, and answers the error's code; or whatever `code` calls `done` with. */
async function outcome(code: string): Promise<string> {
  const result = await machine.run({
    code: `
      const require = globalThis.require;
      const done = (error) => { console.log(error?.code ?? String(error)); process.exit() };
      process.on("uncaughtException", done);
      setTimeout(() => done("nothing"), 2000);
      ${code}`,
    env: { NODE_NO_WARNINGS: "1" },
  });
  return result.stdout.trim() || result.stderr;
}

const unavailable = "ERR_FEATURE_UNAVAILABLE_ON_PLATFORM";

describe("what a guest is denied", () => {
  it.each([
    ["a database in a file", `new (require("node:sqlite").DatabaseSync)("/tmp/db")`],
    ["an inspector session", `new (require("inspector").Session)().connect()`],
    ["an open inspector", `require("inspector").open(0)`],
    ["objects by their class", `require("v8").queryObjects(MessagePort, { format: "summary" })`],
    ["V8's flags", `require("v8").setFlagsFromString("--allow-natives-syntax")`],
    ["snapshots near the limit", `require("v8").setHeapSnapshotNearHeapLimit(1)`],
    ["FIPS", `require("crypto").setFips(true)`],
    ["an engine", `require("crypto").setEngine("x")`],
    ["a key from a URL", `require("crypto").createPrivateKey(new URL("file:///etc/passwd"))`],
    ["the system's certificates", `require("tls").getCACertificates("system")`],
    ["traces", `require("trace_events").createTracing({ categories: ["v8"] }).enable()`],
    ["another program in its place", `process.execve("/bin/sh", ["sh"])`],
    ["the debugger", `process._debugProcess(1)`],
    ["storage", `globalThis.sessionStorage.setItem("a", "b")`],
  ])("%s", async (_what, code) => {
    expect(await outcome(code)).toBe(unavailable);
  });

  it.each([["a name", `require("dns").lookup("example.com", done)`]])(
    "%s, with EACCES",
    async (_what, code) => {
      expect(await outcome(code)).toBe("EACCES");
    },
  );

  it.each([
    ["a name server's answer", `require("dns").resolve4("example.com", done)`, "EACCES"],
    ["another user", `process.setuid(0)`, "EPERM"],
    ["a native module", `process.dlopen({ exports: {} }, "/tmp/x.node")`, "ERR_DLOPEN_DISABLED"],
    [
      "a required addon",
      `require("module")._extensions[".node"]({ exports: {} }, "/tmp/x.node")`,
      "ERR_DLOPEN_DISABLED",
    ],
    ["another group", `process.setgid("root")`, "EPERM"],
    ["an unknown group", `process.setgid("nowhere")`, "ERR_UNKNOWN_CREDENTIAL"],
    ["groups", `process.setgroups([0])`, "EPERM"],
    ["internals", `require("internal/test/binding")`, "MODULE_NOT_FOUND"],
    ["internals by scheme", `require("node:internal/util")`, "ERR_UNKNOWN_BUILTIN_MODULE"],
    ["ffi", `require("node:ffi")`, "ERR_UNKNOWN_BUILTIN_MODULE"],
    [
      "a message to the kernel's thread",
      `await require("worker_threads").postMessageToThread(1, {})`,
      "ERR_WORKER_MESSAGING_FAILED",
    ],
    ["a compile cache", `done(require("module").enableCompileCache("/tmp").status)`, "3"],
    ["a reset of the process's name", `process.title = "x"; done(process.title)`, "x"],
    [
      "its own user",
      `process.setuid("user"); process.setuid(1000); process.setegid(1000); done("fine")`,
      "fine",
    ],
    [
      "localhost",
      `require("dns").lookup("localhost", (error, address) => done(error ?? address))`,
      "127.0.0.1",
    ],
    ["a debugger address", `done(require("inspector").url())`, "undefined"],
  ])("%s", async (_what, code, expected) => {
    expect(await outcome(code)).toBe(expected);
  });

  it("a program ends after a refused look-up", async () => {
    const code = `require("dns").lookup("example.com", () => console.log("told"))`;
    const { stdout, exitCode } = await machine.run({ code });
    expect([stdout, exitCode]).toEqual(["told\n", 0]);
  });
});
