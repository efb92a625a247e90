import { setTimeout as pause } from "node:timers/promises";
import { type GuestProcess, NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let rt: NodeRuntime;
beforeAll(async () => {
  rt = await NodeRuntime.create({
    files: { "/home/user/data.txt": "b\na\n", "/home/user/script": "#!/bin/sh\necho script $#\n" },
  });
  await rt.chmod("/home/user/script", 0o755);
});
afterAll(() => rt.dispose());

async function textOf(stream: AsyncIterable<string>): Promise<string> {
  let all = "";
  for await (const text of stream) all += text;
  return all;
}

/** Reads until a text has come. */
async function until(stream: AsyncIterable<string>, wanted: string): Promise<string> {
  let all = "";
  for await (const text of stream) {
    all += text;
    if (all.includes(wanted)) return all;
  }
  throw new Error(`"${wanted}" did not come, but ${JSON.stringify(all)}`);
}

const echo = "process.stdin.on('data', (data) => process.stdout.write(String(data).toUpperCase()))";

describe("spawn", () => {
  test("follows code while it runs", async () => {
    const child = await rt.spawn(`${echo}; console.error("ready")`);
    expect(child.pid).toBeGreaterThan(1);
    expect(await until(child.stderr, "ready")).toBe("ready\n");
    for (const word of ["one", "two"]) {
      await child.writeStdin(word);
      expect(await until(child.stdout, word.toUpperCase())).toBe(word.toUpperCase());
    }
    expect([child.exitCode, child.signalCode, child.kill(0)]).toEqual([null, null, true]);
    child.closeStdin();
    child.closeStdin();
    expect(await child.wait()).toEqual({ exitCode: 0 });
    expect([child.exitCode, child.signalCode, child.kill(), child.kill(0)]).toEqual([0, null, false, false]);
    expect(await textOf(child.stdout)).toBe("");
  });

  test("runs commands, and gives them what is asked for", async () => {
    const child = await rt.spawn(
      { command: "sh", args: ["-c", 'cat; echo "$A $PWD $0 $1" >&2; exit 3', "name", "first"] },
      { env: { A: "a" }, cwd: "/tmp", stdin: "given" },
    );
    await expect(child.writeStdin("more")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_STDIN_CLOSED" });
    const [out, err, end] = await Promise.all([textOf(child.stdout), textOf(child.stderr), child.wait()]);
    expect([out, err, end]).toEqual(["given", "a /tmp name first\n", { exitCode: 3 }]);
  });

  test("hands output to callbacks, in the order of writing", async () => {
    const pieces: string[] = [];
    const child = await rt.spawn(
      "for (let i = 0; i < 3; i++) { console.log('out', i); console.error('err', i) }",
      {
        onStdout: (text) => pieces.push(text),
        onStderr: async (text) => {
          await pause(1);
          pieces.push(text);
        },
      },
    );
    await child.wait();
    expect(pieces.join("")).toBe("out 0\nerr 0\nout 1\nerr 1\nout 2\nerr 2\n");
    expect(await textOf(child.stdout)).toBe("");
  });

  test("one stream can be heard and the other read", async () => {
    const heard: string[] = [];
    const child = await rt.spawn("console.log('x'.repeat(9)); console.error('e')", {
      onStderr: (text) => heard.push(text),
    });
    expect(await child.wait()).toEqual({ exitCode: 0 });
    expect(await textOf(child.stdout)).toBe("xxxxxxxxx\n");
    expect(heard.join("")).toBe("e\n");
  });

  test("holds a process back whose output nobody reads, and loses nothing of it", async () => {
    const child = await rt.spawn(
      "import fs from 'node:fs'; for (let i = 0; i < 40; i++) { fs.writeSync(1, 'x'.repeat(100_000)); fs.writeFileSync('/tmp/written', String(i)) }",
    );
    // It comes to rest, far from its end.
    let last = -1;
    for (let now = -2; now !== last || now < 0; await pause(200)) {
      last = now;
      now = (await rt.exists("/tmp/written")) ? Number(await rt.readFile("/tmp/written", "utf8")) : -1;
    }
    expect(last).toBeLessThan(20);
    expect(child.exitCode).toBe(null);
    expect((await textOf(child.stdout)).length).toBe(4_000_000);
    expect(await child.wait()).toEqual({ exitCode: 0 });
  });

  test("a process that floods and that nobody reads can be killed", async () => {
    const child = await rt.spawn({ command: "yes" });
    await pause(50);
    expect(child.kill("SIGKILL")).toBe(true);
    expect(await child.wait()).toMatchObject({
      exitCode: 137,
      signal: "SIGKILL",
      termination: { reason: "killed" },
    });
    expect(child.signalCode).toBe("SIGKILL");
  });

  test("holds writers back while nobody reads", async () => {
    const child = await rt.spawn({ command: "sleep", args: ["1000"] });
    const written = child.writeStdin(Buffer.alloc(4_000_000));
    expect(await Promise.race([written.then(() => "written"), pause(200, "held")])).toBe("held");
    const refused = expect(written).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_STDIN_CLOSED" });
    child.kill("SIGKILL");
    await refused;
    await expect(child.writeStdin("late")).rejects.toMatchObject({
      name: "StdinClosedError",
      message: "Nothing more can be written to the standard input: the process has ended.",
    });
  });

  test("signals are heard, or end what doesn't listen", async () => {
    const listening = await rt.spawn(
      "process.on('SIGINT', () => { console.log('heard'); process.exit(5) }); console.log('ready'); setInterval(() => {}, 1000)",
    );
    await until(listening.stdout, "ready");
    listening.kill("SIGINT");
    expect(await textOf(listening.stdout)).toBe("heard\n");
    expect(await listening.wait()).toEqual({ exitCode: 5 });
    const deaf = await rt.spawn({ command: "sleep", args: ["1000"] });
    deaf.kill();
    expect(await deaf.wait()).toMatchObject({ exitCode: 143, signal: "SIGTERM" });
    expect(() => deaf.kill("SIGNOPE" as NodeJS.Signals)).toThrow(
      '"signal" must be the name or the number of a signal, got "SIGNOPE"',
    );
    expect(() => deaf.kill(1000)).toThrow("got 1000");
  });

  test("what a process leaves behind ends with it", async () => {
    const child = await rt.spawn({ command: "sh", args: ["-c", "sleep 1000 & echo $!"] });
    const pid = (await textOf(child.stdout)).trim();
    expect(await child.wait()).toEqual({ exitCode: 0 });
    const { exitCode } = await rt.command("kill", ["-0", pid]);
    expect(exitCode).toBe(1);
  });

  test("time limits and signals end it", async () => {
    const slow = await rt.spawn({ command: "sleep", args: ["1000"] }, { timeout: 50 });
    expect(await slow.wait()).toMatchObject({ exitCode: 124, termination: { reason: "timeout", limit: 50 } });
    const controller = new AbortController();
    const aborted = await rt.spawn({ command: "cat" }, { signal: controller.signal });
    controller.abort(new Error("enough"));
    await expect(aborted.wait()).rejects.toThrow("enough");
    expect(await textOf(aborted.stdout)).toBe("");
    await expect(rt.spawn("", { signal: AbortSignal.abort(new Error("never")) })).rejects.toThrow("never");
  });

  test("what nobody waits for rejects for nobody", async () => {
    const rejections: unknown[] = [];
    const note = (reason: unknown) => rejections.push(reason);
    process.on("unhandledRejection", note);
    const controller = new AbortController();
    const child = await rt.spawn({ command: "cat" }, { signal: controller.signal });
    controller.abort();
    await child[Symbol.asyncDispose]();
    await pause(20);
    process.off("unhandledRejection", note);
    expect(rejections).toEqual([]);
  });

  test("is disposed of with its runtime, and by itself", async () => {
    const own = await NodeRuntime.create();
    let alive: GuestProcess;
    {
      await using child = await own.spawn({ command: "yes" });
      alive = child;
    }
    expect((await alive.wait()).exitCode).toBe(137);
    const child = await own.spawn({ command: "cat" });
    const ended = expect(child.wait()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
    await own.dispose();
    await ended;
    await expect(own.spawn("")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_DISPOSED" });
  });

  test("tells of its machine's death", async () => {
    const own = await NodeRuntime.create();
    const child = await own.spawn({ command: "cat" });
    const lost = expect(child.wait()).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_MACHINE_EXITED" });
    // Nothing interrupts it, so that the machine has to go.
    const endless = "import { pbkdf2Sync } from 'node:crypto'; pbkdf2Sync('a', 'b', 1e9, 64, 'sha512')";
    let alive = true;
    void lost.then(() => {
      alive = false;
    });
    // On a busy computer its time may be over before it has begun.
    while (alive) expect(await own.exec(endless, { timeout: 1000 })).toMatchObject({ exitCode: 124 });
    await lost;
    expect([child.exitCode, child.kill(), await textOf(child.stdout)]).toEqual([null, false, ""]);
    await expect(child.writeStdin("x")).rejects.toMatchObject({ code: "ERR_SECURE_EXEC_STDIN_CLOSED" });
    expect((await own.command("echo", ["on"])).stdout).toBe("on\n");
    await own.dispose();
  });

  test("refuses what it can't use", async () => {
    const refused = (promise: Promise<unknown>) =>
      promise.then(
        () => "",
        (error: Error) => error.message,
      );
    expect(await refused(rt.spawn(5 as never))).toBe(
      '"program" must be code, or an object with a command, got 5.',
    );
    expect(await refused(rt.spawn({ comand: "sh" } as never))).toContain('Did you mean "program.command"?');
    expect(await refused(rt.spawn({ command: "" }))).toContain("the name or path of a program");
    expect(await refused(rt.spawn({ command: "a\0b" }))).toContain("without NUL");
    expect(await refused(rt.spawn({ command: "sh", args: [1] } as never))).toContain("args[0]");
    expect(await refused(rt.spawn({ command: "sh" }, { filePath: "/a.mjs" } as never))).toContain("filePath");
    expect(await refused(rt.spawn({ command: "sh" }, { cwd: "/nowhere" }))).toContain("ENOENT");
    const child = await rt.spawn({ command: "cat" });
    expect(await refused(child.writeStdin(5 as never))).toContain('"data" must be a string or a Uint8Array');
    child.closeStdin();
    expect(await refused(child.writeStdin("x"))).toContain("it was closed");
    await child.wait();
  });
});

describe("command", () => {
  test("runs programs of every kind", async () => {
    expect(await rt.command("sort", ["data.txt"])).toMatchObject({ stdout: "a\nb\n", exitCode: 0 });
    expect(await rt.command("./script", ["x", "y"])).toMatchObject({ stdout: "script 2\n" });
    expect(await rt.command("/bin/sh", ["-c", "sort | cat"], { stdin: "b\na" })).toMatchObject({
      stdout: "a\nb\n",
    });
    expect(await rt.command("node", ["-p", "process.argv.length + process.argv0"])).toMatchObject({
      stdout: "1node\n",
    });
    expect(await rt.command("sh", ["-c", "kill -9 $$"])).toMatchObject({ exitCode: 137, signal: "SIGKILL" });
    expect(await rt.command("node", ["--no-such-option"])).toMatchObject({
      exitCode: 9,
      stderr: "node: bad option: --no-such-option\n",
    });
  });

  test("answers for what can't be run as a shell does", async () => {
    await rt.writeFile("/home/user/plain", "echo no\n");
    const told = async (name: string) => {
      const { exitCode, stderr } = await rt.command(name);
      return [exitCode, stderr];
    };
    expect(await told("nowhere")).toEqual([127, "secure-exec: nowhere: command not found (ENOENT)\n"]);
    expect(await told("./nowhere")).toEqual([
      127,
      "secure-exec: ./nowhere: no such file or directory (ENOENT)\n",
    ]);
    expect(await told("./plain")).toEqual([126, "secure-exec: ./plain: permission denied (EACCES)\n"]);
    expect(await told("/tmp")).toEqual([126, "secure-exec: /tmp: permission denied (EACCES)\n"]);
    const child = await rt.spawn({ command: "nowhere" });
    expect([child.pid, await child.wait()]).toEqual([undefined, { exitCode: 127 }]);
    expect(await textOf(child.stderr)).toContain("ENOENT");
  });

  test("hears output while it runs, and takes the options of exec", async () => {
    const heard: string[] = [];
    const controller = new AbortController();
    const running = rt.command("sh", ["-c", "echo begun; sleep 1000"], {
      signal: controller.signal,
      onStdout: (text) => {
        heard.push(text);
        controller.abort(new Error("heard enough"));
      },
    });
    await expect(running).rejects.toThrow("heard enough");
    expect(heard).toEqual(["begun\n"]);
    await expect(rt.command("sh", "x" as never)).rejects.toThrow('"args" must be an array of strings');
    await expect(rt.command("sh", [], { filePath: "/x" } as never)).rejects.toThrow("filePath");
  });

  test("asks no rule for what the host wants, but for what that starts", async () => {
    await using own = await NodeRuntime.create({ permissions: { childProcess: "deny" } });
    expect(await own.command("echo", ["allowed"])).toMatchObject({ stdout: "allowed\n" });
    const { stderr, exitCode } = await own.command("sh", ["-c", "node -v"]);
    expect([stderr.includes("node: Permission denied"), exitCode]).toEqual([true, 126]);
  });
});
