import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, it } from "vitest";

let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create();
});
afterAll(async () => await rt.dispose());

/** Starts a program that says its pid first; `pid` resolves to that. */
function start(code: string) {
  let tell: (pid: number) => void;
  const pid = new Promise<number>((resolve) => {
    tell = resolve;
  });
  const ended = rt.exec(`console.log(process.pid); ${code}`, {
    timeout: 10_000,
    onStdout: (text) => tell(Number.parseInt(text, 10)),
  });
  return { pid, ended };
}

async function kill(pid: number, signal: string | number): Promise<string> {
  const code = `try { console.log(process.kill(${pid}, ${JSON.stringify(signal)})) } catch (error) { console.log(error.code) }`;
  return (await rt.exec(code)).stdout.trim();
}

const listen = (signal: string, then: string) =>
  `process.on("${signal}", (name, number) => { console.log(name, number); ${then} }); setInterval(() => {}, 1000);`;

describe("a signal from another process", () => {
  it("reaches listeners", async () => {
    const { pid, ended } = start(listen("SIGTERM", "process.exit(3)"));
    expect(await kill(await pid, "SIGTERM")).toBe("true");
    const { stdout, exitCode, termination } = await ended;
    expect([stdout.split("\n")[1], exitCode, termination]).toEqual(["SIGTERM 15", 3, undefined]);
  });

  it("reaches each of them once, and again", async () => {
    const { pid, ended } = start(
      `let n = 0; process.once("SIGHUP", () => console.log("once")); ${listen("SIGHUP", "if (++n === 2) process.exit()")}`,
    );
    const target = await pid;
    for (let i = 0; i < 2; i++) expect(await kill(target, "SIGHUP")).toBe("true");
    expect((await ended).stdout.split("\n").slice(1)).toEqual(["once", "SIGHUP 1", "SIGHUP 1", ""]);
  });

  it("waits for a thread that is busy, and keeps its loop alive for no time", async () => {
    const busy = start(`process.on("SIGINT", () => { console.log("heard"); process.exit() });
      const end = Date.now() + 300; while (Date.now() < end); setTimeout(() => {}, 5000);`);
    expect(await kill(await busy.pid, "SIGINT")).toBe("true");
    expect((await busy.ended).stdout).toContain("heard");
    const idle = await rt.exec(`process.on("SIGINT", () => {}); console.log("done")`, { timeout: 5000 });
    expect([idle.stdout, idle.exitCode]).toEqual(["done\n", 0]);
  });

  it("ends a process that doesn't listen, or no longer", async () => {
    for (const code of [
      "setInterval(() => {}, 1000);",
      "const f = () => {}; process.on('SIGTERM', f); process.off('SIGTERM', f); setInterval(() => {}, 1000);",
      "process.on('SIGINT', () => {}); setInterval(() => {}, 1000);",
    ]) {
      const { pid, ended } = start(code);
      expect(await kill(await pid, "SIGTERM")).toBe("true");
      expect((await ended).exitCode).toBe(143);
    }
  });

  it("does nothing where nothing is its default", async () => {
    const { pid, ended } = start(listen("SIGTERM", "process.exit(0)"));
    const target = await pid;
    for (const signal of ["SIGCHLD", "SIGCONT", "SIGWINCH", "SIGPIPE", "SIGURG", "SIGUSR1", 0])
      expect(await kill(target, signal)).toBe("true");
    expect(await kill(target, "SIGTERM")).toBe("true");
    expect((await ended).exitCode).toBe(0);
  });

  it("ends even one that says it listens, where nobody can", async () => {
    const { pid, ended } = start(
      "process.on('SIGTERM', () => {}); try { process.on('SIGKILL', () => {}) } catch (error) { console.log(error.code) } setInterval(() => {}, 1000);",
    );
    expect(await kill(await pid, "SIGKILL")).toBe("true");
    const { stdout, exitCode } = await ended;
    expect([stdout.split("\n")[1], exitCode]).toEqual(["EINVAL", 137]);
  });

  it("doesn't let a program outlive its timeout", async () => {
    const code = `for (const name of Object.keys(os.constants.signals)) try { process.on(name, () => {}) } catch {} setInterval(() => {}, 1000)`;
    const { exitCode, termination } = await rt.exec(`import os from "node:os"; ${code}`, { timeout: 200 });
    expect([exitCode, termination?.reason]).toEqual([124, "timeout"]);
  });

  /** A child that writes without end, in a file or to its stdout, and its parent, which counts what it writes. */
  const counting = (step: string) => `
    import { spawn, spawnSync } from "node:child_process";
    import { once } from "node:events";
    import { closeSync, openSync, readFileSync, writeFileSync } from "node:fs";
    writeFileSync("count", "");
    const file = openSync("count", "a");
    const child = spawn(process.execPath, ["-e", ${JSON.stringify(step)}], { stdio: ["ignore", file, "inherit"] });
    closeSync(file);
    const count = () => readFileSync("count").length;
    const grows = async () => { for (const from = count(); count() <= from + 3; ) await new Promise(setImmediate); };
    await grows();
    child.kill("SIGSTOP");
    // A call that was under way has its end.
    spawnSync("true");
    const stopped = count();
    for (let i = 0; i < 20; i++) spawnSync("true");
    console.log(count() - stopped);`;

  it.each([
    ["writes to a file", "for (;;) require('fs').appendFileSync('count', 'x');"],
    ["prints", "for (;;) require('fs').writeSync(1, 'x');"],
    ["runs a loop of events", "setInterval(() => console.log('x'), 1);"],
    [
      "has threads",
      'new (require(\'worker_threads\').Worker)(\'for (;;) require("fs").appendFileSync("count", "x")\', { eval: true });',
    ],
  ])("stops a process that %s at its next call, until SIGCONT", async (_what, step) => {
    const code = `${counting(step)}
      child.kill("SIGCONT");
      await grows();
      child.kill("SIGSTOP");
      child.kill("SIGSTOP");
      child.kill("SIGTERM");
      spawnSync("true");
      console.log(child.exitCode, child.signalCode);
      child.kill("SIGCONT");
      console.log(...await once(child, "exit"));`;
    expect(await rt.exec(code, { timeout: 50_000 })).toMatchObject({
      stdout: "0\nnull null\nnull SIGTERM\n",
      stderr: "",
    });
  });

  it("ends a process that is stopped, by SIGKILL and with its call", async () => {
    const code = `${counting("for (;;) require('fs').writeSync(1, 'x');")}
      child.kill("SIGKILL");
      console.log(...await once(child, "exit"));
      const other = spawn(process.execPath, ["-e", "process.kill(process.pid, 'SIGSTOP'); console.log('never')"]);
      other.stdout.on("data", () => console.log("heard"));
      for (let i = 0; i < 20; i++) spawnSync("true");
      process.exit();`;
    expect((await rt.exec(code, { timeout: 50_000 })).stdout).toBe("0\nnull SIGKILL\n");
    const alone = await rt.exec("process.kill(process.pid, 'SIGSTOP'); console.log('never')", {
      timeout: 200,
    });
    expect([alone.stdout, alone.termination?.reason]).toEqual(["", "timeout"]);
  });

  it("stops nobody by SIGTSTP who has nobody to go on by, and none who listens", async () => {
    const code = `
      import { spawnSync } from "node:child_process";
      process.kill(process.pid, "SIGTSTP");
      const listens = "process.on('SIGTSTP', () => { console.log('heard'); process.exit() }); process.kill(process.pid, 'SIGTSTP'); setInterval(() => {}, 1000)";
      console.log(String(spawnSync(process.execPath, ["-e", listens]).stdout).trim());`;
    expect((await rt.exec(code, { timeout: 20_000 })).stdout).toBe("heard\n");
  });

  it("has a process go on by its handle", async () => {
    await using stopped = await rt.spawn("process.kill(process.pid, 'SIGSTOP'); console.log('on')");
    stopped.kill("SIGTERM");
    const other = await rt.spawn("process.kill(process.pid, 'SIGSTOP'); console.log('on')");
    let text = "";
    const reading = (async () => {
      for await (const piece of other.stdout) text += piece;
    })();
    // Whether it has stopped by now or is about to: one of them has it go on.
    const again = setInterval(() => other.kill("SIGCONT"), 20);
    await other.wait();
    clearInterval(again);
    await reading;
    expect(text).toBe("on\n");
  });

  it("comes from a thread of the process too", async () => {
    const { stdout, exitCode } = await rt.exec(
      `import { Worker } from "node:worker_threads";
       process.on("SIGTERM", () => { console.log("heard"); process.exit(5) });
       new Worker("process.kill(process.pid, 'SIGTERM'); setInterval(() => {}, 1000)", { eval: true });`,
      { timeout: 10_000 },
    );
    expect([stdout, exitCode]).toEqual(["heard\n", 5]);
  });
});
