import { beforeAll, describe, expect, it } from "vitest";
import { buildGuest, TestMachine } from "./harness.js";

let machine: TestMachine;
beforeAll(async () => {
  machine = new TestMachine(await buildGuest());
});

/**
 * Replaces a method by one that looks at what it is given, for memory and ports that no program has, and
 * then does the method's work.
 */
const spying = `
  const seen = [];
  const mine = new WeakSet();
  const { get } = Object.getOwnPropertyDescriptor(Object.getPrototypeOf(Uint8Array.prototype), "buffer");
  const apply = Reflect.apply;
  const isPort = (value) => value instanceof MessagePort && !mine.has(value);
  const isShared = (value) => { try { return value instanceof SharedArrayBuffer || (ArrayBuffer.isView(value) && apply(get, value, []) instanceof SharedArrayBuffer) } catch { return false } };
  let looking = false;
  function look(value, where) {
    if (looking || (typeof value !== "object" && typeof value !== "function") || value === null) return;
    looking = true;
    try { if (isPort(value)) seen[seen.length] = where + ": port"; else if (isShared(value)) seen[seen.length] = where + ": memory"; else if (value.threadPage || value.channel || value.cred) seen[seen.length] = where + ": boot" } catch {}
    looking = false;
  }
  function spy(owner, key, name) {
    const descriptor = Object.getOwnPropertyDescriptor(owner, key);
    if (!descriptor || !descriptor.configurable) return;
    for (const part of ["value", "get", "set"]) {
      const original = descriptor[part];
      if (typeof original !== "function") continue;
      descriptor[part] = function (...args) {
        look(this, name);
        for (let i = 0; i < args.length; i++) look(args[i], name);
        const result = new.target ? Reflect.construct(original, args, new.target) : apply(original, this, args);
        look(result, name);
        return result;
      };
      if (original.prototype) descriptor[part].prototype = original.prototype;
    }
    try { Object.defineProperty(owner, key, descriptor) } catch {}
  }
  function spyAll(owner, name, except = []) {
    for (const key of Reflect.ownKeys(owner)) if (key !== "constructor" && !except.includes(key)) spy(owner, key, name + "." + String(key));
  }
`;

/** What a program does with the boot's help. */
const work = `
  console.log("line", 1);
  process.stdout.write("bytes\\n");
  fs.writeFileSync("/tmp/hostile", "content");
  if (fs.readFileSync("/tmp/hostile", "utf8") !== "content") throw new Error("file");
  if (fs.statSync("/tmp/hostile").size !== 7) throw new Error("size");
  fs.readFile("/tmp/hostile", () => console.log("callback"));
  await fs.promises.writeFile("/tmp/hostile2", "x");
  console.log(String(await fs.promises.readFile("/tmp/hostile2")), fs.existsSync("/tmp/nope"), process.cwd());
  try { fs.readFileSync("/tmp/nope") } catch (error) { console.log(error.code) }
  await new Promise((resolve) => setTimeout(resolve, 1));
  await new Promise((resolve) => process.stdin.on("data", (data) => console.log(String(data))).on("end", resolve));
  process.on("SIGUSR2", () => console.log("signal"));
  process.kill(process.pid, "SIGUSR2");
  await new Promise((resolve) => setTimeout(resolve, 5));
  process._getActiveHandles(); process.memoryUsage(); process.hrtime(); process.cpuUsage();
  (await import("node:os")).userInfo();
`;

const output = "line 1\nbytes\nx false /home/user\nENOENT\ninput\nsignal\n";

async function survives(attack: string, ending = "") {
  const result = await machine.run({
    code: `import os from "node:os"; import net from "node:net"; import async_hooks from "node:async_hooks";
      ${spying}\n${attack}\n${work}\n__return([...seen]);\n${ending}`,
    stdin: "input",
    env: { NODE_NO_WARNINGS: "1" },
  });
  expect(result.stderr).toBe("");
  expect(result.exitCode).toBe(0);
  // The callback's place among the lines depends on the clock.
  expect(result.stdout.replace("callback\n", "")).toBe(output);
  expect(result.value).toEqual([]);
}

