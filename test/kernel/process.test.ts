import { setTimeout as sleep } from "node:timers/promises";
import { afterEach, beforeAll, beforeEach, describe, expect, it, vi } from "vitest";
import { administrator } from "../../src/kernel/base-tree.js";
import { WINDOW_BYTES } from "../../src/wire/limits.js";
import { bundleGuest, MiB, TestMachine } from "./harness.js";

let source = "";
let machine: TestMachine;
beforeAll(async () => {
  source = await bundleGuest();
});
beforeEach(async () => {
  machine = new TestMachine(source);
  await machine.configured;
});
afterEach(() => expect(machine.breach).toBe(null));

describe("a process", () => {
  it("runs and ends with its code, its output and its value", async () => {
    const ended = await machine.run(
      `sys.write(1, "out"); sys.write(2, "err"); sys.value('{"a":1}'); sys.exit(0)`,
    );
    expect(ended).toMatchObject({
      exitCode: 0,
      signal: null,
      termination: null,
      stdout: "out",
      stderr: "err",
    });
    expect(String(ended.value)).toBe('{"a":1}');
  });

  it("has no value unless it ends with 0", async () => {
    const ended = await machine.run(`sys.value("1"); sys.exit(3)`);
    expect(ended).toMatchObject({ exitCode: 3, value: null });
  });

  it("ends with its worker's code when it says none", async () => {
    expect(await machine.run("process.exitCode = 4; sys.port.close()")).toMatchObject({ exitCode: 4 });
  });

  it("shows an error that nothing printed", async () => {
    const ended = await machine.run("throw new Error('lost')");
    expect(ended).toMatchObject({ exitCode: 1, termination: null });
    expect(ended.stderr).toContain("Error: lost");
  });

  it("gets what it was started with", async () => {
    const ended = await machine.run(`sys.write(1, JSON.stringify(sys.start)); sys.exit(0)`, {
      args: ["a", "b"],
      env: { A: "1" },
      entry: { kind: "code", filePath: "/tmp/x.mjs" },
    });
    expect(JSON.parse(ended.stdout)).toMatchObject({
      pid: ended.pid,
      ppid: 1,
      execPath: "/usr/local/bin/node",
      args: ["a", "b"],
      execArgv: [],
      env: { A: "1" },
      cwd: "/home/user",
      umask: 0o022,
      uid: 1000,
      gid: 1000,
      hostname: "secure-exec",
      memory: { limit: 256 * MiB },
      entry: { kind: "module", filePath: "/tmp/x.mjs" },
    });
  });

  it("loses nothing that it wrote before an exit, 16 MiB of it", async () => {
    const ended = await machine.run(`sys.write(1, Buffer.alloc(16 << 20, 120)); sys.exit(0)`);
    expect(ended.stdout.length).toBe(16 * MiB);
  });

  it("keeps the order between its two outputs", async () => {
    const { call, output, ended } = machine.start(
      `for (let i = 0; i < 2000; i++) sys.write(1 + (i & 1), i + (i % 7 ? "," : "x".repeat(5000) + ",")); sys.exit(0)`,
    );
    call.endStdin();
    await ended;
    const numbers = output
      .map(([, text]) => text)
      .join("")
      .split(",")
      .slice(0, -1)
      .map((text) => Number.parseInt(text, 10));
    expect(numbers).toEqual(Array.from({ length: 2000 }, (_, i) => i));
  });

  it("stalls while its output isn't consumed, in bounded memory", async () => {
    const { ended, output } = machine.start(
      `for (let i = 0; i < 64; i++) { sys.write(1, Buffer.alloc(65536, 65)); sys.disk.mkdir("/tmp/" + i, 0o755); } sys.exit(0)`,
      {},
      true,
    );
    expect(await Promise.race([ended, sleep(300, "stalled")])).toBe("stalled");
    const received = output.reduce((sum, [, text]) => sum + text.length, 0);
    expect(received).toBe(256 * 1024);
    const { entries } = await machine.host.fs({ op: "readdir", path: "/tmp" });
    expect(entries?.length).toBeLessThan(12);
  });

  it("gives back its files", async () => {
    const code = `for (let i = 0; i < 40; i++) sys.files.alloc(sys.disk.open("/tmp/f" + i, 0o102, 0o644)); sys.exit(0)`;
    // Far more in all than there is room for in the disk's table of open files.
    for (let i = 0; i < 8; i++) expect((await machine.run(code)).exitCode).toBe(0);
    const last = await machine.run(
      `sys.write(1, String(sys.disk.open("/tmp/last", 0o102, 0o644))); sys.exit(0)`,
    );
    expect(Number(last.stdout)).toBeLessThan(40);
  });

  it("is refused where there are too many", async () => {
    const small = new TestMachine(source, { processes: 1 });
    await small.configured;
    const first = small.start("sys.read(1); sys.exit(0)");
    const second = await small.run("sys.exit(0)");
    expect(second).toMatchObject({ exitCode: 126, stderr: "spawn node EAGAIN: too many processes\n" });
    first.call.endStdin();
    expect(await first.ended).toMatchObject({ exitCode: 0 });
  });

  it("refuses calls that don't exist", async () => {
    const ended = await machine.run(`sys.write(1, String(sys.channel.call(4711, 0, 0))); sys.exit(0)`);
    expect(ended.stdout).toBe("-38");
  });

  it("is ended when it breaks its channel", async () => {
    const ended = await machine.run(
      `new Int32Array(sys.threadPage)[2] = 12345; sys.port.postMessage(0); for (;;);`,
    );
    expect(ended).toMatchObject({ exitCode: 70, termination: null });
  });

  it("can send messages that mean nothing", async () => {
    const ended = await machine.run(
      `for (const m of [null, 1, "x", { t: "ready" }, { t: "start" }, [], new Map(), Symbol.iterator.description, new SharedArrayBuffer(8)]) sys.port.postMessage(m);
       sys.write(1, "on"); sys.exit(0)`,
    );
    expect(ended).toMatchObject({ exitCode: 0, stdout: "on" });
  });
});

