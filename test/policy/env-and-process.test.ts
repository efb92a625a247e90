import { NodeRuntime } from "secure-exec";
import { describe, expect, test } from "vitest";

const attempt = `
  const attempt = (work) => {
    try {
      return work() ?? "done";
    } catch ({ message, code }) {
      return [code, message].join(" ");
    }
  };`;

describe("env", () => {
  test("what may not be read isn't there, and what may not be written stays", async () => {
    await using rt = await NodeRuntime.create({
      env: { AWS_KEY: "hidden", FIXED: "as it is", FREE: "1" },
      permissions: {
        env: {
          default: "allow",
          rules: [
            { mode: "deny", patterns: ["AWS_*"] },
            { mode: "deny", operations: ["write"], patterns: ["FIXED"] },
          ],
        },
      },
    });
    const { value, stderr } = await rt.run(
      `${attempt}
      import { writeFileSync } from "node:fs";
      import { homedir } from "node:os";
      import { Worker } from "node:worker_threads";
      const { env } = process;
      writeFileSync(".env", "FIXED=other\\nAWS_B=2\\nFROM_FILE=3");
      const out = {
        read: [env.AWS_KEY, env.AWS_CALL, "AWS_KEY" in env, Object.hasOwn(env, "AWS_KEY"), env.FIXED, env.FREE],
        names: Object.keys(env).filter((name) => /AWS|FI|FR/.test(name)).sort(),
        copied: Object.entries({ ...env }).filter(([name]) => name.startsWith("AWS")),
        written: [
          attempt(() => (env.FIXED = "x")),
          attempt(() => delete env.FIXED),
          attempt(() => Object.defineProperty(env, "FIXED", { value: "x", writable: true, enumerable: true, configurable: true })),
          attempt(() => Object.assign(env, { AWS_NEW: "x" })),
          attempt(() => Reflect.set(env, "FREE", 2)),
          attempt(() => process.loadEnvFile()),
          attempt(() => delete env.FROM_FILE),
        ],
        after: [env.FIXED, env.FREE, env.AWS_NEW, env.AWS_B, env.FROM_FILE, typeof env.toString, homedir()],
      };
      const worker = new Worker(\`
        import { parentPort } from "node:worker_threads";
        let code;
        try { process.env.FIXED = "x" } catch (error) { code = error.code }
        parentPort.postMessage([process.env.FIXED, process.env.AWS_KEY, process.env.FREE, code]);
      \`, { eval: true });
      out.thread = await new Promise((resolve) => worker.on("message", resolve));
      __return(out);`,
      { env: { AWS_CALL: "hidden" } },
    );
    expect(stderr).toBe("");
    const refused = (call: string, name: string) => `EACCES EACCES: permission denied, ${call} '${name}'`;
    expect(value).toEqual({
      read: [null, null, false, false, "as it is", "1"],
      names: ["FIXED", "FREE"],
      copied: [],
      written: [
        refused("setenv", "FIXED"),
        refused("unsetenv", "FIXED"),
        refused("setenv", "FIXED"),
        refused("setenv", "AWS_NEW"),
        true,
        refused("setenv", "AWS_B"),
        true,
      ],
      after: ["as it is", "2", null, null, null, "function", "/home/user"],
      thread: ["as it is", null, "2", "EACCES"],
    });
  });

  test("denied as a whole, nothing is there", async () => {
    await using rt = await NodeRuntime.create({ env: { A: "1" }, permissions: { env: "deny" } });
    const { stdout, stderr } = await rt.exec(
      `${attempt} console.log({ ...process.env }, attempt(() => (process.env.A = 1)));`,
    );
    expect(stderr).toBe("");
    expect(stdout).toBe("{} EACCES EACCES: permission denied, setenv 'A'\n");
  });
});

test("process: what is denied throws with its name", async () => {
  await using rt = await NodeRuntime.create({ permissions: { process: "deny" } });
  const { stdout, stderr, exitCode } = await rt.exec(`${attempt}
    const say = (work) => console.log(attempt(work));
    say(() => process.chdir("/tmp"));
    say(() => process.umask(0));
    say(() => process.umask());
    say(() => process.setuid(1000));
    say(() => process.setgroups([1]));
    say(() => process.memoryUsage());
    say(() => process.memoryUsage.rss());
    say(() => process.cpuUsage());
    say(() => process.resourceUsage());
    say(() => process.cwd());
    process.exit(4);
  `);
  expect(stderr).toBe("");
  expect(stdout.trim().split("\n")).toEqual([
    "EACCES EACCES: permission denied, chdir '/home/user' -> '/tmp'",
    "EACCES EACCES: permission denied, umask",
    "18",
    "EACCES EACCES: permission denied, setuid",
    "EACCES EACCES: permission denied, setgroups",
    "EACCES EACCES: permission denied, memoryUsage",
    "EACCES EACCES: permission denied, memoryUsage",
    "EACCES EACCES: permission denied, cpuUsage",
    "EACCES EACCES: permission denied, resourceUsage",
    "/home/user",
  ]);
  expect(exitCode).toBe(4);
});
