import { getEventListeners } from "node:events";
import { setTimeout as pause } from "node:timers/promises";
import { describe, expect, test } from "vitest";
import { FileSystemError } from "../../src/errors/file-system-error.js";
import type { CallOptions } from "../../src/runtime/options/call-options.js";
import type { ReviveEvent } from "../../src/runtime/revival.js";
import { Runtime } from "../../src/runtime/runtime.js";
import type { FileStat, FileType } from "../../src/wire/messages.js";
import { FakeLauncher, type Program } from "./fake-machine.js";

const statOf = (type: FileType): FileStat => ({
  type,
  size: 0,
  mode: 0,
  uid: 0,
  gid: 0,
  nlink: 1,
  ino: 1,
  atimeMs: 0,
  mtimeMs: 0,
  ctimeMs: 0,
  birthtimeMs: 0,
});

const forEver: Program = () => {};

async function boot(program?: Program, options: Record<string, unknown> = {}) {
  const launcher = new FakeLauncher(program);
  const events: ReviveEvent[] = [];
  const runtime = await Runtime.start(
    { onRevive: (event: ReviveEvent) => events.push(event), ...options },
    launcher.launch,
  );
  const exec = (code = "", callOptions?: CallOptions) => runtime.call(code, callOptions, false);
  const run = (code = "", callOptions?: CallOptions) => runtime.call(code, callOptions, true);
  return { launcher, runtime, events, exec, run };
}