const prototypes = [
  ...["Array", "Map", "Set", "WeakMap", "Promise", "RegExp", "String", "Number", "Error", "Date", "Symbol"],
  ...["ArrayBuffer", "SharedArrayBuffer", "Uint8Array", "Int32Array", "Float64Array", "BigInt64Array"],
  ...["MessagePort", "EventTarget", "AbortSignal", "TextDecoder", "TextEncoder", "URL"],
];

describe("a guest that lays hands on", () => {
  it.each(prototypes)("%s.prototype", (name) => survives(`spyAll(${name}.prototype, "${name}.prototype")`));

  it("typed arrays", () =>
    survives(`spyAll(Object.getPrototypeOf(Uint8Array.prototype), "TypedArray.prototype")`));

  it("functions", () =>
    survives(`spyAll(Function.prototype, "Function.prototype", ["caller", "callee", "arguments"])`));

  it.each([
    "Atomics",
    "JSON",
    "Math",
    "Reflect",
    "Object",
    "Promise",
    "Array",
    "process",
    "Buffer",
    "fs",
    "fs.promises",
  ])("%s", (name) =>
    survives(
      `spyAll(${name}, "${name}", ["stdin", "stdout", "stderr", "_events", "prototype", "constants", "Stats", "Dirent", "ReadStream", "WriteStream"])`,
    ),
  );

  it.each([
    `new Atomics.constructor()`,
    `net.Socket.prototype`,
    `Object.getPrototypeOf(net.Socket.prototype)`,
    `process.stdout._handle.constructor.prototype`,
    `Object.getPrototypeOf(process.stdout._handle.constructor.prototype)`,
    `Object.getPrototypeOf(Object.getPrototypeOf(process.stdout._handle.constructor.prototype))`,
    `(await import("node:events")).EventEmitter.prototype`,
    `(await import("node:stream")).Readable.prototype`,
    `async_hooks.AsyncResource.prototype`,
    `Object.getPrototypeOf(process)`,
    `Object.getPrototypeOf([][Symbol.iterator]())`,
    `globalThis.setTimeout(() => {}).constructor.prototype`,
  ])("%s", (expression) => survives(`spyAll(${expression}, "object")`));

  it("constructors of the global object", () =>
    survives(
      `for (const name of ["Uint8Array", "Int32Array", "Float64Array", "Error", "TypeError", "Promise", "Map", "Set", "MessageChannel", "SharedArrayBuffer", "DataView", "Proxy", "Symbol", "BigInt"]) spy(globalThis, name, name)`,
    ));

  it("the names that messages pass by", () =>
    survives(`for (const name of ["nodejs.internal.kHybridDispatch", "nodejs.internal.kCurrentlyReceivingPorts", "nodejs.rejection"])
      Object.defineProperty(Object.prototype, Symbol.for(name), { configurable: true, get() { look(this, name) }, set(value) { look(this, name); look(value, name) } });`));

  it("properties of all objects", () =>
    survives(
      `for (const name of ["t", "bytes", "entry", "start", "onmessage", "onsignal", "toJSON", "then", "holder", "port", "fd", "0", "1", "2"]) {
      const key = name; let guard = false;
      Object.defineProperty(Object.prototype, key, { configurable: true,
        get() { if (!guard) { guard = true; look(this, key); guard = false } return undefined },
        set(value) { if (!guard) { guard = true; look(this, key); look(value, key); guard = false } Object.defineProperty(this, key, { value, writable: true, enumerable: true, configurable: true }) } });
    }`,
      `for (const name of ["toJSON", "then"]) delete Object.prototype[name]`,
    ));

  it("the context of callbacks", async () => {
    const result = await machine.run({
      code: `import { executionAsyncResource, createHook } from "node:async_hooks";
        const seen = new Set();
        const note = () => { const { name } = executionAsyncResource().constructor; seen.add(name) };
        createHook({ init(id, type, trigger, resource) { seen.add("init " + type); note() }, before: note, after: note }).enable();
        process.stdin.on("data", () => { note(); process.nextTick(note); queueMicrotask(note) }).on("end", note);
        process.on("SIGUSR2", note); process.kill(process.pid, "SIGUSR2");
        fs.stat("/", note); fs.promises.stat("/").then(note); fs.read(0, Buffer.alloc(1), note);
        setTimeout(() => { console.log([...seen].filter((name) => /port|message/i.test(name)).join()); process.exit() }, 30)`,
      stdin: "input",
    });
    expect(result).toMatchObject({ stdout: "\n", stderr: "" });
  });

  it("its own frames", async () => {
    const result = await machine.run({
      code: `import util from "node:util";
        const traces = [];
        const note = () => { traces.push(new Error().stack, JSON.stringify(util.getCallSites())); const o = {}; Error.captureStackTrace(o); traces.push(o.stack) };
        Error.stackTraceLimit = 100;
        note(); setTimeout(note); setImmediate(note); fs.stat("/", note); fs.promises.stat("/nope").catch((e) => traces.push(e.stack));
        for (const f of [() => fs.statSync("/nope"), () => process.chdir("/nope"), () => __return(1n), () => process.setuid(0), () => new Worker("x"), () => process.dlopen({}, "x")]) try { f() } catch (e) { traces.push(e.stack) }
        process.stdin.on("data", note); process.on("SIGUSR2", note); process.kill(process.pid, "SIGUSR2");
        process.on("exit", () => { note(); console.log(traces.join("\\n")) });
        JSON.stringify({ toJSON() { note() } }); __return({ toJSON() { note(); return 1 } });`,
      stdin: "input",
    });
    expect(result.stderr).toBe("");
    expect(result.stdout.length).toBeGreaterThan(2000);
    expect(result.stdout).not.toContain("secure_exec");
    expect(result.stdout).not.toContain("messageport");
    expect(result.stdout).not.toContain("worker eval");
  });
});

