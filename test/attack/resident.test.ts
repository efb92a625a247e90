import { NodeRuntime, type ResidentRunner } from "secure-exec";
import { afterAll, afterEach, beforeAll, beforeEach, expect, it } from "vitest";

let rt: NodeRuntime;
let runner: ResidentRunner;
beforeAll(async () => {
  rt = await NodeRuntime.create();
});
afterAll(() => rt.dispose());
beforeEach(() => {
  runner = rt.createResidentRunner();
});
afterEach(() => runner.dispose());

/* What a snippet does to its process is the next one's trouble; the host gets answers all the same. */
const tricks: Record<string, string> = {
  "lists and promises": `Array.prototype[Symbol.iterator] = () => { throw 1 }; Array.prototype.push = () => { throw 2 }; Promise.prototype.then = () => { throw 3 }; Map.prototype.delete = () => { throw 4 }`,
  timers: `globalThis.setImmediate = () => { throw 1 }; require("timers").setImmediate = () => { throw 2 }`,
  "the exit code": `Object.defineProperty(process, "exitCode", { get() { throw 1 }, set() { throw 2 } })`,
  "what is said of a beforeExit": `process.emit("beforeExit", 0); process.emit("exit", 0)`,
  "the global object": `for (const key of Object.getOwnPropertyNames(globalThis)) try { delete globalThis[key] } catch {}`,
  "__return and require": `delete globalThis.__return; globalThis.require = null`,
  "its own name": `await import(import.meta.url).catch(() => {}); throw 1`,
};

it.each(Object.entries(tricks))("is answered whatever it has changed: %s", async (_name, code) => {
  const first = await runner.exec(code, { timeout: 20_000 });
  const second = await runner.exec("process.stdout.write('there')", { timeout: 20_000 });
  const exitCode = expect.any(Number);
  expect([first, second]).toMatchObject([{ exitCode }, { exitCode }]);
  await runner.reset();
  expect(await runner.run("__return(6 * 7)")).toMatchObject({ value: 42, fresh: true });
});

it("can't answer for the next one", async () => {
  await runner.exec("globalThis.late = __return; setInterval(() => late('forged'), 0)");
  const { value } = await runner.run("await new Promise((r) => setTimeout(r, 20)); clearInterval(1)");
  // All of a runner's snippets are one program; what is the host's to know is not theirs to choose.
  expect([undefined, "forged"]).toContain(value);
  expect((await rt.run("__return(1)")).value).toBe(1);
});

it("that is never through with its output holds nobody else up", async () => {
  const flood = runner.exec("for (;;) process.stdout.write('x'.repeat(65536))", { timeout: 500 });
  expect((await rt.run("__return(1)")).value).toBe(1);
  expect((await flood).termination?.reason).toBe("timeout");
});
