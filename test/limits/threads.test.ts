import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let runtime: NodeRuntime;
let revivals = 0;
beforeAll(async () => {
  runtime = await NodeRuntime.create({ limits: { threads: 8 }, onRevive: () => revivals++ });
});
afterAll(() => runtime.dispose());

const lines = (text: string) => text.trim().split("\n");
const worker = `const { Worker } = require("node:worker_threads");`;

async function expectAlive() {
  expect((await runtime.run("__return(6 * 7)")).value).toBe(42);
}

describe("a guest's threads", () => {
  test("are as many as the limit allows, its main one included", async () => {
    const { stdout } = await runtime.exec(
      `${worker}
       const all = [];
       try { for (;;) all.push(new Worker("setInterval(() => {}, 1000)", { eval: true })) }
       catch (error) { console.log(all.length, error.code, error.message) }
       await all[0].terminate();
       all.push(new Worker("setInterval(() => {}, 1000)", { eval: true }));
       console.log(all.length);
       process.exit();`,
      { timeout: 20_000 },
    );
    expect(lines(stdout)).toEqual(["7 ERR_WORKER_INIT_FAILED Worker initialization failure: EAGAIN", "8"]);
    await expectAlive();
  });

  test("that make threads stay within it, and end with their process", async () => {
    const bomb = `
      const { Worker } = require("node:worker_threads");
      try { for (;;) new Worker(process._eval, { eval: true }) } catch {}
      setInterval(() => {}, 1000);`;
    const started = performance.now();
    const { exitCode } = await runtime.exec(
      `${worker} new Worker(${JSON.stringify(bomb)}, { eval: true }); setTimeout(() => process.exit(3), 1500)`,
      { timeout: 20_000 },
    );
    expect(exitCode).toBe(3);
    expect(performance.now() - started).toBeLessThan(10_000);
    await expectAlive();
  });

  test("count their memory together", { timeout: 60_000 }, async () => {
    const before = revivals;
    const fill =
      "const a = []; for (let i = 0; i < 100; i++) a.push(Buffer.alloc(1 << 20, 1)); setInterval(() => a, 1000)";
    const { exitCode, termination } = await runtime.exec(
      `${worker}
       for (let i = 0; i < 5; i++) {
         new Worker(${JSON.stringify(fill)}, { eval: true });
         await new Promise((resolve) => setTimeout(resolve, 300));
       }
       await new Promise((resolve) => setTimeout(resolve, 20_000));`,
      { timeout: 40_000 },
    );
    expect(exitCode).toBe(137);
    expect(termination?.reason).toBe("memory");
    expect(revivals).toBe(before);
    await expectAlive();
  });

  test("end in time whatever they do, with their process", async () => {
    for (const code of ["for (;;);", "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)"]) {
      const result = await runtime.exec(
        `${worker} new Worker(${JSON.stringify(code)}, { eval: true }); await new Promise((r) => setTimeout(r, 30_000))`,
        { timeout: 500 },
      );
      expect(result.exitCode).toBe(124);
    }
    await expectAlive();
  });

  test("inside native code cost the machine, not the answer", { timeout: 30_000 }, async () => {
    const code = `require("node:crypto").pbkdf2Sync("a", "b", 3e7, 64, "sha512")`;
    const started = performance.now();
    const result = await runtime.exec(
      `${worker} new Worker(${JSON.stringify(code)}, { eval: true }).on("online", () => setTimeout(() => process.exit(5), 300)); await new Promise((r) => setTimeout(r, 30_000))`,
      { timeout: 2000 },
    );
    expect(result.exitCode).toBe(124);
    expect(performance.now() - started).toBeLessThan(6000);
    await expectAlive();
  });

  test("leave nothing behind", { timeout: 60_000 }, async () => {
    const leave = `
      const fs = require("node:fs");
      fs.openSync("/tmp"); fs.openSync("/etc/hostname"); globalThis.kept = fs.promises.open("/etc/hostname");
      setTimeout(() => process.exit(), 5);`;
    const { stdout } = await runtime.exec(
      `${worker}
       const fs = require("node:fs");
       const next = () => { const fd = fs.openSync("/tmp"); fs.closeSync(fd); return fd };
       const first = next();
       let last = 0;
       for (let i = 0; i < 60; i += 4) {
         await Promise.all([0, 1, 2, 3].map(() => new Promise((resolve) => {
           const made = new Worker(${JSON.stringify(leave)}, { eval: true });
           last = made.threadId;
           made.on("exit", resolve);
         })));
       }
       console.log(next() - first, last);`,
      { timeout: 50_000 },
    );
    expect(lines(stdout)).toEqual(["0 60"]);
  });
});