describe("standard input", () => {
  it("is read by sync calls up to its end", async () => {
    const { call, output, ended } = machine.start(
      `for (let text; (text = sys.read(5)) !== ""; ) sys.write(1, text + "|"); sys.exit(0)`,
    );
    void call.writeStdin(Buffer.from("hello world"));
    await expect.poll(() => output.map(([, text]) => text).join("")).toBe("hello| worl|d|");
    void call.writeStdin(Buffer.from("!"));
    call.endStdin();
    expect((await ended).stdout).toBe("hello| worl|d|!|");
  });

  it("flows without a word to the kernel, and its end with it", async () => {
    const { call, ended } = machine.start(
      `let got = 0;
       for (let text; (text = sys.read(100_000)) !== ""; ) got += text.length;
       sys.write(1, String(got)); sys.exit(0);`,
    );
    void call.writeStdin(Buffer.alloc(2 * MiB, "a"));
    call.endStdin();
    expect((await ended).stdout).toBe(String(2 * MiB));
  });

  it("is taken off the host's hands when its reader has closed it", async () => {
    const { call, output, ended } = machine.start(
      `sys.disk.close(sys.files.free(0)); sys.write(1, "closed"); setTimeout(() => sys.exit(0), 1e9)`,
    );
    await expect.poll(() => output.length).toBe(1);
    expect(await call.writeStdin(Buffer.alloc(2 * MiB))).toBe(true);
    call.kill(9, "killed");
    expect((await ended).exitCode).toBe(137);
  });

  it("leaves nothing of the disk taken", async () => {
    const room = () => {
      const out = new Float64Array(7);
      administrator(machine.memory, 1000).statfs("/", out);
      return [out[3], out[6]];
    };
    await machine.run("sys.exit(0)");
    const before = room();
    const { call, ended } = machine.start("sys.read(1); sys.exit(0)");
    void call.writeStdin(Buffer.alloc(300_000));
    await ended;
    await machine.run("sys.disk.close(sys.files.free(0)); sys.exit(0)");
    expect(room()).toEqual(before);
  });

  it("ends with its call, whatever a guest has made of the pipe's memory", async () => {
    // All of the disk beyond the superblock, over and over.
    const { call, ended } = machine.start(
      `const words = new Int32Array(sys.memory.buffer, sys.memory.byteOffset + 8192);
       sys.write(1, "begins");
       for (let round = 0; ; round++) words.fill(Math.imul(round, 0x9e3779b1));`,
      { timeout: 300 },
    );
    void call.writeStdin(Buffer.alloc(1 * MiB));
    expect(await ended).toMatchObject({ exitCode: 124, stdout: "begins" });
  });

  it("holds the host back while nobody reads", async () => {
    const { call, ended } = machine.start("sys.read(1); setTimeout(() => sys.exit(0), 300)");
    const sent = call.writeStdin(Buffer.alloc(8 * MiB));
    expect(await Promise.race([sent, sleep(200, "held")])).toBe("held");
    expect((await ended).exitCode).toBe(0);
  });
});

