import { hostname, userInfo } from "node:os";
import { beforeAll, describe, expect, it } from "vitest";
import { changedNatives, pureNatives } from "../../src/guest/classification.js";
import { buildGuest, TestMachine } from "./harness.js";

/**
 * Runs before the boot, in the guest's thread: notes what the boot is to take away, where the program
 * below can compare with it.
 */
const before = `{
  const emitWarning = process.emitWarning;
  process.emitWarning = () => {};
  const { internalBinding } = require("internal/test/binding");
  process.emitWarning = emitWarning;
  const { workerData } = require("worker_threads");
  const forbidden = new Map();
  const changed = ${JSON.stringify(changedNatives)};
  for (const [name, { replaced = "", denied = "" }] of Object.entries(changed)) {
    const binding = internalBinding(name);
    for (const key of (replaced + " " + denied).split(" ")) {
      const native = binding[key];
      if (typeof native === "function") forbidden.set(native, name + "." + key);
      // The class that judges what is opened has the native's prototype, whose methods judge too.
      if (name === "sqlite") continue;
      if (typeof native === "function" && typeof native.prototype === "object" && native.prototype !== null)
        forbidden.set(native.prototype, name + "." + key + ".prototype");
    }
  }
  forbidden.set(internalBinding("worker").getEnvMessagePort(), "Node's port to the parent thread");
  for (const key of ["threadPage", "processPage", "port"]) forbidden.set(workerData[key], key);
  forbidden.set(workerData.disk.buffer, "disk");
  forbidden.set(workerData, "workerData");
  forbidden.set(internalBinding, "internalBinding");
  forbidden.set(require("internal/modules/helpers").loadBuiltinModule("fs").constructor, "BuiltinModule");
  Object.defineProperty(globalThis, "forbidden", { value: forbidden, enumerable: false });
}
`;

const bindings = [...new Set([...Object.keys(changedNatives), ...Object.keys(pureNatives)])];

