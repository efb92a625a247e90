import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let runtime: NodeRuntime;
let revivals = 0;
beforeAll(async () => {
  runtime = await NodeRuntime.create({ limits: { processes: 6 }, onRevive: () => revivals++ });
});
afterAll(async () => {
  await runtime.dispose();
});

const prelude = `
  import { execFileSync, spawn, spawnSync } from "node:child_process";
  import { once } from "node:events";
  const node = process.execPath;
  const idle = ["-e", "setInterval(() => {}, 1000)"];
`;

async function expectAlive() {
  expect((await runtime.run("__return(6 * 7)")).value).toBe(42);
}

/** How many descriptors, files and processes of the machine a program finds in use. */
async function leftOver(): Promise<unknown> {
  const { value } = await runtime.run(
    `import { readdirSync, statfsSync } from "node:fs";
     const { bfree, ffree } = statfsSync("/");
     __return([readdirSync("/proc/self/fd").length, bfree, ffree]);`,
  );
  return value;
}

describe("a guest's processes", { timeout: 60_000 }, () => {
  test("are as many as the limit allows, the first included", async () => {
    const { stdout } = await runtime.exec(
      `${prelude}
       const started = [];
       let refused;
       while (refused === undefined) {
         const child = spawn(node, idle);
         child.on("error", (error) => { refused = error });
         await Promise.race([once(child, "spawn"), once(child, "error")]).catch(() => {});
         if (refused === undefined) started.push(child);
       }
       console.log(started.length, refused.message);
       console.log(spawnSync(node, ["-v"]).error.code);
       started[0].kill();
       await once(started[0], "exit");
       console.log(String(execFileSync(node, ["-p", "'room'"])).trim());
       process.exit();`,
      { timeout: 30_000 },
    );
    expect(stdout).toBe("5 spawn /usr/local/bin/node EAGAIN\nEAGAIN\nroom\n");
    await expectAlive();
  });

  test("that start each other without end stay within it, and end with their call", async () => {
    const bomb = `
      const { spawn } = require("child_process");
      const again = () => spawn(process.execPath, ["-e", process._eval]).on("error", () => {});
      for (let i = 0; i < 3; i++) again();
      setInterval(again, 20);`;
    const before = await leftOver();
    // Its own end, and no timeout, which has less patience with a busy computer.
    const { exitCode } = await runtime.exec(
      `${prelude} spawn(node, ["-e", ${JSON.stringify(bomb)}]); setTimeout(() => process.exit(3), 2000);`,
    );
    expect(exitCode).toBe(3);
    await expectAlive();
    expect(await leftOver()).toEqual(before);
  });

  test("end with the process that the host has started", async () => {
    const before = await leftOver();
    const { stdout } = await runtime.exec(
      `${prelude}
       const child = spawn(node, idle, { detached: true, stdio: "ignore" });
       child.unref();
       await once(child, "spawn");
       console.log(child.pid);`,
    );
    const { value } = await runtime.run<string>(
      `try { process.kill(${Number(stdout)}, 0); __return("alive") } catch (error) { __return(error.code) }`,
    );
    expect(value).toBe("ESRCH");
    expect(await leftOver()).toEqual(before);
  });

  test("leave nothing behind, one after the other", async () => {
    const before = await leftOver();
    const { stdout } = await runtime.exec(
      `${prelude}
       let sum = 0;
       for (let i = 0; i < 60; i++) sum += Number(execFileSync(node, ["-p", String(i)]));
       console.log(sum);`,
      { timeout: 50_000 },
    );
    expect(stdout).toBe(`${(59 * 60) / 2}\n`);
    expect(await leftOver()).toEqual(before);
  });

  test("have no more descriptors than may be open, and keep none for ever", async () => {
    const before = await leftOver();
    const { stdout } = await runtime.exec(
      `${prelude}
       import { openSync, unlinkSync, writeFileSync } from "node:fs";
       writeFileSync("held", Buffer.alloc(100_000));
       const fd = openSync("held");
       unlinkSync("held");
       for (const count of [100, 4000]) {
         const { status, error } = spawnSync(node, ["-e", "0"], { stdio: Array(count).fill(fd) });
         console.log(status, error?.code);
       }`,
      { timeout: 20_000 },
    );
    expect(stdout).toBe("0 undefined\nnull EINVAL\n");
    expect(await leftOver()).toEqual(before);
  });

  test("hold each other back when nobody reads", async () => {
    const { stdout } = await runtime.exec(
      `${prelude}
       const flood = spawn(node, ["-e", "for (;;) require('fs').writeSync(1, 'x'.repeat(65536))"]);
       flood.stdout.pause();
       await new Promise((resolve) => setTimeout(resolve, 500));
       flood.kill("SIGKILL");
       const [, signal] = await once(flood, "exit");
       console.log(signal, process.memoryUsage().arrayBuffers < 16 << 20);`,
      { timeout: 20_000 },
    );
    expect(stdout).toBe("SIGKILL true\n");
    await expectAlive();
  });

  test("that take too much memory are ended alone", async () => {
    const { stdout, exitCode } = await runtime.exec(
      `${prelude}
       const hog = spawn(node, ["-e", "const all = []; for (;;) all.push(new Array(1e5).fill(1.5))"], { stdio: "ignore" });
       console.log(...await once(hog, "exit"));`,
      { timeout: 30_000 },
    );
    expect([stdout, exitCode]).toEqual(["null SIGKILL\n", 0]);
    await expectAlive();
  });

  test("are made and gone by the hundred, and leave nothing behind", async () => {
    const before = await leftOver();
    const { stdout } = await runtime.exec(
      `${prelude}
       let good = 0;
       for (let i = 0; i < 300; i++) if (spawnSync("true").status === 0) good++;
       console.log(good);`,
      { timeout: 55_000 },
    );
    expect(stdout).toBe("300\n");
    expect(await leftOver()).toEqual(before);
  });

  test("that ignore SIGTERM end by SIGKILL, and with their call", async () => {
    const deaf = "process.on('SIGTERM', () => {}); setInterval(() => {}, 1000); console.log('deaf')";
    const before = await leftOver();
    const abort = new AbortController();
    let stdout = "";
    const call = runtime.exec(
      `${prelude}
       const child = spawn(node, ["-e", ${JSON.stringify(deaf)}]);
       await once(child.stdout, "data");
       for (let i = 0; i < 5; i++) child.kill("SIGTERM");
       console.log(spawnSync(node, ["-p", "1"]).status, child.exitCode, child.signalCode);
       child.kill("SIGKILL");
       console.log(...await once(child, "exit"));
       const other = spawn(node, ["-e", ${JSON.stringify(deaf)}]);
       await once(other.stdout, "data");
       console.log("ready");
       setInterval(() => {}, 1000);`,
      {
        signal: abort.signal,
        onStdout: (text) => {
          stdout += text;
          if (stdout.endsWith("ready\n")) abort.abort(new Error("enough"));
        },
      },
    );
    await expect(call).rejects.toThrow("enough");
    expect(stdout).toBe("0 null null\nnull SIGKILL\nready\n");
    await expectAlive();
    expect(await leftOver()).toEqual(before);
  });

  test("of a pipeline that floods are held back, and end with its reader", async () => {
    const before = await leftOver();
    const { stdout, exitCode } = await runtime.command(
      "sh",
      ["-c", "yes | cat | cat | head -c 3000000 | wc -c; yes | head -n 1"],
      { timeout: 50_000 },
    );
    expect([stdout, exitCode]).toEqual(["3000000\ny\n", 0]);
    expect(await leftOver()).toEqual(before);
  });

  test("whose parent is killed in the middle of a pipe see its end, and are gone with the call", async () => {
    const parent = `
      const { spawn } = require("child_process");
      const reader = spawn(process.execPath, ["-e", "process.stdin.resume().on('end', () => console.log('the end'))"],
        { stdio: ["pipe", "inherit", "inherit"] });
      setInterval(() => reader.stdin.write("x".repeat(1000)), 1);
      setTimeout(() => console.log("writing"), 20);`;
    const before = await leftOver();
    const { stdout } = await runtime.exec(
      `${prelude}
       const child = spawn(node, ["-e", ${JSON.stringify(parent)}]);
       child.stdout.setEncoding("utf8");
       await once(child.stdout, "data");
       let rest = "";
       child.stdout.on("data", (text) => { rest += text });
       // The child of the child holds the pipe until it has seen its own end.
       const ended = once(child.stdout, "end");
       child.kill("SIGKILL");
       await once(child, "exit");
       await ended;
       console.log(JSON.stringify(rest));`,
      { timeout: 30_000 },
    );
    expect(stdout).toBe('"the end\\n"\n');
    expect(await leftOver()).toEqual(before);
  });

  test("that flood one runtime leave others and the host at work", async () => {
    await using stormy = await NodeRuntime.create({ limits: { processes: 6 } });
    const bomb = `for (;;) {
      try { require("child_process").spawn(process.execPath, ["-e", process._eval]).on("error", () => {}) } catch {}
    }`;
    const storm = stormy.exec(
      `${prelude}
       for (let i = 0; i < 3; i++) spawn(node, ["-e", ${JSON.stringify(bomb)}]);
       setInterval(() => {}, 1000);`,
      { timeout: 1500 },
    );
    let over = false;
    storm.finally(() => {
      over = true;
    });
    do await expectAlive();
    while (!over);
    expect((await storm).termination?.reason).toBe("timeout");
    expect((await stormy.run("__return(1)")).value).toBe(1);
  });

  test("get no flag that shows V8's own functions to the whole machine", async () => {
    const { stdout } = await runtime.exec(
      `${prelude}
       for (const args of [["--allow-natives-syntax"], ["--allow_natives_syntax"]]) {
         const { status, stderr } = spawnSync(node, [...args, "-e", "0"]);
         console.log(status, String(stderr).trim());
       }
       const { status, stderr } = spawnSync(node, ["-e", "0"], { env: { NODE_OPTIONS: "--allow-natives-syntax" } });
       console.log(status, String(stderr).includes("natives"));`,
    );
    expect(stdout).toBe(
      "9 node: bad option: --allow-natives-syntax\n9 node: bad option: --allow-natives-syntax\n9 true\n",
    );
  });

  test("never cost the machine", () => {
    expect(revivals).toBe(0);
  });
});