describe("an end from outside", () => {
  it("comes at the timeout, with what was written before", async () => {
    const ended = await machine.run(`sys.write(1, "before"); for (;;);`, { timeout: 200 });
    expect(ended).toMatchObject({
      exitCode: 124,
      signal: "SIGKILL",
      termination: { reason: "timeout", limit: 200 },
      stdout: "before",
    });
  });

  it("comes for a process that waits, reads or runs", async () => {
    for (const code of [
      "Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0)",
      "sys.read(1)",
      "setInterval(() => {}, 1000)",
      "for (;;) sys.disk.stat('/tmp', new Float64Array(18))",
    ]) {
      const { ended } = machine.start(code, { timeout: 100 });
      expect(await ended).toMatchObject({ exitCode: 124 });
    }
  });

  it("throws away no output of a process that it finds at a full ring", async () => {
    const { call, output, ended } = machine.start("for (;;) sys.write(1, 'x'.repeat(60000))", {}, true);
    // All that may be sent to somebody who takes none of it.
    const sent = () => output.reduce((sum, [, text]) => sum + text.length, 0);
    await vi.waitFor(() => expect(sent()).toBe(WINDOW_BYTES), { timeout: 10_000 });
    call.kill(9, "aborted");
    // What it had written beyond that can't be delivered.
    expect(await Promise.race([ended, sleep(300, "undelivered")])).toBe("undelivered");
  });

  it("is told as stuck when native code doesn't stop", async () => {
    const ended = await machine.run(
      `sys.write(1, "before"); require("node:crypto").pbkdf2Sync("a", "b", 8e6, 64, "sha512"); sys.exit(0)`,
      { timeout: 1000 },
    );
    expect(ended).toMatchObject({ stuck: "timeout", stdout: "before" });
    expect(ended.milliseconds).toBeGreaterThan(1050);
  });

  it("comes by the host's signal, with its reason", async () => {
    const { call, ended } = machine.start("for (;;);");
    await sleep(100);
    call.kill(15, "killed");
    expect(await ended).toMatchObject({
      exitCode: 143,
      signal: "SIGTERM",
      termination: { reason: "killed", limit: null },
    });
  });

  it("comes by its own signal or another process's", async () => {
    const own = await machine.run("sys.channel.call(sys.SYS_KILL, sys.start.pid, 6); sys.exit(0)");
    expect(own).toMatchObject({ exitCode: 134, signal: "SIGABRT", termination: null });
    const other = machine.start("for (;;);");
    await sleep(50);
    const results = await machine.run(
      `const kill = (pid, signal) => sys.channel.call(sys.SYS_KILL, pid, signal);
       sys.write(1, [kill(2, 0), kill(1, 9), kill(999, 9), kill(0, 0), kill(2, 99), kill(2, NaN), kill(0, 28), kill(2, 19), kill(3, 9)].join()); sys.exit(0)`,
    );
    expect(results.stdout).toBe("-3,-1,-3,0,-22,-22,0,-3,0");
    expect(await other.ended).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
  });

  it("comes before the process is there", async () => {
    const { call, ended } = machine.start("sys.exit(0)");
    call.kill(9, "aborted");
    expect(await ended).toMatchObject({ exitCode: 137, termination: { reason: "aborted" } });
  });

  it("comes at the memory limit, of the heap and of buffers", async () => {
    for (const code of [
      "const a = []; for (;;) a.push({ x: a.length })",
      "const a = []; for (;;) a.push(Buffer.alloc(1 << 20, 1))",
    ]) {
      const ended = await machine.run(`sys.write(1, "before"); ${code}`, { memory: 64 * MiB });
      expect(ended).toMatchObject({
        exitCode: 137,
        signal: "SIGKILL",
        termination: { reason: "memory", limit: 64 * MiB },
        stdout: "before",
      });
    }
  });

  it("doesn't come for garbage", async () => {
    const ended = await machine.run(
      `let keep; for (let i = 0; i < 300; i++) { keep = new Array(1e5).fill(i); keep = Buffer.alloc(1 << 20, i); } sys.exit(0)`,
      { memory: 128 * MiB },
    );
    expect(ended).toMatchObject({ exitCode: 0, termination: null });
  });
});

describe("the spare thread", () => {
  it("serves many calls, one after the other and at once", async () => {
    for (let i = 0; i < 10; i++) expect((await machine.run("sys.exit(0)")).exitCode).toBe(0);
    const all = await Promise.all(Array.from({ length: 8 }, (_, i) => machine.run(`sys.exit(${i})`)));
    expect(all.map(({ exitCode }) => exitCode)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  });

  it("may be switched off", async () => {
    const bare = new TestMachine(source, { spare: false });
    await bare.configured;
    expect((await bare.run("sys.exit(5)")).exitCode).toBe(5);
    expect((await bare.run("sys.exit(6)")).exitCode).toBe(6);
  });
});
