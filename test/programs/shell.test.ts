import { spawnSync } from "node:child_process";
import { existsSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, beforeAll, expect, test } from "vitest";
import { NodeRuntime } from "../../src/index.js";
import { commands } from "../../src/programs/commands.js";
import { commandNames } from "../../src/programs/names.js";
import { archiveScripts } from "./archive-scripts.js";
import { awkScripts } from "./awk-scripts.js";
import { commandScripts } from "./command-scripts.js";
import { filterScripts } from "./filter-scripts.js";
import { scripts } from "./scripts.js";

/* The guest's shell beside the shell of this computer. */

interface Outcome {
  stdout: string;
  stderr: string;
  status: number | null;
}

const BASH = "/bin/bash";
let rt: NodeRuntime;
let directory = "";

beforeAll(async () => {
  directory = mkdtempSync(join(tmpdir(), "secure-exec-shell-"));
  rt = await NodeRuntime.create();
});

afterAll(async () => {
  await rt.dispose();
  rmSync(directory, { recursive: true });
});

/** What bash says, under the name that the guest's shell has. */
function expected(script: string): Outcome {
  const env = { PATH: "/usr/bin:/bin", HOME: "/home/user" };
  const args = ["--norc", "-c", script, "sh", "x1", "x2"];
  const cwd = mkdtempSync(join(directory, "run-"));
  const { stdout, stderr, status } = spawnSync(BASH, args, { cwd, env, encoding: "utf8" });
  return { stdout, stderr, status };
}

async function guest(script: string): Promise<Outcome> {
  const { value, stderr } = await rt.run<Outcome>(
    `import { spawnSync } from "node:child_process";
     import { mkdtempSync } from "node:fs";
     const cwd = mkdtempSync("/tmp/run-");
     const args = ["-c", ${JSON.stringify(script)}, "sh", "x1", "x2"];
     const { stdout, stderr, status } = spawnSync("sh", args, { cwd, encoding: "utf8" });
     __return({ stdout, stderr, status });`,
    { timeout: 20_000 },
  );
  if (value === undefined) throw new Error(stderr);
  return value;
}

test
  .skipIf(!existsSync(BASH))
  .each([...scripts, ...commandScripts, ...filterScripts, ...archiveScripts, ...awkScripts])(
  "%s",
  async (script) => {
    expect(await guest(script)).toEqual(expected(script));
  },
);

test("every command is in /bin by its name", () => {
  expect(commandNames).toEqual(Object.keys(commands));
});

test("a slow stage and its sink run at once", async () => {
  const { stdout } = await guest(
    "(echo a; sleep 1; echo b) | cat | grep . | while read x; do date +%s%N; done",
  );
  const [first, second] = stdout.trim().split("\n").map(BigInt) as [bigint, bigint];
  expect(second - first).toBeGreaterThan(900_000_000n);
});

test("a flood takes no memory", async () => {
  const { stdout } = await guest("yes | head -c 100000000 | wc -c; grep VmRSS /proc/self/status");
  const [bytes, memory] = stdout.trim().split("\n") as [string, string];
  expect(bytes).toBe("100000000");
  expect(Number(/\d+/.exec(memory)?.[0])).toBeLessThan(200_000);
});

test("no command changes what is not the user's", async () => {
  const attempts = [
    "rm /bin/sh",
    "mv /bin/cat /tmp",
    "chmod 777 /bin/sh",
    "cp /etc/passwd /bin/sh",
    "ln -sf x /bin/ls",
    "echo x | tee /bin/sh",
    "touch /bin/new",
    "rm -rf /etc",
  ];
  for (const attempt of attempts) expect((await guest(attempt)).status, attempt).toBe(1);
  expect((await guest("cat /bin/sh | wc -l; ls /etc/passwd; ls /bin/new")).stdout).toBe("1\n/etc/passwd\n");
});
