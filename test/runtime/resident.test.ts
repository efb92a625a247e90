import { setTimeout } from "node:timers/promises";
import { InvalidOptionError, NodeRuntime, type ResidentRunner } from "secure-exec";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";

let rt: NodeRuntime;
let runner: ResidentRunner;

beforeAll(async () => {
  rt = await NodeRuntime.create({ files: { "/home/user/counter.mjs": "export const state = { n: 0 };" } });
});
afterAll(() => rt.dispose());
beforeEach(() => {
  runner = rt.createResidentRunner();
});
afterEach(() => runner.dispose());

/** Waits until the runner's process has done something, without a snippet of its own. */
async function until(path: string): Promise<void> {
  while (!(await rt.exists(path))) await setTimeout(5);
}

describe("one process for many snippets", () => {
  it("keeps globals, modules and what was left running", async () => {
    expect(await runner.run("globalThis.n = 1; console.log('one'); __return(n)")).toMatchObject({
      stdout: "one\n",
      value: 1,
      exitCode: 0,
      fresh: true,
      ended: false,
    });
    expect(await runner.run("console.error('two'); __return(++n)")).toMatchObject({
      stdout: "",
      stderr: "two\n",
      value: 2,
      fresh: false,
    });
    await runner.exec("import { state } from './counter.mjs'; state.n = 5");
    const { value } = await runner.run("__return((await import('./counter.mjs')).state.n)");
    expect(value).toBe(5);
  });

  it("gives each a scope and an exit code of its own", async () => {
    await runner.exec("const own = 1; process.exitCode = 3; __return(own)");
    const { value, exitCode } = await runner.run("const own = 2; __return(typeof missing + own)");
    expect({ value, exitCode }).toEqual({ value: "undefined2", exitCode: 0 });
    expect((await runner.run("process.exitCode = 4; __return(1)")).value).toBeUndefined();
    expect((await runner.run("0")).value).toBeUndefined();
  });

  it("evaluates calls one after another, in their order", async () => {
    const results = await Promise.all(
      [30, 20, 10, 0].map((ms) =>
        runner.run(
          `await new Promise((r) => setTimeout(r, ${ms})); (globalThis.o ??= []).push(${ms}); __return(o)`,
        ),
      ),
    );
    expect(results.map(({ value }) => value)).toEqual([[30], [30, 20], [30, 20, 10], [30, 20, 10, 0]]);
  });

  it("has the variables and directory of the runner", async () => {
    await using other = rt.createResidentRunner({ env: { A: "b" }, cwd: "/tmp" });
    expect((await other.run("__return([process.env.A, process.cwd(), import.meta.url])")).value).toEqual([
      "b",
      "/tmp",
      "file:///tmp/[eval1]",
    ]);
    const { stderr } = await other.exec("throw new Error('x')", { filePath: "/home/user/named.mjs" });
    expect(stderr).toMatch(/^file:\/\/\/home\/user\/named\.mjs:1\n/);
  });

  it("runs beside other runners and calls", async () => {
    await using other = rt.createResidentRunner();
    const blocked = runner.exec("while (!require('fs').existsSync('/tmp/go'));");
    expect((await other.run("globalThis.n = 7; __return(n)")).value).toBe(7);
    await rt.exec("require('fs').writeFileSync('/tmp/go', '')");
    expect((await blocked).exitCode).toBe(0);
    expect((await runner.run("__return(typeof n)")).value).toBe("undefined");
  });
});