describe("calls", () => {
  test("a result has output, exit code and value", async () => {
    const { runtime, run, exec } = await boot((guest) => {
      guest.write("stdout", "out");
      guest.write("stderr", "err");
      guest.exit({ value: Buffer.from('{"a":1}') });
    });
    const rest = {
      stdout: "out",
      stderr: "err",
      exitCode: 0,
      stdoutTruncated: false,
      stderrTruncated: false,
    };
    expect(await run()).toEqual({ ...rest, value: { a: 1 } });
    expect(await exec()).toEqual({ ...rest, value: undefined });
    await runtime.dispose();
  });

  test("the machine gets what the call says", async () => {
    const { launcher, runtime, run } = await boot(undefined, { env: { A: "1" } });
    launcher.last.answer = () => ({ value: statOf("directory"), data: null, entries: null });
    await run("code()", { args: ["x"], cwd: "/tmp", timeout: 70, filePath: "/a.js", stdin: "typed" });
    const [guest] = launcher.last.guests;
    expect(guest?.request).toMatchObject({
      args: ["/a.js", "x"],
      cwd: "/tmp",
      timeout: expect.toSatisfy((left: number) => left > 60 && left <= 70),
      entry: { kind: "code", filePath: "/a.js" },
      memory: 256 * 1024 * 1024,
    });
    expect(guest?.request.env).toMatchObject({ A: "1", HOME: "/home/user" });
    expect(guest?.code).toBe("code()");
    expect(guest?.stdin).toBe("typed");
    expect(guest?.stdinEnded).toBe(true);
    expect(launcher.last.configuration).toMatchObject({ hostname: "secure-exec", limits: { processes: 64 } });
    await runtime.dispose();
  });

  test("a working directory that is not there, or no directory, rejects the call", async () => {
    const { launcher, runtime, exec } = await boot();
    launcher.last.answer = () => {
      throw new FileSystemError({ code: "ENOENT", errno: -2, syscall: "stat", path: "/gone" });
    };
    await expect(exec("", { cwd: "/gone" })).rejects.toMatchObject({
      message: "ENOENT: no such file or directory, chdir '/gone'",
      errno: -2,
    });
    launcher.last.answer = () => ({ value: statOf("file"), data: null, entries: null });
    await expect(exec("", { cwd: "/file" })).rejects.toMatchObject({
      message: "ENOTDIR: not a directory, chdir '/file'",
      errno: -20,
    });
    expect(launcher.last.guests).toHaveLength(0);
    expect((await exec("")).exitCode).toBe(0);
    await runtime.dispose();
  });

  test("a failing program is a result without a value", async () => {
    const { runtime, run } = await boot((guest) => guest.exit({ exitCode: 3, value: Buffer.from("1") }));
    expect(await run()).toMatchObject({ exitCode: 3, value: undefined });
    await runtime.dispose();
  });

  test("signal and termination are there when there are any", async () => {
    const { runtime, exec } = await boot((guest) =>
      guest.exit({ exitCode: 124, signal: "SIGKILL", termination: { reason: "timeout", limit: 50 } }),
    );
    const result = await exec("", { timeout: 50 });
    expect(result.signal).toBe("SIGKILL");
    expect(result.termination).toEqual({ reason: "timeout", limit: 50 });
    await runtime.dispose();
  });

  test("a value that is no JSON, or too large, rejects the call; the next one works", async () => {
    let value: Partial<{ value: Buffer; valueTooLarge: boolean }> = { value: Buffer.from("{") };
    const { runtime, run } = await boot((guest) => guest.exit(value));
    await expect(run()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_VALUE_REFUSED" });
    value = { valueTooLarge: true };
    await expect(run()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_VALUE_REFUSED" });
    value = { value: Buffer.from("7") };
    expect((await run()).value).toBe(7);
    await runtime.dispose();
  });

  test("output is truncated at the limit, callbacks get all of it", async () => {
    const { runtime, exec } = await boot(
      (guest) => {
        for (let count = 0; count < 10; count++) guest.write("stdout", "x".repeat(1000));
        guest.exit();
      },
      { limits: { outputBytes: 2048 } },
    );
    let seen = 0;
    const result = await exec("", {
      onStdout: (text) => {
        seen += text.length;
      },
    });
    expect(seen).toBe(10_000);
    expect(result.stdoutTruncated).toBe(true);
    expect(result.stderrTruncated).toBe(false);
    expect(result.stdout).toMatch(/^x{2048}\n\[secure-exec: stdout was cut/);
    await runtime.dispose();
  });

  test("more calls than processes wait for their turn", async () => {
    let running = 0;
    let most = 0;
    const { runtime, exec } = await boot(
      async (guest) => {
        most = Math.max(most, ++running);
        await pause(2);
        running--;
        guest.exit();
      },
      { limits: { processes: 3 } },
    );
    await Promise.all(Array.from({ length: 20 }, () => exec()));
    expect(most).toBe(3);
    await runtime.dispose();
  });

  test("wrong options reject before anything starts", async () => {
    const { launcher, runtime, exec } = await boot();
    await expect(exec("", { timeout: 0 })).rejects.toMatchObject({ key: "timeout" });
    expect(launcher.last.guests).toHaveLength(0);
    await runtime.dispose();
    await expect(Runtime.start({ limit: {} }, launcher.launch)).rejects.toMatchObject({ nearest: "limits" });
    expect(launcher.machines).toHaveLength(1);
  });
});

describe("callbacks", () => {
  test("what one throws rejects the call and kills the process alone", async () => {
    const { launcher, runtime, exec } = await boot((guest) => guest.write("stdout", "x"));
    const error = new Error("mine");
    const throwing = exec("", {
      onStdout() {
        throw error;
      },
    });
    await expect(throwing).rejects.toBe(error);
    await expect(exec("", { onStdout: () => Promise.reject(error) })).rejects.toBe(error);
    expect(launcher.last.guests.map((guest) => guest.kills)).toEqual([
      [{ signal: 9, reason: "aborted" }],
      [{ signal: 9, reason: "aborted" }],
    ]);
    expect(launcher.last.killed).toBeNull();
    await runtime.dispose();
  });

  test("the result waits for them", async () => {
    const { runtime, exec } = await boot((guest) => {
      guest.write("stdout", "x");
      guest.exit();
    });
    let done = false;
    await exec("", {
      onStdout: async () => {
        await pause(20);
        done = true;
      },
    });
    expect(done).toBe(true);
    await runtime.dispose();
  });

  test("a slow one holds the program back until it is stopped", async () => {
    const { launcher, runtime, exec } = await boot((guest) => guest.write("stdout", "12345"));
    const answer = exec("", { timeout: 30, onStdout: () => pause(60) });
    await pause(15);
    const guest = launcher.last.guests[0];
    expect(guest?.held.stdout).toBe(5);
    await pause(35);
    expect(guest?.held.stdout).toBe(0);
    guest?.exit({ exitCode: 124, termination: { reason: "timeout", limit: 30 } });
    expect(await answer).toMatchObject({ exitCode: 124, stdout: "12345" });
    await runtime.dispose();
  });
});

describe("abort", () => {
  test("before the call", async () => {
    const { launcher, runtime, exec } = await boot();
    const reason = new Error("no more");
    await expect(exec("", { signal: AbortSignal.abort(reason) })).rejects.toBe(reason);
    expect(launcher.last.guests).toHaveLength(0);
    await runtime.dispose();
  });

  test("during the call: rejects at once with the reason, ends the process, listens no longer", async () => {
    const { launcher, runtime, exec } = await boot((guest) => {
      guest.onKill = async (killed) => {
        await pause(20);
        killed.exit({ exitCode: 137 });
      };
    });
    const controller = new AbortController();
    const answer = exec("", { signal: controller.signal });
    await pause(5);
    controller.abort("why");
    await expect(answer).rejects.toBe("why");
    expect(launcher.last.guests[0]?.kills).toEqual([{ signal: 9, reason: "aborted" }]);
    expect(launcher.last.guests[0]?.over).toBe(false);
    expect(getEventListeners(controller.signal, "abort")).toHaveLength(0);
    await pause(120);
    expect(launcher.last.killed).toBeNull();
    await runtime.dispose();
  });

  test("a process that can't be ended costs the machine", async () => {
    const { launcher, runtime, exec, events } = await boot((guest) => {
      guest.onKill = () => {};
    });
    const controller = new AbortController();
    const answer = exec("", { signal: controller.signal });
    await pause(5);
    controller.abort();
    await expect(answer).rejects.toMatchObject({ name: "AbortError" });
    await pause(1400);
    expect(launcher.machines[0]?.killed).toBe("timeout");
    expect(events).toHaveLength(1);
    await runtime.dispose();
  });

  test("while waiting for a turn", async () => {
    const { launcher, runtime, exec } = await boot(forEver, { limits: { processes: 1 } });
    const first = exec().catch(() => {});
    const controller = new AbortController();
    const second = exec("", { signal: controller.signal });
    await pause(5);
    controller.abort();
    await expect(second).rejects.toMatchObject({ name: "AbortError" });
    launcher.last.guests[0]?.exit();
    await first;
    await pause(5);
    expect(launcher.last.guests).toHaveLength(1);
    await runtime.dispose();
  });
});

describe("what the kernel can't stop", () => {
  test("stuck at its timeout: 124 with all output, at once; the next call is on another machine", async () => {
    const { launcher, runtime, exec, events } = await boot((guest, machine) => {
      machine.deathTime = 30;
      if (guest.code === "next") return guest.exit();
      guest.write("stdout", "before");
      guest.handlers.stuck("timeout");
    });
    const result = await exec("", { timeout: 10 });
    expect(result).toMatchObject({
      exitCode: 124,
      stdout: "before",
      signal: "SIGKILL",
      termination: { reason: "timeout", limit: 10 },
    });
    expect(launcher.machines).toHaveLength(1);
    expect(launcher.last.killed).toBe("timeout");
    expect((await exec("next")).exitCode).toBe(0);
    expect(launcher.machines).toHaveLength(2);
    expect(launcher.last.options.disk).toMatchObject({ fd: 77 });
    expect(events).toMatchObject([
      { reason: "timeout", signal: "SIGKILL", disk: { repaired: 0, problems: [] } },
    ]);
    await runtime.dispose();
  });

  test("stuck over its memory: 137", async () => {
    const { runtime, exec } = await boot((guest) => guest.handlers.stuck("memory"));
    expect(await exec()).toMatchObject({
      exitCode: 137,
      termination: { reason: "memory", limit: 256 * 1024 * 1024 },
    });
    await runtime.dispose();
  });

  test("a kernel that says nothing: the host answers", async () => {
    const { launcher, runtime, exec } = await boot((guest) => guest.write("stdout", "before"));
    const began = performance.now();
    const result = await exec("", { timeout: 50 });
    expect(result).toMatchObject({
      exitCode: 124,
      stdout: "before",
      termination: { reason: "timeout", limit: 50 },
    });
    expect(performance.now() - began).toBeGreaterThanOrEqual(50);
    expect(launcher.machines[0]?.killed).toBe("timeout");
    await runtime.dispose();
  });

  test("the others in that machine reject, and hear that the runtime lives on", async () => {
    const { runtime, exec } = await boot((guest) => {
      if (guest.code === "stuck") setTimeout(() => guest.handlers.stuck("timeout"), 10);
    });
    const other = exec("other");
    const stuck = exec("stuck", { timeout: 5 });
    await expect(other).rejects.toMatchObject({
      code: "ERR_SECURE_EXEC_MACHINE_EXITED",
      reason: "timeout",
      message: expect.stringMatching(/Process 101 is gone; the runtime lives on/),
    });
    expect((await stuck).exitCode).toBe(124);
    await runtime.dispose();
  });
});

describe("a machine that dies", () => {
  const abort = { signal: "SIGABRT", stderr: "# Fatal error in V8\n" };

  test("of V8: the only call in it gets 134 and what the machine said", async () => {
    const { runtime, exec, events } = await boot((guest, machine) => {
      guest.write("stderr", "own\n");
      machine.die(abort);
    });
    const heard: string[] = [];
    expect(await exec("", { onStderr: (text) => heard.push(text) })).toMatchObject({
      exitCode: 134,
      signal: "SIGABRT",
      stderr: "own\n# Fatal error in V8\n",
      termination: { reason: "crash", limit: null },
    });
    expect(heard.join("")).toBe("own\n# Fatal error in V8\n");
    await pause(10);
    expect(events).toMatchObject([{ reason: "crashed", ...abort }]);
    await runtime.dispose();
  });

  test("out of memory: 137", async () => {
    const said = "FATAL ERROR: Reached heap limit Allocation failed - JavaScript heap out of memory\n";
    const { runtime, exec } = await boot((_, machine) => machine.die({ signal: "SIGABRT", stderr: said }));
    expect(await exec()).toMatchObject({ exitCode: 137, termination: { reason: "memory" }, stderr: said });
    await runtime.dispose();
  });

  test("over its own limits: 137 with the limit", async () => {
    let reason: "memory" | "threads" = "memory";
    const { runtime, exec } = await boot((_, machine) => machine.die({ reason, signal: "SIGKILL" }));
    expect(await exec()).toMatchObject({ exitCode: 137, termination: { reason, limit: 1024 ** 3 } });
    reason = "threads";
    expect(await exec()).toMatchObject({ exitCode: 137, termination: { reason, limit: 128 } });
    await runtime.dispose();
  });

  test("with several calls in it, none can be blamed: all reject", async () => {
    const { runtime, exec } = await boot((guest, machine) => {
      if (guest.id === 3) machine.die(abort);
    });
    const answers = await Promise.allSettled([exec(), exec(), exec()]);
    for (const answer of answers) {
      expect(answer).toMatchObject({
        status: "rejected",
        reason: { code: "ERR_SECURE_EXEC_MACHINE_EXITED", reason: "crashed", signal: "SIGABRT" },
      });
    }
    await runtime.dispose();
  });

  test("killed from outside: nobody is to blame, the next call works on the same disk", async () => {
    const { launcher, runtime, exec } = await boot((guest, machine) => {
      if (guest.code === "kill") machine.die({ signal: "SIGKILL" });
      else guest.exit();
    });
    await expect(exec("kill")).rejects.toMatchObject({
      code: "ERR_SECURE_EXEC_MACHINE_EXITED",
      reason: "crashed",
      signal: "SIGKILL",
    });
    expect((await exec()).exitCode).toBe(0);
    expect(launcher.last.options.disk.fd).toBe(77);
    await runtime.dispose();
  });

  test("after a breach of the protocol the calls reject with it", async () => {
    const { runtime, exec } = await boot((_, machine) =>
      machine.die({ reason: "protocol", signal: "SIGKILL", breach: "a frame of 5 GiB" }),
    );
    await expect(exec()).rejects.toMatchObject({
      code: "ERR_SECURE_EXEC_PROTOCOL",
      message: expect.stringContaining("a frame of 5 GiB"),
    });
    await runtime.dispose();
  });

  test("calls made meanwhile wait for the next one", async () => {
    const { launcher, runtime, exec } = await boot((guest, machine) => {
      if (guest.code === "die") machine.die(abort);
      else guest.exit();
    });
    await exec("die");
    const answers = await Promise.all([exec(), exec(), exec()]);
    expect(answers.map(({ exitCode }) => exitCode)).toEqual([0, 0, 0]);
    expect(launcher.machines).toHaveLength(2);
    await runtime.dispose();
  });

  test("hundred deaths, hundred revivals", async () => {
    const { launcher, runtime, exec, events } = await boot((_, machine) => machine.die(abort));
    for (let count = 0; count < 100; count++) expect((await exec()).exitCode).toBe(134);
    await pause(10);
    expect(events).toHaveLength(100);
    expect(launcher.machines).toHaveLength(101);
    await runtime.dispose();
  });

  test("without a memfd the runtime is dead and says so", async () => {
    const launcher = new FakeLauncher((_, machine) => machine.die(abort));
    launcher.disk = null;
    const runtime = await Runtime.start({}, launcher.launch);
    expect((await runtime.call("", {}, false)).exitCode).toBe(134);
    await expect(runtime.call("", {}, false)).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISK_LOST" });
    await expect(runtime.files.readFile("/a", null)).rejects.toMatchObject({
      code: "ERR_SECURE_EXEC_DISK_LOST",
    });
    expect(launcher.machines).toHaveLength(1);
    await runtime.dispose();
  });

  test("a disk that nothing could be saved from is lost", async () => {
    const { launcher, runtime, exec } = await boot((_, machine) => machine.die(abort));
    launcher.check = { repaired: 9, problems: ["all"], formatted: true };
    await exec();
    await expect(exec()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISK_LOST" });
    await expect(exec()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISK_LOST" });
    expect(launcher.last.killed).toBe("killed");
    await runtime.dispose();
  });

  test("a revival that fails is tried three times, and again by the next call", async () => {
    const { launcher, runtime, exec } = await boot((guest, machine) => {
      if (guest.code === "die") machine.die(abort);
      else guest.exit();
    });
    const failure = new Error("no more processes");
    launcher.failures = Array(6).fill(failure);
    await exec("die");
    await expect(exec()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_MACHINE_EXITED", cause: failure });
    expect(launcher.attempts).toBe(4);
    await expect(exec()).rejects.toMatchObject({
      message: expect.stringContaining("the next call tries again"),
    });
    expect((await exec()).exitCode).toBe(0);
    await runtime.dispose();
  });

  test("machines that die idle are not revived for ever", async () => {
    const { launcher, runtime, exec } = await boot();
    launcher.prepare = (machine) => {
      setTimeout(() => machine.die(abort), 1);
    };
    launcher.last.die(abort);
    await pause(60);
    expect(launcher.machines).toHaveLength(3);
    launcher.prepare = () => {};
    expect((await exec()).exitCode).toBe(0);
    await runtime.dispose();
  });

  test("an observer that throws harms nothing", async () => {
    const uncaught: unknown[] = [];
    const listeners = process.listeners("uncaughtException");
    process.removeAllListeners("uncaughtException");
    process.on("uncaughtException", (error) => uncaught.push(error));
    try {
      const { runtime, exec } = await boot(
        (guest, machine) => (guest.code === "die" ? machine.die(abort) : guest.exit()),
        {
          onRevive() {
            throw new Error("observer");
          },
        },
      );
      await exec("die");
      expect((await exec()).exitCode).toBe(0);
      await pause(5);
      expect(uncaught).toEqual([new Error("observer")]);
      await runtime.dispose();
    } finally {
      process.removeAllListeners("uncaughtException");
      for (const listener of listeners) process.on("uncaughtException", listener);
    }
  });
});

describe("dispose", () => {
  test("rejects what is pending, resolves when the process is gone, closes the disk once", async () => {
    const { launcher, runtime, exec } = await boot(forEver, { limits: { processes: 1 } });
    const running = exec();
    const waiting = exec();
    await pause(5);
    launcher.last.deathTime = 30;
    let gone = false;
    void launcher.last.exited.then(() => {
      gone = true;
    });
    const disposal = runtime.dispose();
    await expect(running).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    await expect(waiting).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    expect(gone).toBe(false);
    await disposal;
    expect(gone).toBe(true);
    expect(launcher.disk?.closed).toBe(1);
    await runtime.dispose();
    expect(launcher.disk?.closed).toBe(1);
    await expect(exec()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    await expect(runtime.files.exists("/a")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    expect(launcher.machines).toHaveLength(1);
  });

  test("during a revival: the new machine is killed as well", async () => {
    const { launcher, runtime, exec, events } = await boot((_, machine) =>
      machine.die({ signal: "SIGABRT" }),
    );
    await exec();
    const waiting = exec();
    const disposal = runtime.dispose();
    await expect(waiting).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    await disposal;
    expect(launcher.machines.slice(1).every((machine) => machine.killed === "killed")).toBe(true);
    expect(launcher.disk?.closed).toBe(1);
    expect(events).toHaveLength(0);
  });

  test("of a runtime whose revival fails", async () => {
    const { launcher, runtime, exec } = await boot((_, machine) => machine.die({ signal: "SIGABRT" }));
    launcher.failures = Array(10).fill(new Error("none"));
    await exec();
    await runtime.dispose();
    expect(launcher.attempts).toBeLessThanOrEqual(3);
  });

  test("ends what the file system was doing", async () => {
    const { launcher, runtime } = await boot();
    const { MachineExitedError } = await import("../../src/errors/machine-exited-error.js");
    launcher.last.fs = () =>
      launcher.last.exited.then(({ reason }) => Promise.reject(new MachineExitedError({ reason })));
    const reading = runtime.files.readFile("/a", null);
    await pause(1);
    await Promise.all([
      expect(reading).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" }),
      runtime.dispose(),
    ]);
  });
});

describe("create", () => {
  test("puts the files on the disk and makes the working directory", async () => {
    const { launcher, runtime } = await boot(undefined, {
      cwd: "/work",
      files: { "/work/a.txt": "a", "/b/c": Uint8Array.of(1) },
    });
    expect(
      launcher.last.operations.map(({ operation, data }) => ({ ...operation, data: data && [...data] })),
    ).toEqual([
      { op: "mkdir", path: "/work", recursive: true, mode: null, data: undefined },
      { op: "writeFile", path: "/work/a.txt", mode: null, parents: true, data: [97] },
      { op: "writeFile", path: "/b/c", mode: null, parents: true, data: [1] },
    ]);
    await runtime.dispose();
  });

  test("leaves nothing behind when it fails", async () => {
    const launcher = new FakeLauncher();
    launcher.prepare = (machine) => {
      machine.answer = () => {
        throw new Error("disk");
      };
    };
    await expect(Runtime.start({ files: { "/a": "" } }, launcher.launch)).rejects.toThrow("disk");
    expect(launcher.last.killed).toBe("killed");
    expect(launcher.disk?.closed).toBe(1);
    launcher.prepare = (machine) => {
      machine.configure = () => Promise.reject(new Error("configure"));
    };
    await expect(Runtime.start({}, launcher.launch)).rejects.toThrow("configure");
    expect(launcher.last.killed).toBe("killed");
  });

  test("passes on why no machine could be started", async () => {
    const launcher = new FakeLauncher();
    const failure = new Error("no jail");
    launcher.failures = [failure];
    await expect(Runtime.start({}, launcher.launch)).rejects.toBe(failure);
  });
});