describe("what guests of one machine share", () => {
  it("is no broadcast channel, and no lock", async () => {
    const guests = [machine.boot(), machine.boot()];
    await Promise.all(guests.map((guest) => guest.ready));
    const code = `
      const channel = new BroadcastChannel("same");
      const heard = [];
      channel.onmessage = (event) => heard.push(event.data);
      const release = Promise.withResolvers();
      const held = navigator.locks.request("same", () => release.promise);
      setTimeout(() => channel.postMessage(process.pid), 60);
      await new Promise((resolve) => setTimeout(resolve, 150));
      const { held: all } = await navigator.locks.query();
      console.log(channel.name, heard.length, all.length, all[0].name);
      channel.close(); release.resolve(); await held;`;
    const results = await Promise.all(guests.map((guest) => guest.run({ code })));
    expect(results.map(({ stdout }) => stdout)).toEqual(["same 0 1 same\n", "same 0 1 same\n"]);
  });

  it("works inside of one", async () => {
    const { stdout, stderr } = await machine.run({
      code: `const a = new BroadcastChannel("x"), b = new BroadcastChannel("x");
        b.onmessage = ({ data }) => { console.log(data, a.name, a instanceof BroadcastChannel); a.close(); b.close() };
        a.postMessage({ y: 1 });
        console.log(await navigator.locks.request("l", (lock) => lock.name + lock.mode));
        try { BroadcastChannel("x") } catch (error) { console.log(error.message) }`,
    });
    expect({ stdout, stderr }).toEqual({
      stdout:
        "lexclusive\nClass constructor BroadcastChannel cannot be invoked without 'new'\n{ y: 1 } x true\n",
      stderr: "",
    });
  });
});