describe("like a call of its own", () => {
  const programs: Record<string, string> = {
    output: "console.log('a'); console.error('b'); process.stdout.write('ü'.repeat(100000))",
    "a thrown error": "\n\nfunction f() { throw new TypeError('x', { cause: 1 }) }\nf()",
    "what is no error": "throw { a: 1 }",
    "a text": "throw 'text'",
    "an error after a wait": "await null; null.x",
    "wrong syntax": "const x = 1;\nlet y = ;",
    "a package that isn't there": "import 'nowhere'",
    "a file that isn't there": "await import('./nowhere.mjs')",
    "a wait for ever": "console.log(1);\nawait new Promise(() => {})",
    "an exit": "console.log(1); process.exit(3)",
    "an exit code": "process.exitCode = 9",
    "a rejection": "Promise.reject(new Error('x'))",
    "an error in a tick": "process.nextTick(() => { throw new Error('x') })",
    "a signal to itself":
      "process.kill(process.pid, 'SIGTERM'); await new Promise(() => setInterval(() => {}, 1000))",
    "a wrong value": "__return(() => {})",
    "a flood and an exit": "process.stdout.write('x'.repeat(5e6)); process.exit()",
  };

  it.each(Object.entries(programs))("%s", async (_name, code) => {
    const [ours, theirs] = await Promise.all([runner.exec(code), rt.exec(code)]);
    const { fresh: _, ended, ...result } = ours;
    // What Node did to get to the program is told by the last frames, and above what is no error.
    const shown = ({ stderr, ...rest }: { stderr: string }) => ({
      ...rest,
      stderr: stderr
        .replace(/node:internal\S+\n +triggerUncaughtException\(\n +\^\n/, "")
        .split("\n")
        .filter((line) => !/^ {4}at .*(?:node:internal|async )/.test(line)),
    });
    expect(shown(result)).toEqual(shown(theirs));
    expect(ended).toBe(/exit\(|reject|nextTick|SIGTERM/.test(code));
    expect(await runner.run("__return(1)")).toMatchObject({ value: 1, fresh: ended });
  });
});

describe("a snippet that doesn't end", () => {
  it.each([
    ["a loop", "for (;;);"],
    ["a wait", "await new Promise((r) => setInterval(r, 1e6))"],
    ["native code", "require('node:crypto').pbkdf2Sync('a', 'b', 1e8, 64, 'sha512')"],
  ])("costs its process, and not the runtime: %s", async (_name, code) => {
    await runner.exec("globalThis.n = 1");
    const { stdout, exitCode, termination, ended } = await runner.exec(`console.log(n); ${code}`, {
      timeout: 100,
    });
    expect({ stdout, exitCode, termination, ended }).toEqual({
      stdout: "1\n",
      exitCode: 124,
      termination: { reason: "timeout", limit: 100 },
      ended: true,
    });
    expect(await runner.run("__return(typeof n)")).toMatchObject({ value: "undefined", fresh: true });
  });

  it("is ended by its signal, or never begins", async () => {
    const abort = new AbortController();
    const running = runner.exec("console.log(1); for (;;);", {
      signal: abort.signal,
      onStdout: () => abort.abort(new Error("enough")),
    });
    const waiting = runner.exec("0", { signal: AbortSignal.abort(new Error("never")) });
    await Promise.all([expect(running).rejects.toThrow("enough"), expect(waiting).rejects.toThrow("never")]);
    expect((await runner.exec("0")).fresh).toBe(true);
  });

  it("that waits for its turn may be given up, and the process stays", async () => {
    await runner.exec("globalThis.n = 1");
    const abort = new AbortController();
    const first = runner.run("await new Promise((r) => setTimeout(r, 50)); __return(n)");
    const second = runner.exec("n = 2", { signal: abort.signal });
    abort.abort(new Error("not now"));
    await expect(second).rejects.toThrow("not now");
    expect((await first).value).toBe(1);
    expect(await runner.run("__return(n)")).toMatchObject({ value: 1, fresh: false });
  });
});

describe("reset and dispose", () => {
  it("swaps the process", async () => {
    await runner.exec("globalThis.n = 1; setInterval(() => {}, 1000)");
    await runner.reset();
    expect(await runner.run("__return(typeof n)")).toMatchObject({ value: "undefined", fresh: true });
    await runner.reset();
    await runner.reset();
  });

  it("ends what is under way, and what waits is evaluated afterwards", async () => {
    let begun = (): void => undefined;
    const started = new Promise<void>((resolve) => {
      begun = resolve;
    });
    const running = runner.exec("console.log(1); for (;;);", { onStdout: () => begun() });
    const waiting = runner.run("__return(2)");
    await started;
    await runner.reset();
    expect(await running).toMatchObject({ exitCode: 137, stdout: "1\n", ended: true });
    expect(await waiting).toMatchObject({ value: 2, fresh: true });
  });

  it("rejects what is pending, and all later calls", async () => {
    const pending = [runner.exec("for (;;);"), runner.exec("0")];
    const outcomes = Promise.allSettled(pending);
    await runner.dispose();
    await runner.dispose();
    for (const outcome of await outcomes)
      expect(outcome).toMatchObject({ status: "rejected", reason: { code: "ERR_SECURE_EXEC_DISPOSED" } });
    await expect(runner.exec("0")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    await expect(runner.reset()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    expect((await rt.run("__return(1)")).value).toBe(1);
  });

  it("lets others have its place among the processes", async () => {
    await using small = await NodeRuntime.create({ limits: { processes: 1 } });
    const first = small.createResidentRunner();
    await first.exec("0");
    const waiting = small.run("__return(1)");
    await first.dispose();
    expect((await waiting).value).toBe(1);
  });

  it("ends with its runtime", async () => {
    const other = await NodeRuntime.create();
    const resident = other.createResidentRunner();
    const pending = resident.exec("for (;;);");
    const outcome = expect(pending).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    await other.dispose();
    await outcome;
    expect(() => other.createResidentRunner()).toThrow("disposed");
  });
});

describe("late output", () => {
  /** Code that waits for a word, then does something, and says that it is done. */
  const onWord = (name: string, late: string): string => `
    const fs = require('fs');
    const timer = setInterval(() => {
      if (!fs.existsSync('/tmp/${name}')) return;
      clearInterval(timer);
      fs.writeFileSync('/tmp/${name}-heard', '');
      ${late};
      fs.writeFileSync('/tmp/${name}-done', '');
    }, 1)`;
  const giveWord = async (name: string, heard = "done"): Promise<void> => {
    await rt.writeFile(`/tmp/${name}`, "");
    await until(`/tmp/${name}-${heard}`);
  };

  it("comes in front of the next snippet's", async () => {
    const first = await runner.exec(onWord("next", "console.log('late')"));
    await giveWord("next");
    let heard = "";
    const next = await runner.exec("console.log('next')", { onStdout: (text) => (heard += text) });
    expect([first.stdout, next.stdout, heard]).toEqual(["", "late\nnext\n", "late\nnext\n"]);
  });

  it("goes to who asked for it", async () => {
    const heard: unknown[] = [];
    await using other = rt.createResidentRunner({ onLateOutput: (...piece) => heard.push(piece) });
    const { stdout } = await other.exec(`console.log('own'); ${onWord("asked", "console.log('late')")}`);
    await giveWord("asked");
    expect((await other.exec("console.log('next')")).stdout).toBe("next\n");
    expect([stdout, heard]).toEqual(["own\n", [["late\n", "stdout"]]]);
  });

  it("of a flood waits for somebody to read it", async () => {
    await runner.exec(onWord("flood", "process.stdout.write('x'.repeat(2e6)); console.log('end')"));
    await giveWord("flood", "heard");
    const { stdout } = await runner.exec("console.log('next')");
    expect(stdout.replace(/x+/, (all) => String(all.length))).toBe("2000000end\nnext\n");
  });

  it("that its callback throws at ends the process and is told of by the next call", async () => {
    let fail = (): void => undefined;
    const failed = new Promise<void>((resolve) => {
      fail = resolve;
    });
    await using other = rt.createResidentRunner({
      onLateOutput: () => {
        fail();
        throw new Error("mine");
      },
    });
    await other.exec(onWord("failing", "console.log(1)"));
    await giveWord("failing");
    await failed;
    await expect(other.exec("0")).rejects.toThrow("mine");
    expect((await other.exec("0")).fresh).toBe(true);
  });

  it("of a process that ends between snippets is not lost", async () => {
    await runner.exec(onWord("last", "console.log('last words'); process.exit(5)"));
    await giveWord("last", "heard");
    let next = await runner.exec("0");
    let written = next.stdout;
    while (!next.fresh) {
      next = await runner.exec("await new Promise((r) => setTimeout(r, 5))");
      written += next.stdout;
    }
    expect([next.exitCode, written]).toEqual([0, "last words\n"]);
  });
});

describe("options", () => {
  it.each([
    ["env", { env: 1 }],
    ["cwd", { cwd: "relative" }],
    ["onLateOutput", { onLateOutput: 1 }],
    ["stdin", { stdin: "x" }],
  ])("refuses a wrong %s of a runner", (_name, options) => {
    expect(() => rt.createResidentRunner(options as never)).toThrow(InvalidOptionError);
  });

  it.each([
    ["env", { env: {} }],
    ["stdin", { stdin: "x" }],
    ["timeout", { timeout: 0 }],
    ["onStdout", { onStdout: 1 }],
    ["filePath", { filePath: "x" }],
  ])("refuses a wrong %s of a snippet", async (_name, options) => {
    await expect(runner.exec("0", options as never)).rejects.toBeInstanceOf(InvalidOptionError);
    await expect(runner.exec(1 as never)).rejects.toBeInstanceOf(InvalidOptionError);
  });

  it("needs its directory", async () => {
    await using other = rt.createResidentRunner({ cwd: "/nowhere" });
    await expect(other.exec("0")).rejects.toMatchObject({ code: "ENOENT" });
    await rt.mkdir("/nowhere");
    expect((await other.run("__return(process.cwd())")).value).toBe("/nowhere");
  });
});

describe("a machine that dies", () => {
  it("has the call to blame answered, and the next one get a fresh process", async () => {
    await using own = await NodeRuntime.create();
    const resident = own.createResidentRunner();
    await resident.exec("globalThis.n = 1");
    const { exitCode, ended } = await resident.exec("'ab'.repeat(1e8).split('')");
    expect({ exitCode, ended }).toEqual({ exitCode: 134, ended: true });
    expect(await resident.run("__return(typeof n)")).toMatchObject({ value: "undefined", fresh: true });
  });

  it("that an idle process may have killed is nobody's fault", async () => {
    await using own = await NodeRuntime.create();
    const resident = own.createResidentRunner();
    await resident.exec("0");
    await expect(own.exec("'ab'.repeat(1e8).split('')")).rejects.toMatchObject({
      code: "ERR_SECURE_EXEC_MACHINE_EXITED",
    });
    expect((await resident.exec("0")).fresh).toBe(true);
  });
});

it("doesn't grow with its snippets", { timeout: 120_000 }, async () => {
  const used = "const { heapUsed, external } = process.memoryUsage(); __return(heapUsed + external)";
  const least = async (): Promise<number> => {
    let found = Number.POSITIVE_INFINITY;
    for (let i = 0; i < 2000; i++) {
      const { value } = await runner.run<number>(`${used} // ${i}: no source is seen twice`);
      found = Math.min(found, value as number);
    }
    return found;
  };
  await least();
  const before = await least();
  await least();
  await least();
  const after = await least();
  // A record that stays takes a kilobyte and more of each.
  expect(after - before).toBeLessThan(4e6);
});
