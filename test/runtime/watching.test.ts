import { NodeRuntime } from "secure-exec";
import { afterAll, beforeAll, describe, expect, test } from "vitest";

let rt: NodeRuntime;

beforeAll(async () => {
  rt = await NodeRuntime.create();
});

afterAll(() => rt.dispose());

/** A program that watches `path` and prints events until the file `stop` in it comes; resolves once it watches. */
async function watcher(path: string, options = "{}") {
  let lines = "";
  let begin: () => void = () => {};
  const began = new Promise<void>((resolve) => {
    begin = resolve;
  });
  const call = rt.exec(
    `import fs from "node:fs";
     const watcher = fs.watch(${JSON.stringify(path)}, ${options}, (type, name) => {
       console.log(type, name);
       if (name === "stop") watcher.close();
     });
     console.log("ready");`,
    {
      timeout: 20_000,
      onStdout: (text) => {
        lines += text;
        if (lines.startsWith("ready\n")) begin();
      },
    },
  );
  await began;
  return { call, lines: () => lines.split("\n").slice(1, -1) };
}

describe("a watching program", () => {
  test("sees what another program and the host do", async () => {
    await rt.mkdir("/tmp/seen");
    const { call, lines } = await watcher("/tmp/seen");
    const other = await watcher("/tmp/seen");
    await rt.exec(
      `import fs from "node:fs"; fs.mkdirSync("/tmp/seen/a"); fs.writeFileSync("/tmp/seen/b", "1")`,
    );
    await expect.poll(lines).toEqual(["rename a", "rename b", "change b"]);
    await rt.writeFile("/tmp/seen/b", "from the host");
    await expect.poll(() => lines().length).toBeGreaterThan(3);
    await rt.rename("/tmp/seen/b", "/tmp/seen/c");
    await rt.rm("/tmp/seen/a", { recursive: true });
    await rt.writeFile("/tmp/seen/stop", "");
    const { exitCode } = await call;
    expect(exitCode).toBe(0);
    const expected = ["rename b", "rename c", "rename a"];
    expect(
      lines()
        .filter((line) => line.startsWith("rename"))
        .slice(2, 5),
    ).toEqual(expected);
    expect((await other.call).stdout).toContain("rename c");
  });

  test("ends by itself when nothing else is left to watch", async () => {
    const { exitCode, stdout } = await rt.exec(
      `import fs from "node:fs";
       fs.watch("/tmp", { persistent: false });
       fs.watchFile("/tmp/none", { persistent: false }, () => console.log("told"));
       fs.watch("/tmp").unref();
       console.log("end");`,
    );
    expect({ exitCode, stdout }).toEqual({ exitCode: 0, stdout: "end\ntold\n" });
  });

  test("is forgotten when it is killed", async () => {
    for (let round = 0; round < 70; round++) {
      const controller = new AbortController();
      const call = rt.exec(
        `import fs from "node:fs"; fs.watch("/tmp"); console.log("up"); setInterval(() => {}, 1000)`,
        { signal: controller.signal, onStdout: () => controller.abort("enough") },
      );
      await expect(call).rejects.toBe("enough");
    }
    const { call } = await watcher("/tmp");
    await rt.writeFile("/tmp/stop", "");
    expect((await call).exitCode).toBe(0);
  });

  test("gets Node's error at the limit of watches", async () => {
    const { stdout } = await rt.exec(
      `import fs from "node:fs";
       const watchers = [];
       let error;
       for (let i = 0; error === undefined; i++) {
         fs.mkdirSync("/tmp/many/" + i, { recursive: true });
         try { watchers.push(fs.watch("/tmp/many/" + i)); } catch (thrown) { error = thrown; }
       }
       console.log(watchers.length, error.code, error.message);
       for (const watcher of watchers) watcher.close();
       fs.watch("/tmp/many").close();
       fs.rmSync("/tmp/many", { recursive: true });`,
    );
    expect(stdout).toBe(
      "8192 ENOSPC ENOSPC: System limit for number of file watchers reached, watch '/tmp/many/8192'\n",
    );
  });
});

describe("a flood of events", () => {
  test("costs those who don't read it some of them, and nobody else", async () => {
    await rt.mkdir("/tmp/flood");
    const { call, lines } = await watcher("/tmp/flood");
    const deaf = rt.exec(`import fs from "node:fs"; fs.watch("/tmp/flood", () => { for (;;); }); for (;;);`, {
      timeout: 3000,
    });
    const flood = rt.exec(
      `import fs from "node:fs";
       const end = Date.now() + 1500;
       for (let i = 0; Date.now() < end; i++) {
         const name = "/tmp/flood/" + "n".repeat(200) + (i % 10);
         fs.writeFileSync(name, "x");
         fs.unlinkSync(name);
       }`,
    );
    const began = performance.now();
    await rt.writeFile("/tmp/flood-host", "host");
    expect(await rt.readFile("/tmp/flood-host", "utf8")).toBe("host");
    expect(performance.now() - began).toBeLessThan(2000);
    expect((await flood).exitCode).toBe(0);
    await expect.poll(() => lines().length, { timeout: 10_000 }).toBeGreaterThan(100);
    // It may take a while until this one has room for it again.
    const stop = setInterval(() => void rt.writeFile("/tmp/flood/stop", String(Math.random())), 100);
    expect((await call).exitCode).toBe(0);
    clearInterval(stop);
    expect((await deaf).exitCode).toBe(124);
  });
});
