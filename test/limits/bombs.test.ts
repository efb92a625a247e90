import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

/** Programs that take all there is; each must be answered with its reason and cost at most the machine. */
const memoryBombs: Record<string, string> = {
  "array push": "const a = []; for (;;) a.push({ a });",
  "Map growth": "const m = new Map(); for (let i = 0; ; i++) m.set(i, [i]);",
  "JSON.parse":
    "const s = '[' + '{\"a\":[1,2,3]},'.repeat(3e6) + '1]'; const a = []; for (;;) a.push(JSON.parse(s));",
  split: "'ab'.repeat(1e8).split('');",
  structuredClone: "let a = [1, 2, 3]; for (;;) a = [structuredClone(a), structuredClone(a), a];",
  "string concatenation":
    "let s = 'x'.repeat(1 << 20); const a = []; for (;;) a.push((s + a.length).split('').join(''));",
  Buffer: "const a = []; for (;;) a.push(Buffer.alloc(8 << 20, 1));",
  ArrayBuffer: "const a = []; for (;;) { const b = new Uint8Array(16 << 20); b.fill(1); a.push(b); }",
  WebAssembly:
    "const a = []; for (;;) { const m = new WebAssembly.Memory({ initial: 256, maximum: 1024 }); new Uint8Array(m.buffer).fill(1); a.push(m); }",
};

const timeBombs: Record<string, string> = {
  "endless loop": "while (true) {}",
  "regular expression": "/^(a+)+$/.test('a'.repeat(40) + 'b');",
  microtasks: "const f = () => Promise.resolve().then(f); f(); await new Promise(() => {});",
  "Atomics.wait": "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0);",
  pbkdf2Sync: "require('node:crypto').pbkdf2Sync('a', 'b', 3e7, 64, 'sha512');",
  scryptSync: "require('node:crypto').scryptSync('a', 'b', 64, { N: 2 ** 20, r: 8, p: 8, maxmem: 2 ** 31 });",
  "big sort":
    "const a = Array.from({ length: 2e6 }, (_, i) => (i * 7919) % 2000003); for (;;) a.slice().sort();",
  "timers for ever": "setInterval(() => {}, 1);",
};

let runtime: NodeRuntime;
let revivals = 0;

beforeAll(async () => {
  runtime = await NodeRuntime.create({ onRevive: () => revivals++ });
  await runtime.writeFile("/home/user/kept.txt", "kept");
});

afterAll(() => runtime.dispose());

async function expectAlive() {
  expect(await runtime.readFile("/home/user/kept.txt", "utf8")).toBe("kept");
  expect((await runtime.run("__return(6 * 7)")).value).toBe(42);
}

describe("memory", () => {
  for (const [name, code] of Object.entries(memoryBombs)) {
    test(`${name} ends with 137 or 134`, async () => {
      const before = revivals;
      const result = await runtime.exec(`console.log("before");${code}`, { timeout: 40_000 });
      expect(result.stdout).toBe("before\n");
      expect([134, 137]).toContain(result.exitCode);
      expect(result.termination?.reason).toMatch(/memory|crash/);
      await expectAlive();
      expect(revivals - before).toBeLessThanOrEqual(1);
    });
  }
});

describe("time", () => {
  for (const [name, code] of Object.entries(timeBombs)) {
    test(`${name} ends with 124`, async () => {
      const result = await runtime.exec(`console.log("before");${code}`, { timeout: 300 });
      expect(result.stdout).toBe("before\n");
      expect(result.exitCode).toBe(124);
      expect(result.termination?.reason).toBe("timeout");
      await expectAlive();
    });
  }
});

test("a full disk answers ENOSPC, and what was there stays", async () => {
  const result = await runtime.exec(`
    import fs from "node:fs";
    const block = Buffer.alloc(8 << 20, 1);
    let written = 0;
    try { for (;;) { fs.appendFileSync("/tmp/bomb", block); written += block.length; } }
    catch (error) { console.log(error.code, written > 400e6, written < 540e6); }
    fs.rmSync("/tmp/bomb");
    fs.writeFileSync("/tmp/after", "fits");
    console.log(fs.readFileSync("/tmp/after", "utf8"));`);
  expect(result.stderr).toBe("");
  expect(result.stdout).toBe("ENOSPC true true\nfits\n");
  await expectAlive();
});

test("file system calls at every depth of the stack leave the disk usable", async () => {
  const result = await runtime.exec(`
    import fs from "node:fs";
    let calls = 0;
    const dive = () => {
      try { dive(); } finally {
        try { fs.writeFileSync("/tmp/deep", "x"); fs.statSync("/tmp/deep"); fs.readFileSync("/tmp/deep"); calls++; } catch {}
      }
    };
    for (let round = 0; round < 3; round++) try { dive(); } catch {}
    fs.writeFileSync("/tmp/deep", "whole");
    console.log(calls > 1000, fs.readFileSync("/tmp/deep", "utf8"));`);
  expect(result.stdout).toBe("true whole\n");
  await expectAlive();
});

test("code that the timeout of vm interrupts inside a file system call leaves the disk whole", async () => {
  const result = await runtime.exec(
    `
    import fs from "node:fs";
    import vm from "node:vm";
    const context = vm.createContext({ fs, bytes: Buffer.alloc(1 << 20) });
    const code = "for (;;) { fs.writeFileSync('/tmp/vm-a', bytes); fs.writeFileSync('/tmp/vm-b', 'b'); fs.renameSync('/tmp/vm-b', '/tmp/vm-c'); fs.statSync('/tmp/vm-c'); }";
    let timeouts = 0;
    for (let round = 0; round < 200; round++) {
      try { vm.runInContext(code, context, { timeout: 1 + (round % 3) }); }
      catch (error) { if (error.code === "ERR_SCRIPT_EXECUTION_TIMEOUT") timeouts++; else throw error; }
    }
    console.log(timeouts, fs.readFileSync("/tmp/vm-c", "utf8"));
    for (const name of fs.readdirSync("/tmp")) fs.rmSync("/tmp/" + name);
    console.log(fs.readdirSync("/tmp"));`,
    { timeout: 30_000 },
  );
  expect(result.stderr).toBe("");
  expect(result.stdout).toBe("200 b\n[]\n");
  await expectAlive();
});

test("a flood of output is cut at the limit, the program goes on", async () => {
  const result = await runtime.exec(
    "for (let i = 0; i < 400; i++) process.stdout.write('x'.repeat(1 << 16)); console.error('done');",
  );
  expect(result.stdoutTruncated).toBe(true);
  expect(result.stderr).toBe("done\n");
  expect(result.exitCode).toBe(0);
  expect(result.stdout.length).toBeLessThan((16 << 20) + 1000);
});