/** Walks everything that the program can get at, and reports what is forbidden and what names the host. */
const walk = (secrets: string[]) => `
  import { createRequire, builtinModules } from "node:module";
  const forbidden = globalThis.forbidden;
  const require = createRequire("/home/user/x.js");
  const secrets = ${JSON.stringify(secrets)};
  const found = [];
  const seen = new Set([forbidden]);
  const queue = [];
  let getters = 0;
  function visit(value, path) {
    if (typeof value === "string") {
      for (const secret of secrets) if (value.includes(secret) && value.length < 100000) found.push(path + " names " + secret);
      return;
    }
    if ((typeof value !== "object" && typeof value !== "function") || value === null || seen.has(value)) return;
    seen.add(value);
    if (forbidden.has(value)) { found.push(path + " is " + forbidden.get(value)); return; }
    queue.push([value, path]);
  }
  visit(globalThis, "globalThis");
  visit(process, "process");
  visit(import.meta, "import.meta");
  for (const name of [...builtinModules, "node:sqlite", "node:sea", "node:test"]) {
    try { visit(require(name), name) } catch (error) { visit(error, name + "!") }
    try { visit(await import(name), name + "*") } catch {}
  }
  for (const name of ["buffer", "cares_wrap", "config", "constants", "contextify", "crypto", "fs", "fs_event_wrap", "icu", "inspector", "js_stream", "natives", "os", "pipe_wrap", "process_wrap", "signal_wrap", "spawn_sync", "stream_wrap", "tcp_wrap", "tls_wrap", "tty_wrap", "udp_wrap", "util", "uv", "v8", "zlib"]) {
    try { visit(process.binding(name), "binding " + name) } catch {}
  }
  if (globalThis.exposed) {
    const { internalBinding, primordials } = require("internal/test/binding");
    visit(internalBinding, "internalBinding");
    visit(primordials, "primordials");
    for (const name of ${JSON.stringify(bindings)})
      try { visit(internalBinding(name), "internalBinding " + name) } catch (error) { visit(error, name + "!") }
    const { map } = require("internal/modules/helpers").loadBuiltinModule("fs").constructor;
    for (const id of map.keys()) {
      // Scripts that take the place of the program's, and what is no module of its own.
      if (/^internal.(main|bootstrap|per_context|deps)/.test(id)) continue;
      try { visit(require(id), id) } catch (error) { visit(error, id + "!") }
    }
  }
  const fs = require("fs");
  visit(await fs.promises.open("/tmp/x", "w"), "FileHandle");
  visit(fs.createReadStream("/tmp/x"), "ReadStream");
  visit(new (require("net").Socket)(), "Socket");
  visit(new (require("net").Server)(), "Server");
  visit(new MessageChannel(), "MessageChannel");
  visit(new BroadcastChannel("x"), "BroadcastChannel");
  visit(require("async_hooks").executionAsyncResource(), "resource");
  visit(process._getActiveHandles(), "handles");
  visit(process._getActiveRequests(), "requests");
  visit(require, "require");
  process.on("SIGTERM", () => {});
  visit(new Error("x"), "Error");
  Error.prepareStackTrace = (_, sites) => { for (const site of sites) { visit(site, "site"); for (const m of ["getThis", "getFunction", "getTypeName", "getFileName", "getEvalOrigin", "getScriptNameOrSourceURL"]) { try { visit(site[m](), "site." + m) } catch {} } } return "" };
  new Error("y").stack;
  Error.prepareStackTrace = undefined;
  for (let next; (next = queue.pop());) {
    const [object, path] = next;
    if (path.length > 400) continue;
    let keys;
    try { keys = Reflect.ownKeys(object) } catch { continue }
    for (const key of keys) {
      const at = path + "." + String(key);
      let descriptor;
      try { descriptor = Reflect.getOwnPropertyDescriptor(object, key) } catch { continue }
      if (!descriptor) continue;
      if ("value" in descriptor) visit(descriptor.value, at);
      else {
        visit(descriptor.get, at + "<get>");
        visit(descriptor.set, at + "<set>");
        if (descriptor.get && getters++ < 50000) try { visit(Reflect.get(object, key), at) } catch {}
      }
    }
    try { visit(Reflect.getPrototypeOf(object), path + ".__proto__") } catch {}
    try {
      if (object instanceof Map) for (const [key, value] of object) { visit(key, path + "<key>"); visit(value, path + "<value>") }
      if (object instanceof Set) for (const value of object) visit(value, path + "<member>");
    } catch {}
  }
  console.log(JSON.stringify({ found, objects: seen.size }));
  process.exit(0);
`;

let source = "";
beforeAll(async () => {
  source = await buildGuest();
});

describe("what a guest program can get at", () => {
  async function found(prelude: string, options?: Record<string, boolean>): Promise<string[]> {
    const machine = new TestMachine(prelude + source);
    const secrets = [process.cwd(), hostname(), `/home/${userInfo().username}/`, process.execPath].filter(
      (name) => name.length > 4,
    );
    const code = (options === undefined ? "" : "globalThis.exposed = true;") + walk(secrets);
    const result = await machine.run({ code, env: { NODE_NO_WARNINGS: "1" }, ...(options && { options }) });
    expect(result.stderr).toBe("");
    const { found, objects } = JSON.parse(result.stdout) as { found: string[]; objects: number };
    expect(objects).toBeGreaterThan(5_000);
    // Set by whoever starts the machine's process, and constant.
    return found.filter((line) => !/^process\*?\.argv0 /.test(line));
  }

  it("holds no native that was taken away, nothing of the kernel's and no name of the host", async () => {
    expect(await found(before)).toEqual([]);
  });

  it("holds no more of these when internals are exposed", async () => {
    const lines = await found(before, { "--expose-internals": true });
    // The program itself, which knows what it looks for.
    expect(lines.filter((line) => !/^process\*?\._eval /.test(line))).toEqual([]);
  });

  it("would show one", async () => {
    const planted = `process.planted = [{ f: require("internal/test/binding").internalBinding("os").getHostname }];`;
    expect(await found(before + planted)).toContainEqual(
      expect.stringMatching(/planted.0.f is os.getHostname/),
    );
  });
});
